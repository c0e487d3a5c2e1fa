import Foundation
import OperationCosts
import SearchCore

extension RunExecutor {
  /// Trains shared weights until they have chosen an architecture; `false` if stopped.
  ///
  /// The choice is the run's one trial: all that the search cost is its cost. Its score is the
  /// shared weights' validation error, or its own where the choice was made by training.
  func searchOnce(by method: any OneShotMethod.Type) throws -> Bool {
    if let record = recorder.replaySearch() {
      take(record)
      return true
    }
    let (settings, budget) = (run.method.settings, run.study.searchBudget)
    let forecast = try evaluator.forecastOneShotSearch(
      by: method, settings: settings, budget: budget)
    if memoryNeeded(
      beyondLimit: EvaluationForecast(
        charge: forecast.epoch, peakMemoryBytes: forecast.peakMemoryBytes)) != nil
    {
      try book(
        nil, DrivenWork(.outOfMemory), activeSeconds: recorder.activeSeconds)
      return true
    }
    let work = try WorkInProgress(Self.workOfOneShotSearch, recorder: recorder) {
      try evaluator.oneShotSearch(by: method, settings: settings, budget: budget, key: keys.method)
    }
    let rules = WorkRules(
      name: "the search",
      fraction: { self.budgetFraction(adding: $0.searchCharge) },
      // A choice uses nothing of a budget in epochs, and comes when that is spent.
      allows: { [unit = budget.unit] _, before, after in
        before < 1 || after <= before || unit == .wallClockHours
      })
    guard let found = try drive(work, by: rules, on: recordSearch) else { return false }
    guard found.chosen != nil || found.outcome.status != .completed else {
      throw SuiteError("\(run.id): the search chose nothing; expected an architecture")
    }
    try book(found.chosen, found, activeSeconds: recorder.activeSeconds)
    return true
  }

  /// Records what a one-shot search tells on its way.
  private func recordSearch(_ report: StepReport, _ charges: Ledger, _ fraction: Double) throws {
    if let epoch = report.epoch {
      try recorder.record(
        .epochFinished(
          EpochRecord(
            epoch: epoch, chargedSoFar: charges.searchCharge, budgetFraction: fraction)))
    }
    if let candidate = report.candidate {
      try check(candidate.outcome)
      try recorder.record(.candidateFinished(candidate))
    }
  }
}
