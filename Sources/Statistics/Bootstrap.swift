import Randomness

/// Intervals from resampling the values with replacement.
///
/// Each resample draws from the key of its number: more resamples keep the earlier ones, and the
/// same key gives the same interval on every machine.
///
/// Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993),
/// doi:10.1201/9780429246593.
public struct Bootstrap: Hashable, Sendable {
  /// Where the draws come from.
  public let key: RandomKey
  /// Number of resamples, at least 1.
  public let resamples: Int

  /// Takes a key and a number of resamples, at least 1; intervals of fewer are `nil`.
  public init(key: RandomKey, resamples: Int = 9999) {
    self.key = key
    self.resamples = resamples
  }

  /// The statistic of each resample, drawn within each stratum from its own values.
  ///
  /// - Parameters:
  ///   - strata: At least one, none empty.
  ///   - statistic: Of samples of the same counts as the strata.
  /// - Returns: `nil` if there is nothing to draw, or the statistic of a resample is not a finite
  ///   number.
  public func replicates(
    ofStrata strata: [Sample], statistic: ([Sample]) -> Double?
  ) -> [Double]? {
    guard resamples >= 1, !strata.isEmpty, strata.allSatisfy({ $0.count > 0 }) else { return nil }
    var replicates: [Double] = []
    replicates.reserveCapacity(resamples)
    for number in 0..<resamples {
      var generator = key.child("resample", number).generator()
      let drawn = strata.map { stratum in
        Sample(stratum.values.map { _ in generator.element(of: stratum.values) })
      }
      guard let replicate = statistic(drawn), replicate.isFinite else { return nil }
      replicates.append(replicate)
    }
    return replicates
  }

  /// The percentile interval of a statistic of several samples, each resampled by itself.
  ///
  /// The ends are quantiles of the replicates (Hyndman & Fan's definition 7), as
  /// `scipy.stats.bootstrap` with `method="percentile"` of one sample. With few values the
  /// interval is too short: of a skewed mean of 15 values it covers about 81 % for a nominal 90 %,
  /// where BCa covers 83 % and bootstrap-t 88 % (the tests' measurement).
  ///
  /// - Parameters:
  ///   - strata: At least one, none empty.
  ///   - confidence: Between 0 and 1, both excluded.
  ///   - statistic: Of samples of the same counts as the strata.
  /// - Returns: `nil` where `replicates` is, or if the confidence is out of range.
  public func percentileInterval(
    ofStrata strata: [Sample], confidence: Double = 0.95, statistic: ([Sample]) -> Double?
  ) -> Interval? {
    guard confidence > 0, confidence < 1,
      let replicates = replicates(ofStrata: strata, statistic: statistic)
    else { return nil }
    return Sample(replicates).interval(between: (1 - confidence) / 2, and: (1 + confidence) / 2)
  }

  /// The bootstrap-t interval of a mean: the replicates are t statistics,
  /// (mean* - mean) / standard error*, whose quantiles replace Student's.
  ///
  /// SciPy has no such function. A resample of equal values has no spread and an infinite t (0 if
  /// its mean is that of the sample); the interval is refused if an infinite one is at an end,
  /// which is usual of fewer than five values.
  ///
  /// Source: Efron & Tibshirani, section 12.5.
  ///
  /// - Parameter confidence: Between 0 and 1, both excluded.
  /// - Returns: `nil` without spread, with an infinite end, or if a parameter is out of range.
  public func studentizedInterval(ofMeanOf sample: Sample, confidence: Double = 0.95) -> Interval? {
    guard resamples >= 1, confidence > 0, confidence < 1,
      let summary = SampleSummary(sample), summary.standardError > 0
    else { return nil }
    let statistics = (0..<resamples).map { number in
      var generator = key.child("resample", number).generator()
      let drawn = Sample(sample.values.map { _ in generator.element(of: sample.values) })
      return Self.studentized(drawn, around: summary.mean)
    }
    let ordered = Sample(statistics)
    guard let low = ordered.quantile((1 - confidence) / 2), low.isFinite,
      let high = ordered.quantile((1 + confidence) / 2), high.isFinite
    else { return nil }
    // The upper tail of the statistic bounds the mean from below.
    return Interval(
      low: summary.mean - high * summary.standardError,
      high: summary.mean - low * summary.standardError)
  }

  private static func studentized(_ drawn: Sample, around mean: Double) -> Double {
    guard let drawnMean = drawn.mean, let standardError = drawn.standardError else { return 0 }
    let excess = drawnMean - mean
    if standardError > 0 { return excess / standardError }
    return excess == 0 ? 0 : excess > 0 ? .infinity : -.infinity
  }
}

extension Sample {
  /// The quantiles at two shares.
  package func interval(between low: Double, and high: Double) -> Interval? {
    guard let lowEnd = quantile(low), let highEnd = quantile(high) else { return nil }
    return Interval(low: lowEnd, high: highEnd)
  }
}
