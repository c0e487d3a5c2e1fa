import ArgumentParser
import Experiments
import Foundation

/// `searchlight collect`: makes the report of the runs that are done.
struct CollectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Makes the report of a submitted suite from the runs that are done so far.",
    discussion: """
      Example: searchlight collect cifar10-methods

      May be typed at any time; says what is missing. 'searchlight run' does this at its end.
      """)

  @OptionGroup var arguments: SuiteArguments

  func run() async throws {
    try await CommandFailure.reporting {
      let session = try SuiteSession(recordsOf: arguments.suite)
      guard SuiteSession.isFile(session.folder.lock) else {
        throw CommandFailure(
          "suite '\(session.suite.name)' was not submitted yet; type 'searchlight submit "
            + "\(arguments.suite)'")
      }
      let evaluators = try session.evaluators()
      let lock = try session.lock(evaluators)
      let taken = try session.folder.lockForRunning()
      defer { withExtendedLifetime(taken) {} }
      let results = try session.collect(lock, evaluators)
      try session.report(results)
      let states = RunState.glance(at: session.suite.runs, in: session.folder)
      let done = states.count { $0.stage == .finished }
      Output.line(
        "\(session.suite.name): \(done) of \(states.count) runs done; report: "
          + session.folder.root.appending(path: "report.pdf").relativePath)
      results.answers.forEach { Output.line($0) }
      if done < states.count {
        Output.line(
          "\(states.count - done) missing; type 'searchlight status \(arguments.suite)' to see where "
            + "they are, and 'searchlight submit \(arguments.suite)' to submit those again that are "
            + "in no queue")
      }
    }
  }
}
