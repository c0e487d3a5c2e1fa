import SearchCore
import Statistics

/// Our mean beside a published one; no verdict.
public struct PublishedDifference: Hashable, Sendable {
  /// What was printed.
  public let published: PublishedResult
  /// Number of our runs.
  public let runs: Int
  /// Mean score of our runs.
  public let mean: Double
  /// Our mean minus the published score; negative if ours is lower.
  public let difference: Double
  /// Standard error of the difference, from both spreads; `nil` if either is not known.
  public let standardError: Double?

  /// Compares scores of our runs with a published result.
  ///
  /// - Parameter sample: Scores in the sense of the published one, one a run.
  /// - Returns: `nil` of no runs.
  public init?(_ published: PublishedResult, ours sample: Sample) {
    guard let mean = sample.mean else { return nil }
    self.published = published
    self.mean = mean
    runs = sample.count
    difference = mean - published.score
    if let spread = published.scoreSpread, let count = published.runs, count > 0,
      let ours = sample.standardError
    {
      standardError = (ours * ours + spread * spread / Double(count)).squareRoot()
    } else {
      standardError = nil
    }
  }
}

extension PublishedResult {
  /// How a study of ours is measured, in the words in which published results say it.
  public static func protocolText(evaluator: String, searchBudget: Budget) -> String {
    let amount = searchBudget.amount
    let whole = amount == amount.rounded() && amount < 1e15
    let text = whole ? String(Int(amount)) : String(amount)
    return "\(evaluator), \(text) \(searchBudget.unit.rawValue)"
  }

  /// Whether a figure is of a single architecture, not of a method.
  public var isReference: Bool { method == nil && measuredUnder.hasPrefix("reference") }

  /// The figures that a study may be put beside: same space, dataset, evaluator and budget, and
  /// figures of single architectures of the same space and dataset if the study looks up the
  /// same table.
  ///
  /// - Parameter looksUp: Whether the study looks its scores up.
  public static func matching(
    _ results: [PublishedResult], space: String, dataset: String, evaluator: String,
    looksUp: Bool, searchBudget: Budget
  ) -> [PublishedResult] {
    let measured = protocolText(evaluator: evaluator, searchBudget: searchBudget)
    return results.filter { result in
      result.space == space && result.dataset == dataset
        && (result.measuredUnder == measured || result.isReference && looksUp)
    }
  }
}
