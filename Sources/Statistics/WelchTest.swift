/// Comparison of two means without assuming equal spreads.
///
/// Source: Welch, doi:10.1093/biomet/34.1-2.28, with Satterthwaite's degrees of freedom.
public struct WelchTest: Hashable, Sendable {
  /// Mean of the first sample minus mean of the second.
  public let difference: Double
  /// Of the difference, from both spreads.
  public let standardError: Double
  /// By Satterthwaite; need not be whole.
  public let degreesOfFreedom: Double
  /// Probability of a difference at least this large, of either sign, if the means are equal.
  public let pValue: Double

  /// Compares two samples.
  ///
  /// - Returns: `nil` if a sample has fewer than two values, or neither has any spread: then
  ///   chance cannot be told from a difference.
  public init?(_ first: Sample, _ second: Sample) {
    guard let first = SampleSummary(first), let second = SampleSummary(second) else { return nil }
    self.init(first, second)
  }

  /// Compares what is known of two samples, as `scipy.stats.ttest_ind_from_stats` with
  /// `equal_var=False`.
  ///
  /// - Returns: `nil` if neither has any spread.
  public init?(_ first: SampleSummary, _ second: SampleSummary) {
    let a = first.standardError
    let b = second.standardError
    guard a > 0 || b > 0 else { return nil }
    // Squares of both standard errors, scaled so that tiny ones do not vanish.
    let scale = max(a, b)
    let u = (a / scale) * (a / scale)
    let v = (b / scale) * (b / scale)
    difference = first.mean - second.mean
    standardError = scale * (u + v).squareRoot()
    degreesOfFreedom =
      (u + v) * (u + v) / (u * u / Double(first.count - 1) + v * v / Double(second.count - 1))
    pValue = StudentT(degreesOfFreedom: degreesOfFreedom)
      .twoSidedTail(difference / standardError)
  }

  /// The interval that covers the true difference with the given confidence.
  public func interval(confidence: Double = 0.95) -> Interval {
    let half =
      StudentT(degreesOfFreedom: degreesOfFreedom).quantile(0.5 + confidence / 2) * standardError
    return Interval(low: difference - half, high: difference + half)
  }
}

/// Correction of p-values for the number of comparisons made.
public enum HolmCorrection {
  /// Adjusts p-values so that calling those below α significant is wrong, even once in the
  /// whole family, with probability at most α.
  ///
  /// Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
  ///
  /// - Parameter pValues: One a comparison, in any order.
  /// - Returns: The adjusted p-values in the same order, each at most 1.
  public static func adjusted(_ pValues: [Double]) -> [Double] {
    let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    var adjusted = pValues
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, Double(pValues.count - rank) * pValues[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}
