import ArgumentParser
import Foundation
import ResultsStore

/// `searchlight export`: a suite's results as a database.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a suite's results as an SQLite database, for queries of your own.",
    discussion: """
      Example:
        searchlight export quick --output quick.sqlite
        sqlite3 quick.sqlite "\(ResultsDatabase.examples[0].query.replacing("\n", with: " "))"

      Every run, trial, epoch, charge and learning curve; --schema prints the tables (units are in
      the columns' names) and more queries. What a report shows is also in reports/<suite>/ as CSV
      and JSON.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Option(name: .shortAndLong, help: "The file to write; without it the schema is printed.")
  var output: String?

  @Flag(help: "Print the tables and some queries, and write nothing.")
  var schema = false

  func run() async throws {
    try await CommandFailure.reporting {
      guard let output, !schema else { return printSchema() }
      let file = GivenFile(output)
      try file.check()
      let session = try SuiteSession(recordsOf: arguments.suite)
      let results = try session.results(typed: arguments.suite)
      try file.write(ResultsDatabase.data(of: results))
      Output.line("\(output): \(results.studies.map(\.runs.count).reduce(0, +)) runs")
    }
  }

  private func printSchema() {
    Output.line("PRAGMA user_version = \(ResultsDatabase.version);")
    for statement in ResultsDatabase.schema { Output.line("\(statement);") }
    for example in ResultsDatabase.examples {
      Output.line("\n-- \(example.question)\n\(example.query);")
    }
  }
}
