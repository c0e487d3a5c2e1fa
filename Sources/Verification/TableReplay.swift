import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchMethods

/// A search method on a recorded table: the same search as a suite's runs make, without records.
///
/// A trial that would pass the budget is not made and ends the search, the chosen architecture is
/// the one with the best validation score, the first of equal ones, and its test score is looked
/// up. The rule is that of the tables' authors.
public struct TableReplay {
  private let evaluator: TableEvaluator
  private let method: any SearchMethod.Type
  private let settings: MethodSettings
  private let budget: Budget

  /// Prepares searches.
  public init(
    _ method: any SearchMethod.Type, settings: [String: Double], budget: Budget,
    on evaluator: TableEvaluator
  ) {
    (self.method, self.budget, self.evaluator) = (method, budget, evaluator)
    self.settings = MethodSettings(of: method.settings, replacing: settings)
  }

  /// Searches once.
  ///
  /// - Parameter key: All of the search's randomness.
  /// - Returns: The test score of the chosen architecture; `nil` if nothing fits into the budget
  ///   or the table has no test score of it.
  public func testScore(key: RandomKey) throws -> Double? {
    var method = method.init(
      space: evaluator.space, settings: settings, key: key.child("method"))
    var spending = Spending()
    var incumbent: (architecture: Architecture, score: Double)?
    while true {
      let proposal = method.ask()
      let charge = try evaluator.forecastTrial(of: proposal.architecture).charge
      var next = spending
      next.charge += charge
      next.completedTrials += 1
      guard next.fraction(of: budget, examplesPerEpoch: evaluator.examplesPerEpoch) <= 1 else {
        break
      }
      let report = try evaluator.trial(
        of: proposal.architecture, key: key.child("trial", spending.completedTrials)
      ).step()
      let value = report.outcome?.measurement.validation
      if let value, evaluator.objective.isBetter(value, than: incumbent?.score) {
        incumbent = (proposal.architecture, value)
      }
      method.tell(
        evaluator.objective.observation(
          trial: spending.completedTrials, architecture: proposal.architecture, value: value))
      spending = next
    }
    guard let incumbent else { return nil }
    return try evaluator.finalTraining(
      of: incumbent.architecture, budget: nil, key: key.child("final")
    ).step().outcome?.measurement.test
  }
}
