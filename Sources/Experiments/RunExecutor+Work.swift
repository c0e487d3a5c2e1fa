import Foundation
import OperationCosts
import SearchCore

extension RunExecutor {
  /// Makes a trial, or takes it from the journal; `nil` if stopped.
  func trial(_ architecture: Architecture) throws -> TrialRecord? {
    let space = evaluator.space
    var record = TrialRecord(
      index: trials.count, architecture: space.text(of: architecture),
      identity: space.identity(of: architecture), status: .completed, measurement: Measurement(),
      charges: Ledger(), chargedSoFar: .zero, budgetFraction: 0)
    // Measured once: the fraction and the journal line must agree when the line is replayed.
    var seconds: Double
    if let line = recorder.next, case .trialFinished(let journaled) = line.event {
      record.status = journaled.status
      record.measurement = journaled.measurement
      record.charges = journaled.charges
      seconds = line.clock.activeSeconds
    } else {
      guard let result = try work(on: architecture) else { return nil }
      record.status = result.outcome.status
      record.measurement = result.outcome.measurement
      record.charges = result.charges
      seconds = recorder.activeSeconds
    }
    ledger.add(record.charges)
    record.chargedSoFar = ledger.searchCharge
    let isSpent = record.status == .budgetSpent
    record.budgetFraction = Spending(
      charge: record.chargedSoFar, completedTrials: trials.count + (isSpent ? 0 : 1),
      wallClockSeconds: seconds
    ).fraction(of: run.study.searchBudget, examplesPerEpoch: evaluator.examplesPerEpoch)
    try recorder.record(.trialFinished(record), activeSeconds: seconds)
    trials.append(record)
    if record.status == .completed, let error = record.measurement.validationError,
      error < incumbent?.measurement.validationError ?? .infinity
    {
      incumbent = record
    }
    return record
  }

  private typealias Work = (outcome: StepReport.Outcome, charges: Ledger)

  /// Steps through a trial until its outcome or the budget's end; `nil` if stopped.
  private func work(on architecture: Architecture) throws -> Work? {
    if try memoryNeeded(beyondLimit: evaluator.forecastTrial(of: architecture)) != nil {
      return (.init(status: .outOfMemory, measurement: Measurement()), Ledger())
    }
    let work = try WorkInProgress(Self.work(ofTrial: trials.count), recorder: recorder) {
      try evaluator.trial(of: architecture, key: keys.trial(trials.count))
    }
    while true {
      if stop.isRaised { return try leave(work) }
      let report = try work.step()
      guard report.testSplitRead == nil, report.outcome?.measurement.testError == nil else {
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
    guard let incumbent, let error = incumbent.measurement.validationError else {
      return .budgetSpent
    }
    try recorder.record(
      .selected(
        Selection(
          trial: incumbent.index, architecture: incumbent.architecture,
          identity: incumbent.identity, validationError: error)))
    let architecture = try evaluator.space.parse(incumbent.architecture)
    return try finalTraining(of: architecture, text: incumbent.architecture)
  }

  private func finalTraining(of architecture: Architecture, text: String) throws -> RunStatus? {
    if let record = try recorder.replayFinal() {
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
  private func leave<Value>(_ work: WorkInProgress) throws -> Value? {
    try work.suspend()
    return nil
  }

  /// Refuses a measurement that cannot be one.
  private func check(_ outcome: StepReport.Outcome) throws {
    let errors = [outcome.measurement.validationError, outcome.measurement.testError]
    for case .some(let error) in errors where !(error >= 0 && error <= 1) {
      throw SuiteError("\(run.id): found an error rate of \(error); expected 0 to 1")
    }
  }
}
