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
      let done = DrivenWork(
        outcome: .init(status: journaled.status, measurement: journaled.measurement),
        charges: journaled.charges, learning: journaled.learning)
      return try book(
        proposal.architecture, done, epochs: proposal.epochs, of: workers,
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
    _ architecture: Architecture?, _ result: DrivenWork, epochs: Int? = nil,
    of workers: SimulatedWorkers? = nil, activeSeconds seconds: Double
  ) throws -> TrialRecord {
    let space = evaluator.space
    let charge = result.charges.searchCharge
    var record = TrialRecord(
      index: trials.count, architecture: architecture.map(space.text(of:)) ?? "",
      identity: architecture.map(space.identity(of:)) ?? "", status: result.outcome.status,
      measurement: result.outcome.measurement, charges: result.charges,
      chargedSoFar: ledger.searchCharge + charge, budgetFraction: 0, epochs: epochs,
      simulated: workers?.time(lasting: charge.referenceNanoseconds),
      learning: run.study.recordsTrialCurves ? result.learning : nil)
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

  /// Steps through a trial until its outcome or the budget's end; `nil` if stopped.
  private func work(on proposal: Proposal) throws -> DrivenWork? {
    let (architecture, epochs) = (proposal.architecture, proposal.epochs)
    let forecast = try evaluator.forecastTrial(of: architecture, epochs: epochs)
    if memoryNeeded(beyondLimit: forecast) != nil {
      return DrivenWork(.outOfMemory)
    }
    let work = try WorkInProgress(Self.work(ofTrial: trials.count), recorder: recorder) {
      try evaluator.trial(of: architecture, epochs: epochs, key: keys.trial(trials.count))
    }
    let rules = WorkRules(
      name: "a trial", fraction: { self.budgetFraction(adding: $0.searchCharge) },
      ending: { fraction in
        if fraction >= 1 { return .budgetSpent }
        guard let limit = self.run.study.trialTimeLimitSeconds else { return nil }
        return self.recorder.workSeconds >= limit ? .timedOut : nil
      })
    return try drive(work, by: rules)
  }

  /// Selects the incumbent and trains it; `nil` if stopped.
  func select() throws -> RunStatus? {
    if let given {
      return try finalTraining(of: evaluator.space.parse(given), text: given)
    }
    guard let incumbent, let score = incumbent.measurement.validation else {
      // A one-shot search is one trial, and its end is the run's.
      return procedure.isOneShot ? trials.last?.status ?? .failed : .budgetSpent
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
    let rules = WorkRules(
      name: "final training", fraction: { self.finalFraction($0, since: start) },
      mayReadTestSplit: true, shownPhase: .finalTraining,
      allows: { report, before, _ in
        before < 1 || report.phase != .finalTraining || report.charge == .zero
      })
    let ended = try drive(work, by: rules) { report, _, _ in
      if let point = report.learning { observer.onLearning(point) }
      guard let reason = report.testSplitRead else { return }
      try recorder.record(.testSplitRead(TestSplitRead(architecture: text, reason: reason)))
    }
    guard let ended else { return nil }
    ledger.add(ended.charges)
    if observer.keepsWeights, let weights = work.weights {
      try RecordFile.write(weights, to: recorder.folder.appending(path: "weights.safetensors"))
    }
    try recorder.record(
      .finalFinished(
        FinalRecord(
          outcome: ended.outcome, charges: ended.charges, learning: ended.learning)))
    return ended.outcome.status
  }

  private func finalFraction(_ charges: Ledger, since start: Double) -> Double {
    guard let budget = run.study.finalBudget else { return 0 }
    return Spending(
      charge: charges.finalCharge, wallClockSeconds: recorder.activeSeconds - start
    ).fraction(of: budget, examplesPerEpoch: evaluator.examplesPerFinalEpoch)
  }
}
