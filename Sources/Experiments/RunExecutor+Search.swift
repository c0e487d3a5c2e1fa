import OperationCosts
import SearchCore

extension RunExecutor {
  /// Has architectures proposed, scored and told until the budget is spent or the
  /// method has nothing more to propose; `false` if stopped.
  ///
  /// Trials are made one after another in the order of asking, whatever the number of workers; when
  /// the method is told follows from what they are charged alone.
  func search(by makeSearcher: SearchProcedure.MakeSearcher) throws -> Bool {
    var searcher = try makeSearcher(
      SearcherRequest(
        run: run.id, space: evaluator.space, objective: evaluator.objective,
        budget: run.study.searchBudget, key: keys.method))
    var workers = SimulatedWorkers(count: searcher.workers)
    var freeTrials = 0
    while budgetFraction() < 1, trials.count < searcher.maximumTrials ?? .max {
      for observation in workers.takeEnded() { try searcher.learn(observation) }
      guard let proposal = try searcher.propose(), try !isDiscarded(proposal) else { break }
      guard let record = try trial(proposal, of: workers) else { return false }
      if record.status == .budgetSpent { break }
      // A search that is charged nothing would never end.
      freeTrials = record.charges.searchCharge == .zero ? freeTrials + 1 : 0
      if freeTrials >= 10_000, run.study.searchBudget.unit != .trials {
        throw SuiteError("\(run.id): 10000 trials in a row cost nothing; expected an end")
      }
      workers.take(
        evaluator.objective.observation(
          trial: record.index, architecture: proposal.architecture,
          value: record.status == .completed ? record.measurement.validation : nil),
        lasting: record.charges.searchCharge.referenceNanoseconds)
    }
    return true
  }

  /// Whether a table's rule leaves out a trial that would take the search past its budget.
  private func isDiscarded(_ proposal: Proposal) throws -> Bool {
    guard evaluator.overrunRule == .discardTrial else { return false }
    let charge = try evaluator.forecastTrial(
      of: proposal.architecture, epochs: proposal.epochs
    ).charge
    return budgetFraction(adding: charge, trials: 1) > 1
  }
}
