import ArgumentParser
import Experiments
import Foundation
import Reports
import ResultsStore
import SearchSpaces

/// `searchlight compare`: two sets of results side by side.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Sets two sets of results side by side, with a test of the difference.",
    discussion: """
      Example:
        searchlight compare quick reports/quick.1

      Each is the name of a suite that was run, or a folder of results. Methods that both have
      are compared by Welch's test, corrected by Holm's method; scores are as printed.
      """)

  @Argument(help: "A suite that was run, or a folder of results.")
  var first: String

  @Argument(help: "Another one.")
  var second: String

  @Flag(help: "Print tab-separated values.")
  var tsv = false

  func run() async throws {
    try await CommandFailure.reporting {
      let project = try ProjectFolder.find()
      let comparison = ResultsComparison(
        try Self.results(first, in: project), try Self.results(second, in: project))
      if tsv {
        for row in comparison.table { Output.line(row.joined(separator: "\t")) }
        return
      }
      if !comparison.rows.isEmpty {
        for line in TableText.aligned(comparison.table) { Output.line(line) }
      }
      Output.line(comparison.answer)
    }
  }

  /// Reads a set of results.
  static func results(_ name: String, in project: ProjectFolder) throws -> SuiteResults {
    var folders = [URL(filePath: name), project.reports.appending(path: name)]
    if SuiteSession.isFile(URL(filePath: name)) {
      folders.append(try SuiteSession(recordsOf: name).folder.root)
    }
    let places = folders.map { SuiteRecords(in: ResultsFolder(root: $0)) }
    guard let records = places.first(where: \.exist) else {
      throw CommandFailure(
        "'\(name)' has no results; expected a suite that was run, or a folder of results such as "
          + "reports/quick")
    }
    return try records.results(spaces: SearchSpaceCatalog.all)
  }
}
