import ArgumentParser
import Experiments
import Foundation
import Slurm

/// `searchlight status`: where a suite's runs stand, from any terminal.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows where a suite's runs stand, also while another terminal runs them.",
    discussion: """
      Example:
        searchlight status quick

      Of a suite that was submitted to Slurm it says which runs are queued there, and which are lost.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      let session = try SuiteSession(recordsOf: arguments.suite)
      let (states, note) = try states(of: session)
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Output.line(String(decoding: try encoder.encode(states), as: UTF8.self))
      }
      for line in TableText.table(of: states, limit: 40) { Output.line(line) }
      Output.line(TableText.summary(of: states, suite: session.suite.name))
      for state in states { if let line = TableText.failure(of: state) { Output.line(line) } }
      if let note { Output.line(note) }
      let lost = states.count { $0.stage == .lost }
      if lost > 0 {
        Output.line(
          "\(lost) lost: no longer in the cluster's queue and not done; type 'searchlight submit "
            + "\(arguments.suite)' to submit them again")
      }
    }
  }

  /// Where runs stand by their records and, if they were submitted, by the scheduler, asked once.
  private func states(of session: SuiteSession) throws -> ([RunState], note: String?) {
    let states = RunState.glance(at: session.suite.runs, in: session.folder)
    let cluster = try ClusterRuns(in: session.folder)
    guard cluster.count > 0, states.contains(where: { $0.stage != .finished }) else {
      return (states, nil)
    }
    do {
      return (cluster.overlay(states, queue: try SlurmClient().queue()), nil)
    } catch let error as SlurmError {
      // The records are the truth.
      return (states, "by the records alone: \(error)")
    }
  }
}
