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
  var run: String?

  @Option(help: "File of a job array's elements: the runs of each on a line.")
  var elements: String?

  @Option(help: "Which element, from 0.")
  var element: Int?

  @Option(help: "Threads to compute on.")
  var threads = 1

  @Option(help: "Code that multiplies matrices.")
  var blas: BLASBackend = .standard

  @Flag(help: "Stop when standard input ends: the process that started this one is gone.")
  var attached = false

  @Flag(help: "Start the programs that the suite names as methods.")
  var allowCommands = false

  @Option(help: "Memory that the run may use, in bytes.")
  var memory: Int?

  @Option(help: "Steps between checkpoints, for tests; by default as often as costs little.")
  var checkpointSteps: Int?

  func run() async throws {
    Output.outliveReaders()
    try await CommandFailure.reporting {
      let session = try SuiteSession(
        suite, blas: blas, commands: CommandPermission(all: allowCommands))
      try Relaunch.withOpenBLASKernel(named: session.suite.openBLASKernel)
      let signals = StopSignals(endsWithInput: attached)
      var prepared: (study: Study, space: String, evaluator: any Evaluator)?
      var failures = 0
      let runs = try runs(of: session)
      for run in runs {
        do {
          if prepared?.study != run.study || prepared?.space != run.space {
            prepared = (
              run.study, run.space,
              try session.workbench.evaluator(
                of: run.study, space: run.space, in: session.suite, threads: threads)
            )
          }
          guard let evaluator = prepared?.evaluator else { continue }
          let end = try work(on: run, session, evaluator, signals.flag)
          if end == .interrupted { throw ExitCode(WorkerExit.interruptedCode) }
        } catch let error where runs.count > 1 && !(error is ExitCode) {
          // One failed run never stops the others.
          Output.say("\(error)")
          failures += 1
        }
      }
      guard failures == 0 else { throw CommandFailure("\(failures) of \(runs.count) runs failed") }
    }
  }

  /// The runs that are to be done.
  private func runs(of session: SuiteSession) throws -> [RunSpecification] {
    var ids = [run].compactMap { $0 }
    if let elements, let element {
      let lines = try ClusterRuns.lines(of: URL(filePath: elements))
      guard lines.indices.contains(element) else {
        throw CommandFailure("\(elements): has \(lines.count) elements; found element \(element)")
      }
      ids = lines[element]
    }
    guard !ids.isEmpty else {
      throw CommandFailure("expected --run, or --elements with --element")
    }
    let known = Dictionary(session.suite.runs.map { ($0.id, $0) }) { one, _ in one }
    return try ids.map { id in
      guard let run = known[id] else {
        throw CommandFailure("suite '\(session.suite.name)' has no run '\(id)'")
      }
      return run
    }
  }

  /// Does a run that is its own process's, or on a cluster its node's.
  private func work(
    on run: RunSpecification, _ session: SuiteSession, _ evaluator: any Evaluator, _ stop: StopFlag
  ) throws -> RunExecutor.End {
    let isOnCluster = elements != nil
    let lease = try RunLease(
      of: session.folder.folder(of: run),
      waitSeconds: isOnCluster ? RunLease.staleSeconds + 60 : attached ? 60 : 0,
      onLoss: { stop.raise() })
    defer { lease.end() }
    let facts =
      session.workbench.environmentFacts()
      + [EnvironmentFact(name: "threads a run", value: "\(threads)")]
    return try session.workbench.execute(
      run, of: session.suite, evaluator: evaluator, in: session.folder, environment: facts,
      stop: stop,
      conditions: RunConditions(
        checkpoints: checkpointSteps.map { .steps(max(1, $0)) } ?? .standard,
        lockWaitSeconds: attached || isOnCluster ? 60 : 0, memoryLimitBytes: memory))
  }
}
