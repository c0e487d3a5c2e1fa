import ArgumentParser
import Experiments
import Foundation
import SearchCore
import TensorCore

/// `searchlight worker`: does one run, as a process of its own.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Does one run of a suite; `searchlight run` starts it.",
    discussion: "Example: searchlight worker --suite reports/quick/suite.lock.yaml --run "
      + "shapes/random-search/0",
    shouldDisplay: false)

  @Option(help: "The lock file in the suite's results folder.")
  var suite: String

  @Option(help: "Id of the run: <study>/<method>/<seed index>.")
  var run: String

  @Option(help: "Threads to compute on.")
  var threads = 1

  @Option(help: "Code that multiplies matrices.")
  var blas: BLASBackend = .standard

  @Flag(help: "Stop when standard input ends: the process that started this one is gone.")
  var attached = false

  @Option(help: "Memory that the run may use, in bytes.")
  var memory: Int?

  @Option(help: "Steps between checkpoints, for tests; by default as often as costs little.")
  var checkpointSteps: Int?

  func run() async throws {
    Output.outliveReaders()
    try await CommandFailure.reporting {
      let session = try SuiteSession(suite, blas: blas)
      try Relaunch.withOpenBLASKernel(named: session.suite.openBLASKernel)
      let signals = StopSignals(endsWithInput: attached)
      guard let run = session.suite.runs.first(where: { $0.id == run }) else {
        throw CommandFailure("suite '\(session.suite.name)' has no run '\(run)'")
      }
      let workbench = session.workbench
      let evaluator = try workbench.evaluator(
        of: run.study, space: run.space, in: session.suite, threads: threads)
      let facts =
        workbench.environmentFacts() + [EnvironmentFact(name: "threads a run", value: "\(threads)")]
      let end = try workbench.execute(
        run, of: session.suite, evaluator: evaluator, in: session.folder, environment: facts,
        stop: signals.flag,
        conditions: RunConditions(
          checkpoints: checkpointSteps.map { .steps(max(1, $0)) } ?? .standard,
          lockWaitSeconds: attached ? 60 : 0, memoryLimitBytes: memory))
      if end == .interrupted { throw ExitCode(WorkerExit.interruptedCode) }
    }
  }
}
