import Foundation
import OperationCosts
import SearchCore

extension RunExecutor {
  /// Makes a trial, or takes it from the journal; `nil` if stopped.
  ///
  /// - Parameter workers: Whose next trial it is.
  func trial(_ proposal: Proposal, of workers: SimulatedWorkers) throws -> TrialRecord? {
    // Measured once: the fraction and the journal line must agree when the line is replayed.
    if let line = recorder.next, case .trialFinished(let journaled) = line.event {
      let outcome = StepReport.Outcome(
        status: journaled.status, measurement: journaled.measurement)
      return try book(
        proposal.architecture, (outcome, journaled.charges), epochs: proposal.epochs, of: workers,
        activeSeconds: line.clock.activeSeconds)
    }
    guard let result = try work(on: proposal) else { return nil }
    return try book(
      proposal.architecture, result, epochs: proposal.epochs, of: workers,
      activeSeconds: recorder.activeSeconds)
  }

  /// Charges and journals a trial that ended, and takes it for the incumbent if it is the best.
  ///
  /// - Parameters:
  ///   - architecture: `nil` for a one-shot search that has chosen none.
  ///   - epochs: What the method asked for; `nil` for the study's own.
  ///   - workers: Whose next trial it is; `nil` for a one-shot search.
  @discardableResult
  func book(
    _ architecture: Architecture?, _ result: Work, epochs: Int? = nil,
    of workers: SimulatedWorkers? = nil, activeSeconds seconds: Double
  ) throws -> TrialRecord {
    let space = evaluator.space
    let charge = result.charges.searchCharge
    var record = TrialRecord(
      index: trials.count, architecture: architecture.map(space.text(of:)) ?? "",
      identity: architecture.map(space.identity(of:)) ?? "", status: result.outcome.status,
      measurement: result.outcome.measurement, charges: result.charges,
      chargedSoFar: ledger.searchCharge + charge, budgetFraction: 0, epochs: epochs,
      simulated: workers?.time(lasting: charge.referenceNanoseconds))
    let isSpent = record.status == .budgetSpent
    record.budgetFraction = Spending(
      charge: record.chargedSoFar, completedTrials: trials.count + (isSpent ? 0 : 1),
      wallClockSeconds: seconds
    ).fraction(of: run.study.searchBudget, examplesPerEpoch: evaluator.examplesPerEpoch)
    try recorder.record(.trialFinished(record), activeSeconds: seconds)
    take(record)
    return record
  }

  /// Takes in a trial that is on record.
  func take(_ record: TrialRecord) {
    ledger.add(record.charges)
    trials.append(record)
    if record.beats(incumbent, by: evaluator.objective) { incumbent = record }
  }

  typealias Work = (outcome: StepReport.Outcome, charges: Ledger)

  /// Steps through a trial until its outcome or the budget's end; `nil` if stopped.
  private func work(on proposal: Proposal) throws -> Work? {
    let (architecture, epochs) = (proposal.architecture, proposal.epochs)
    let forecast = try evaluator.forecastTrial(of: architecture, epochs: epochs)
    if memoryNeeded(beyondLimit: forecast) != nil {
      return (.init(status: .outOfMemory, measurement: Measurement()), Ledger())
    }
    let work = try WorkInProgress(Self.work(ofTrial: trials.count), recorder: recorder) {
      try evaluator.trial(of: architecture, epochs: epochs, key: keys.trial(trials.count))
    }
    while true {
      if stop.isRaised { return try leave(work) }
      let report = try work.step()
      guard report.testSplitRead == nil, report.outcome?.measurement.test == nil else {
        throw SuiteError("\(run.id): a trial read the test split; expected only final training to")
      }
      if let outcome = report.outcome {
        try check(outcome)
        return (outcome, work.charges)
      }
      let fraction = budgetFraction(adding: work.charges.searchCharge)
      if fraction >= 1 {
        return (.init(status: .budgetSpent, measurement: Measurement()), work.charges)
      }
      if let limit = run.study.trialTimeLimitSeconds, recorder.workSeconds >= limit {
        return (.init(status: .timedOut, measurement: Measurement()), work.charges)
      }
      try noteProgress(phase: .search, fraction: fraction)
    }
  }

  /// Selects the incumbent and trains it; `nil` if stopped.
  func select() throws -> RunStatus? {
    guard let incumbent, let score = incumbent.measurement.validation else {
      // A one-shot search is one trial, and its end is the run's.
      return method is any OneShotMethod.Type ? trials.last?.status ?? .failed : .budgetSpent
    }
    try recorder.record(
      .selected(
        Selection(
          trial: incumbent.index, architecture: incumbent.architecture,
          identity: incumbent.identity, validation: score)))
    let architecture = try evaluator.space.parse(incumbent.architecture)
    return try finalTraining(of: architecture, text: incumbent.architecture)
  }

  private func finalTraining(of architecture: Architecture, text: String) throws -> RunStatus? {
    if let record = recorder.replayFinal() {
      ledger.add(record.charges)
      return record.outcome.status
    }
    let budget = run.study.finalBudget
    let work = try WorkInProgress(Self.workOfFinalTraining, recorder: recorder) {
      try evaluator.finalTraining(of: architecture, budget: budget, key: keys.finalTraining)
    }
    let start = recorder.activeSeconds
    while true {
      if stop.isRaised { return try leave(work) }
      let before = finalFraction(work.charges, since: start)
      let report = try work.step()
      guard before < 1 || report.phase != .finalTraining || report.charge == .zero else {
        throw SuiteError("\(run.id): final training went on past its budget; expected it to stop")
      }
      if let reason = report.testSplitRead {
        try recorder.record(
          .testSplitRead(TestSplitRead(architecture: text, reason: reason)))
      }
      if let outcome = report.outcome {
        try check(outcome)
        ledger.add(work.charges)
        try recorder.record(.finalFinished(FinalRecord(outcome: outcome, charges: work.charges)))
        return outcome.status
      }
      try noteProgress(
        phase: .finalTraining, fraction: finalFraction(work.charges, since: start))
    }
  }

  private func finalFraction(_ charges: Ledger, since start: Double) -> Double {
    guard let budget = run.study.finalBudget else { return 0 }
    return Spending(
      charge: charges.finalCharge, wallClockSeconds: recorder.activeSeconds - start
    ).fraction(of: budget, examplesPerEpoch: evaluator.examplesPerEpoch)
  }

  /// Leaves unfinished work because a stop was asked for.
  func leave<Value>(_ work: WorkInProgress) throws -> Value? {
    try work.suspend()
    return nil
  }

  /// Refuses a measurement that cannot be one.
  func check(_ outcome: StepReport.Outcome) throws {
    let objective = evaluator.objective
    for case .some(let score) in [outcome.measurement.validation, outcome.measurement.test]
    where !objective.accepts(score) {
      throw SuiteError(
        "\(run.id): found \(objective.id) \(score); expected \(objective.rangeText)")
    }
  }
}
