import ArgumentParser
import Claims
import Foundation
import Reports
import ResultsStore
import SearchSpaces

/// `searchlight report`: renders a suite's report from its records.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Renders a suite's report from its records.",
    discussion: """
      Example:
        searchlight report quick

      Writes report.pdf, charts (SVG and PNG) and tables (CSV, JSON, LaTeX) to reports/<suite>/. The
      same records give the same bytes. `searchlight run` does this at its end.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Flag(help: "Print the files that were written as JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      let session = try SuiteSession(recordsOf: arguments.suite)
      guard FileManager.default.fileExists(atPath: session.folder.store.path) else {
        throw CommandFailure(
          "suite '\(session.suite.name)' has no results yet; type 'searchlight run "
            + "\(arguments.suite)'")
      }
      let store = try ResultsStore(at: session.folder.store)
      let files = try session.report(store.results(spaces: SearchSpaceCatalog.all))
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        Output.line(String(decoding: try encoder.encode(files.map(\.path)), as: UTF8.self))
      } else if let pdf = files.first {
        Output.line("\(pdf.relativePath), and \(files.count - 1) charts and tables beside it")
      }
    }
  }
}

extension SuiteSession {
  /// Writes the report beside the results; the PDF comes first in the list.
  @discardableResult
  func report(_ results: SuiteResults) throws -> [URL] {
    let writer = ReportWriter(
      results: results, published: try published(), baseline: workbench.baseline)
    return try writer.write(to: folder.root)
  }

  /// Published results that the project keeps, in the order of their files' names.
  private func published() throws -> [PublishedResult] {
    let folder = workbench.claims
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return try names.filter { $0.hasSuffix(".csv") }.sorted().flatMap {
      try ClaimsFile.load(folder.appending(path: $0))
    }
  }
}
