import ArgumentParser
import Experiments
import Foundation

/// `searchlight status`: where a suite's runs stand, from any terminal.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows where a suite's runs stand, also while another terminal runs them.",
    discussion: """
      Example:
        searchlight status quick
      """)

  @OptionGroup var arguments: SuiteArguments

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      let session = try SuiteSession(recordsOf: arguments.suite)
      let states = RunState.glance(at: session.suite.runs, in: session.folder)
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Output.line(String(decoding: try encoder.encode(states), as: UTF8.self))
      }
      for line in TableText.table(of: states, limit: 40) { Output.line(line) }
      Output.line(TableText.summary(of: states, suite: session.suite.name))
      for state in states { if let line = TableText.failure(of: state) { Output.line(line) } }
    }
  }
}
