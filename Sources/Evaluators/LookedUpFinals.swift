import OperationCosts
import Randomness
import SearchCore

/// Scores architectures as one evaluator does, and looks the final scores up in a recorded table.
///
/// What a search by shared weights has found is worth what the table says, exactly and without training.
public final class LookedUpFinals: Evaluator {
  private let search: any Evaluator
  private let table: TableEvaluator

  public var space: any SearchSpace { search.space }
  public var objective: Objective { search.objective }
  public var overrunRule: OverrunRule { search.overrunRule }
  public var examplesPerEpoch: Int { search.examplesPerEpoch }
  public var costLabel: String { "\(search.costLabel); final scores are looked up" }
  public var dataChecksums: [String: String] {
    search.dataChecksums.merging(table.dataChecksums) { checksum, _ in checksum }
  }

  /// - Parameter table: Of the same space.
  public init(of search: any Evaluator, in table: TableEvaluator) {
    self.search = search
    self.table = table
  }

  public func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey
  ) throws -> any Evaluation {
    try search.trial(of: architecture, epochs: epochs, key: key)
  }

  public func finalTraining(
    of architecture: Architecture, budget: Budget?, key: RandomKey
  ) throws -> any Evaluation {
    try table.finalTraining(of: architecture, budget: budget, key: key)
  }

  public func oneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget, key: RandomKey
  ) throws -> any Evaluation {
    try search.oneShotSearch(by: method, settings: settings, budget: budget, key: key)
  }

  public func forecastOneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget
  ) throws -> OneShotForecast {
    try search.forecastOneShotSearch(by: method, settings: settings, budget: budget)
  }

  public func forecastTrial(
    of architecture: Architecture, epochs: Int?
  ) throws -> EvaluationForecast {
    try search.forecastTrial(of: architecture, epochs: epochs)
  }

  public func forecastFinalTraining(
    of architecture: Architecture, budget: Budget?
  ) throws -> EvaluationForecast {
    try table.forecastFinalTraining(of: architecture, budget: budget)
  }

  public func measureSecondsPerReferenceSecond() throws -> Double? {
    try search.measureSecondsPerReferenceSecond()
  }
}
