/// How large a difference a number of seeds can tell from chance.
///
/// Two methods with equal normal spreads are compared by a two-sided t test with n seeds each:
/// the statistic has 2n - 2 degrees of freedom, and under a true difference d its noncentrality is
/// d / (sd · √(2 / n)). The detectable difference is the d at which the test rejects with the
/// wanted power; it is found by bisection on the noncentral t distribution.
///
/// Source: Cohen, Statistical Power Analysis (1988), section 2.4.
public enum DetectableDifference {
  /// Probability that the test finds a true difference.
  ///
  /// - Parameters:
  ///   - difference: True difference in standard deviations of a single run.
  ///   - seeds: Number of seeds of each method, at least 2.
  ///   - significance: Probability of finding a difference where there is none.
  package static func power(difference: Double, seeds: Int, significance: Double) -> Double {
    let degreesOfFreedom = Double(2 * seeds - 2)
    let critical = StudentT(degreesOfFreedom: degreesOfFreedom).quantile(1 - significance / 2)
    let statistic = NoncentralT(
      degreesOfFreedom: degreesOfFreedom,
      noncentrality: difference * (Double(seeds) / 2).squareRoot())
    return 1 - statistic.cumulative(critical) + statistic.cumulative(-critical)
  }

  /// The smallest difference of two means that is found with the wanted power.
  ///
  /// - Parameters:
  ///   - seeds: Number of seeds of each method.
  ///   - standardDeviation: Spread of a single run, in the unit of the result.
  ///   - significance: Probability of finding a difference where there is none.
  ///   - power: Probability of finding a difference of the returned size.
  /// - Returns: `nil` for fewer than two seeds: no difference can be detected.
  public static func smallest(
    seeds: Int, standardDeviation: Double, significance: Double = 0.05, power: Double = 0.8
  ) -> Double? {
    guard seeds >= 2 else { return nil }
    // 37 is where the series' first weight vanishes; 80 % power needs less than 7.
    var low = 0.0
    var high = 37 / (Double(seeds) / 2).squareRoot()
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if Self.power(difference: middle, seeds: seeds, significance: significance) < power {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2 * standardDeviation
  }
}
