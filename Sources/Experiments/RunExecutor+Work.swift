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
    let evaluation = try evaluator.trial(of: architecture, key: keys.trial(trials.count))
    var charges = Ledger()
    while true {
      if stop.isRaised { return try interrupt(losing: charges) }
      let report = try evaluation.step()
      charges.add(report.charge, to: report.phase)
      guard report.testSplitRead == nil, report.outcome?.measurement.testError == nil else {
        throw SuiteError("\(run.id): a trial read the test split; expected only final training to")
      }
      if let outcome = report.outcome {
        try check(outcome)
        return (outcome, charges)
      }
      let fraction = budgetFraction(adding: charges.searchCharge)
      if fraction >= 1 {
        return (.init(status: .budgetSpent, measurement: Measurement()), charges)
      }
      try noteProgress(phase: .search, fraction: fraction, inFlight: charges)
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
    let evaluation = try evaluator.finalTraining(
      of: architecture, budget: budget, key: keys.finalTraining)
    var charges = Ledger()
    let start = recorder.activeSeconds
    while true {
      if stop.isRaised { return try interrupt(losing: charges) }
      let before = finalFraction(charges, since: start)
      let report = try evaluation.step()
      guard before < 1 || report.phase != .finalTraining || report.charge == .zero else {
        throw SuiteError("\(run.id): final training went on past its budget; expected it to stop")
      }
      charges.add(report.charge, to: report.phase)
      if let reason = report.testSplitRead {
        try recorder.record(
          .testSplitRead(TestSplitRead(architecture: text, reason: reason)))
      }
      if let outcome = report.outcome {
        try check(outcome)
        ledger.add(charges)
        try recorder.record(.finalFinished(FinalRecord(outcome: outcome, charges: charges)))
        return outcome.status
      }
      try noteProgress(
        phase: .finalTraining, fraction: finalFraction(charges, since: start), inFlight: charges)
    }
  }

  private func finalFraction(_ charges: Ledger, since start: Double) -> Double {
    guard let budget = run.study.finalBudget else { return 0 }
    return Spending(
      charge: charges.finalCharge, wallClockSeconds: recorder.activeSeconds - start
    ).fraction(of: budget, examplesPerEpoch: evaluator.examplesPerEpoch)
  }

  /// Records that unfinished work is lost.
  private func interrupt<Value>(losing charges: Ledger) throws -> Value? {
    try recorder.record(
      .interrupted(Interruption(cause: "stopped", lost: charges.asWasted)))
    try recorder.synchronize()
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
