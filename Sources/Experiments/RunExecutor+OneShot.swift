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
        nil, (.init(status: .outOfMemory, measurement: Measurement()), Ledger()),
        activeSeconds: recorder.activeSeconds)
      return true
    }
    let work = try WorkInProgress(Self.workOfOneShotSearch, recorder: recorder) {
      try evaluator.oneShotSearch(by: method, settings: settings, budget: budget, key: keys.method)
    }
    while true {
      if stop.isRaised { return try leave(work) ?? false }
      let before = budgetFraction(adding: work.charges.searchCharge)
      let report = try work.step()
      let fraction = budgetFraction(adding: work.charges.searchCharge)
      // A choice uses nothing of a budget in epochs, and comes when that is spent.
      guard before < 1 || fraction <= before || budget.unit == .wallClockHours else {
        throw SuiteError("\(run.id): the search went on past its budget; expected it to stop")
      }
      guard report.testSplitRead == nil, report.outcome?.measurement.test == nil,
        report.candidate?.outcome.measurement.test == nil
      else {
        throw SuiteError(
          "\(run.id): the search read the test split; expected only final training to")
      }
      if let epoch = report.epoch {
        try recorder.record(
          .epochFinished(
            EpochRecord(
              epoch: epoch, chargedSoFar: work.charges.searchCharge, budgetFraction: fraction)))
      }
      if let candidate = report.candidate {
        try check(candidate.outcome)
        try recorder.record(.candidateFinished(candidate))
      }
      if let outcome = report.outcome {
        try check(outcome)
        guard report.chosen != nil || outcome.status != .completed else {
          throw SuiteError("\(run.id): the search chose nothing; expected an architecture")
        }
        try book(report.chosen, (outcome, work.charges), activeSeconds: recorder.activeSeconds)
        return true
      }
      try noteProgress(phase: report.phase, fraction: fraction)
    }
  }
}
