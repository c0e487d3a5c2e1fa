import Foundation
import OperationCosts
import Randomness
import SearchCore

/// Executes a suite, several runs at once: those that train as processes of their own, those on
/// recorded tables on threads of this process.
///
/// A failed run never stops the others. A stop request reaches every process, and running again
/// continues.
public final class SuiteRunner {
  /// How to run.
  public struct Options: Sendable {
    /// Processes, or threads of runs on tables, at once; at least 1.
    public var jobs: Int
    /// Facts about machine and program, for the record.
    public var environment: [EnvironmentFact]
    /// Seconds between looks at the processes.
    public var pollSeconds = 0.2
    /// Does the runs in an order drawn from this seed instead of the suite's; for tests.
    public var orderSeed: UInt64?

    /// Chooses how to run.
    public init(jobs: Int, environment: [EnvironmentFact]) {
      self.jobs = jobs
      self.environment = environment
    }
  }

  private let suite: Suite
  private let workbench: any Workbench & Sendable
  private let folder: ResultsFolder
  private let launcher: any WorkerLauncher
  private let options: Options
  private let stop: StopFlag
  /// Told of every change; the states are in the order of the suite's runs.
  private let watch: ([RunState]) -> Void

  private let runs: [RunSpecification]
  private var states: [RunState]
  private var lastShown = 0.0

  /// Prepares the runner of a suite whose folder is ready.
  public init(
    suite: Suite, workbench: any Workbench & Sendable, folder: ResultsFolder,
    launcher: any WorkerLauncher, options: Options, stop: StopFlag,
    watch: @escaping ([RunState]) -> Void
  ) {
    self.suite = suite
    self.workbench = workbench
    self.folder = folder
    self.launcher = launcher
    self.options = options
    self.stop = stop
    self.watch = watch
    runs = suite.runs
    states = runs.map { RunState(run: $0.id) }
  }

  /// Does every run that is not done yet.
  ///
  /// - Returns: How each run ended, also if some failed or all were stopped.
  public func run() throws -> SuiteOutcome {
    var order = Array(runs.indices)
    if let seed = options.orderSeed {
      var generator = RandomKey(seed: seed).child("order").generator()
      generator.shuffle(&order)
    }
    runHere(order.filter { !runs[$0].study.trains })
    runAsProcesses(order.filter { runs[$0].study.trains })
    show(always: true)
    return SuiteOutcome(states: states)
  }

  private func runHere(_ indices: [Int]) {
    let tables = TableRuns(
      indices, of: runs, suite: suite, workbench: workbench, folder: folder,
      environment: options.environment, stop: stop)
    tables.run(threads: options.jobs) { news in
      switch news {
      case .begun(let index): states[index].stage = .running
      case .ended(let index, let end, let progress):
        states[index].progress = progress
        finish(index, end)
      case .failed(let index, let message): fail(index, message)
      case .threadEnded: break
      }
      show(always: false)
    }
  }

  private func runAsProcesses(_ indices: [Int]) {
    var waiting: [Int] = []
    for index in indices {
      states[index] = RunState.read(runs[index], in: folder)
      if states[index].stage != .finished { waiting.append(index) }
    }
    waiting.reverse()
    var working: [(index: Int, process: any WorkerProcess)] = []
    while !working.isEmpty || (!waiting.isEmpty && !stop.isRaised) {
      while working.count < options.jobs, !stop.isRaised, let index = waiting.popLast() {
        start(index).map { working.append((index, $0)) }
      }
      if stop.isRaised { working.forEach { $0.process.terminate() } }
      Thread.sleep(forTimeInterval: options.pollSeconds)
      for (index, process) in working {
        states[index].progress = RunProgress.read(folder.progress(of: runs[index]))
        if let exit = process.exit { end(index, exit) }
      }
      working.removeAll { $0.process.exit != nil }
      show(always: false)
    }
  }

  private func start(_ index: Int) -> (any WorkerProcess)? {
    states[index].stage = .running
    states[index].message = nil
    show(always: true)
    do {
      return try launcher.launch(
        runs[index], lock: folder.lock, log: folder.log(of: runs[index]))
    } catch {
      fail(index, "\(error)")
      return nil
    }
  }

  private func end(_ index: Int, _ exit: WorkerExit) {
    let found = RunState.read(runs[index], in: folder)
    switch exit {
    case .finished where found.stage == .finished: states[index] = found
    case .finished: fail(index, "its process ended without the record of a finished run")
    case .interrupted: states[index].stage = .interrupted
    // Asked to stop before it could listen; its records are those of any kill.
    case .killed(SIGTERM) where stop.isRaised: states[index].stage = .interrupted
    case .failed(WorkerExit.unsaidCode): fail(index, unsaid(index))
    case .failed(let code):
      states[index].status = found.status
      fail(index, found.message ?? lastLogLine(of: index) ?? "its process ended with code \(code)")
    case .killed(let signal):
      states[index].status = .killed
      fail(index, "its process was killed by signal \(signal)")
    }
    show(always: true)
  }

  /// The last line that a run's process printed: why it could not even begin.
  private func lastLogLine(of index: Int) -> String? {
    let log = folder.log(of: runs[index])
    guard let text = try? EditedText(contentsOf: log, limitBytes: 1 << 28) else { return nil }
    return text.lines.last { !$0.isEmpty }.map { String($0.prefix(500)) }
  }

  /// Why a run's process could not say what went wrong: what the system answers to another try.
  private func unsaid(_ index: Int) -> String {
    let log = folder.log(of: runs[index])
    let descriptor = open(log.path, O_WRONLY | O_APPEND | O_CLOEXEC)
    defer { close(descriptor) }
    do {
      guard descriptor >= 0 else { throw RecordFile.failure("open", log) }
      let line = "searchlight: here stands what could not be written before\n"
      try RecordFile.writeAll(Data(line.utf8), to: descriptor, of: log)
      return "\(log.path): its process could not write this file; free some space and run again"
    } catch {
      return "\(error)"
    }
  }

  private func finish(_ index: Int, _ end: RunExecutor.End) {
    switch end {
    case .finished(let status):
      states[index].stage = .finished
      states[index].status = status
    case .interrupted: states[index].stage = .interrupted
    }
  }

  private func fail(_ index: Int, _ message: String) {
    states[index].stage = .failed
    states[index].message = message
    show(always: true)
  }

  private func show(always: Bool) {
    let now = SystemClock().monotonicSeconds()
    guard always || now - lastShown >= 0.2 else { return }
    lastShown = now
    watch(states)
  }
}

extension Workbench {
  /// Prepares the evaluator of one of a suite's studies.
  public func evaluator(
    of study: Study, space: String, in suite: Suite, threads: Int = 1
  ) throws -> any Evaluator {
    let keys = RunKeys(suiteSeed: suite.seed, task: study.task, method: "", seedIndex: 0)
    return try evaluator(
      for: EvaluatorRequest(
        study: study, space: space, device: device(named: suite.device), splitKey: keys.split,
        threads: threads))
  }

  /// Does one run, or what is left of it, in this process.
  ///
  /// - Parameter clock: Measures the run, and nothing that this process does beside it.
  public func execute(
    _ run: RunSpecification, of suite: Suite, evaluator: any Evaluator, in folder: ResultsFolder,
    environment: [EnvironmentFact], clock: any RunClock = SystemClock(), stop: StopFlag,
    conditions: RunConditions = RunConditions()
  ) throws -> RunExecutor.End {
    try RunExecutor(
      suite: suite, run: run, procedure: procedure(of: run), evaluator: evaluator,
      folder: folder.folder(of: run), environment: environment, clock: clock,
      stop: stop, conditions: conditions
    ).execute()
  }

  private func procedure(of run: RunSpecification) throws -> SearchProcedure {
    if let plugin = run.method.plugin {
      return .proposals { try searcher(of: plugin, for: $0) }
    }
    guard let method = methods.first(where: { $0.name == run.method.name }) else {
      throw SuiteError("\(run.id): there is no method '\(run.method.name)'")
    }
    return SearchProcedure(of: method, settings: run.method.settings)
  }
}
