/// Student's test of a mean against a constant, and of paired differences against 0.
///
/// t = (mean - reference) / standard error, with n - 1 degrees of freedom. Equals
/// `scipy.stats.ttest_1samp` and, of pairs, `scipy.stats.ttest_rel`.
///
/// Source: Student, doi:10.2307/2331554.
public struct OneSampleTTest: Hashable, Sendable {
  /// Mean minus the reference; of pairs the mean of first minus second.
  public let difference: Double
  /// Of the difference, above 0.
  public let standardError: Double
  /// Number of values, or pairs, minus 1.
  public let degreesOfFreedom: Double
  /// The side that was tested.
  public let alternative: Alternative
  /// Probability of a t at least this far to the tested side if the true mean is the reference.
  public let pValue: Double

  /// Compares a mean with a constant.
  ///
  /// - Returns: `nil` without spread, or if the reference is not finite.
  public init?(
    _ summary: SampleSummary, reference: Double = 0, alternative: Alternative = .twoSided
  ) {
    guard summary.standardError > 0, reference.isFinite else { return nil }
    difference = summary.mean - reference
    standardError = summary.standardError
    degreesOfFreedom = Double(summary.count - 1)
    self.alternative = alternative
    pValue = alternative.pValue(t: difference / standardError, degreesOfFreedom: degreesOfFreedom)
  }

  /// Compares pairs.
  ///
  /// - Returns: `nil` if the counts differ, there are fewer than two pairs, or the differences have
  ///   no spread.
  public init?(
    pairs first: Sample, _ second: Sample, alternative: Alternative = .twoSided
  ) {
    guard first.count == second.count,
      let summary = SampleSummary(Sample(zip(first.values, second.values).map { $0 - $1 }))
    else { return nil }
    self.init(summary, alternative: alternative)
  }

  /// The two-sided interval that covers the true difference with the given confidence.
  ///
  /// - Parameter confidence: Between 0 and 1, both excluded.
  public func interval(confidence: Double = 0.95) -> Interval {
    let half =
      StudentT(degreesOfFreedom: degreesOfFreedom).quantile(0.5 + confidence / 2) * standardError
    return Interval(low: difference - half, high: difference + half)
  }
}
