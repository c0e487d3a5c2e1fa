import Foundation
import OperationCosts
import SearchCore

/// Does one run: asks the method, scores its proposals, charges the ledger, journals everything,
/// stops at the budget, and trains the selected architecture.
///
/// The same trajectory results whether the run goes through in one piece or is stopped and taken
/// up any number of times.
public final class RunExecutor {
  /// How executing ended.
  public enum End: Hashable, Sendable {
    case finished(RunStatus)
    /// A stop was asked for; running again continues.
    case interrupted
  }

  let suite: Suite
  let run: RunSpecification
  let evaluator: any Evaluator
  let recorder: RunRecorder
  let stop: StopFlag
  let keys: RunKeys
  let conditions: RunConditions
  let environment: [EnvironmentFact]
  let procedure: SearchProcedure
  /// The architecture that is trained without a search, in the paper's notation.
  let given: String?
  let observer: RunObserver

  var ledger = Ledger()
  var trials: [TrialRecord] = []
  var incumbent: TrialRecord?
  private var lastProgressSeconds: Double

  /// The names of pieces of work, as checkpoints and meters have them.
  static func work(ofTrial index: Int) -> String { "trial \(index)" }
  static let workOfOneShotSearch = "search"
  static let workOfFinalTraining = "final training"

  /// Seconds between two writings of the progress file.
  private static let progressPeriod = 0.5

  /// Prepares a run and takes its folder, so that no other process works on it.
  ///
  /// - Parameters:
  ///   - folder: The run's own folder.
  ///   - given: An architecture that is trained as a search's would be, and no search.
  ///   - environment: Facts about machine and program, for the record.
  ///   - observer: Told on the way.
  public init(
    suite: Suite, run: RunSpecification, procedure: SearchProcedure,
    evaluator: any Evaluator, folder: URL, given: String? = nil,
    environment: [EnvironmentFact] = [], observer: RunObserver = RunObserver(),
    clock: any RunClock = SystemClock(), stop: StopFlag = StopFlag(),
    conditions: RunConditions = RunConditions()
  ) throws(SuiteError) {
    self.suite = suite
    self.run = run
    self.procedure = procedure
    self.given = given
    self.observer = observer
    self.evaluator = evaluator
    self.stop = stop
    self.environment = environment
    self.conditions = conditions
    keys = RunKeys(suite: suite, run: run)
    recorder = try RunRecorder(
      folder: folder, clock: clock, period: conditions.checkpoints,
      lockWaitSeconds: conditions.lockWaitSeconds)
    lastProgressSeconds = recorder.activeSeconds
  }

  /// Does the run, or what is left of it.
  ///
  /// - Throws: What the evaluator threw, after it was journaled; `SuiteError` if records and run
  ///   do not agree.
  public func execute() throws -> End {
    if let finished = recorder.finished { return .finished(finished.status) }
    try checkEnvironment()
    try recorder.begin(run.id, environment)
    do {
      try recorder.record(.runStarted(firstRecord))
      try checkMemory()
      guard try given != nil || search() else { return .interrupted }
      guard let final = try select() else { return .interrupted }
      return try finish(final)
    } catch {
      // On a full disk this fails too; what was journaled before stays.
      _ = try? recorder.fail(error)
      throw error
    }
  }

  private var firstRecord: RunStarted {
    RunStarted(
      suite: suite.name, version: suite.version, run: run.id, study: run.study.name,
      method: run.method.name, seedIndex: run.seedIndex, settings: run.method.settings.values,
      objective: evaluator.objective.id,
      keys: [
        "split": keys.split.hexadecimal, "run": keys.run.hexadecimal,
        "final-training": keys.finalTraining.hexadecimal,
      ])
  }

  /// Searches until the budget is spent; `false` if stopped.
  private func search() throws -> Bool {
    switch procedure {
    case .proposals(let makeSearcher): try search(by: makeSearcher)
    case .oneShot(let method): try searchOnce(by: method)
    case .none: throw SuiteError("\(run.id): method '\(run.method.name)' cannot search")
    }
  }

  /// The part of the search budget that is used, with or without one more piece of work.
  func budgetFraction(adding charge: Charge = .zero, trials more: Int = 0) -> Double {
    Spending(
      charge: ledger.searchCharge + charge, completedTrials: trials.count + more,
      wallClockSeconds: recorder.activeSeconds
    ).fraction(of: run.study.searchBudget, examplesPerEpoch: evaluator.examplesPerEpoch)
  }

  /// Writes down how far the run is, at most twice a second.
  func noteProgress(
    phase: Phase, fraction: Double, isFinished: Bool = false
  ) throws {
    let now = recorder.activeSeconds
    guard isFinished || now - lastProgressSeconds >= Self.progressPeriod else { return }
    lastProgressSeconds = now
    let progress = RunProgress(
      phase: phase, trials: trials.count,
      objective: evaluator.objective,
      incumbentValidation: incumbent?.measurement.validation,
      budgetFraction: fraction, activeSeconds: now, isFinished: isFinished,
      checkpointShare: recorder.checkpoints.share)
    observer.onProgress(progress)
    try progress.write(to: recorder.folder.appending(path: "progress.json"))
  }

  private func finish(_ status: RunStatus) throws -> End {
    try recorder.record(
      .runFinished(
        RunFinished(status: status, trials: trials.count, charges: ledger.canonical)))
    try recorder.synchronize()
    recorder.removeCheckpoints()
    // For those who watch: the run is done, whatever a full disk makes of this.
    try? noteProgress(phase: .finalTraining, fraction: 1, isFinished: true)
    return .finished(status)
  }
}
