/// Two one-sided tests of whether a difference of means is smaller than a margin.
///
/// The null hypothesis is that the true difference is at least the margin, of either sign; it is
/// rejected only if both one-sided t tests reject: p = max(P(T ≥ (d + δ) / se),
/// P(T ≤ (d - δ) / se)). SciPy has no such function; the parts are `scipy.stats.ttest_1samp` and
/// `scipy.stats.ttest_ind(equal_var=False)` of shifted values.
///
/// Source: Schuirmann, doi:10.1007/BF01068419; of unequal spreads Dannenberg, Dette & Munk,
/// doi:10.1093/biomet/81.1.91.
public struct EquivalenceTest: Hashable, Sendable {
  /// Mean minus the reference, or first mean minus second.
  public let difference: Double
  /// Of the difference, above 0.
  public let standardError: Double
  /// n - 1, or Satterthwaite's of two means.
  public let degreesOfFreedom: Double
  /// Largest difference that still counts as none, above 0, in the unit of the means.
  public let margin: Double
  /// p-value against a true difference of at most minus the margin.
  public let lowerPValue: Double
  /// p-value against a true difference of at least the margin.
  public let upperPValue: Double

  /// The larger of the two: below α the means are equivalent at level α.
  public var pValue: Double { max(lowerPValue, upperPValue) }

  /// Compares a mean with a constant.
  ///
  /// - Returns: `nil` without spread, or if the margin is not above 0.
  public init?(_ summary: SampleSummary, reference: Double, margin: Double) {
    guard let test = OneSampleTTest(summary, reference: reference) else { return nil }
    self.init(test.difference, test.standardError, test.degreesOfFreedom, margin)
  }

  /// Compares two means without assuming equal spreads.
  ///
  /// - Returns: `nil` if neither has any spread, or if the margin is not above 0.
  public init?(_ first: SampleSummary, _ second: SampleSummary, margin: Double) {
    guard let test = WelchTest(first, second) else { return nil }
    self.init(test.difference, test.standardError, test.degreesOfFreedom, margin)
  }

  private init?(
    _ difference: Double, _ standardError: Double, _ degreesOfFreedom: Double, _ margin: Double
  ) {
    guard margin > 0, margin.isFinite else { return nil }
    let distribution = StudentT(degreesOfFreedom: degreesOfFreedom)
    self.difference = difference
    self.standardError = standardError
    self.degreesOfFreedom = degreesOfFreedom
    self.margin = margin
    lowerPValue = distribution.upperTail((difference + margin) / standardError)
    upperPValue = distribution.upperTail((margin - difference) / standardError)
  }

  /// The interval of confidence 1 - 2α: it lies within ± margin exactly if the p-value is below α.
  ///
  /// - Parameter significance: α, between 0 and 0.5, both excluded.
  public func interval(significance: Double = 0.05) -> Interval {
    let half = StudentT(degreesOfFreedom: degreesOfFreedom).quantile(1 - significance)
    return Interval(
      low: difference - half * standardError, high: difference + half * standardError)
  }
}
