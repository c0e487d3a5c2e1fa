import ArgumentParser
import Claims
import Foundation
import Reports
import ResultsStore

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
      let files = try session.report(session.results(typed: arguments.suite))
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
      results: results, published: try ClaimsRegistry(folder: workbench.claims).claims,
      baseline: workbench.baseline)
    return try writer.write(to: folder.root)
  }
}
