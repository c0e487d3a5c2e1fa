import Statistics

/// What a method would give whose runs are spread as a claim says: on average, and as the best of
/// several.
///
/// Runs are taken for independent normal draws with the published mean and spread, so the figures
/// are as good as those; the best of k is below (or above) the mean by the expected maximum of k
/// normal variables times the spread.
public struct MethodExpectation: Hashable, Sendable {
  /// Mean of one run, in the metric's unit.
  public let mean: Double
  /// The interval that covers the true mean with 95 % confidence, by Student's t; `nil` if the
  /// number of runs is not known.
  public let meanInterval: Interval?
  /// Number k of runs whose best is taken.
  public let count: Int
  /// Expected best of k runs.
  public let best: Double
  /// The interval in which the best of k runs lies with probability 95 %.
  public let bestInterval: Interval
  /// Whether the mean was computed back from a published best.
  public let isFromBest: Bool

  /// Computes what a claim says of the method behind it.
  ///
  /// - Parameter count: k, at least 2; by default the number of searches that the claim chose
  ///   among, else 4.
  /// - Returns: `nil` if the claim has no spread, or no value that follows from runs.
  public init?(_ claim: PublishedResult, count: Int? = nil) {
    let count = max(2, count ?? claim.searches ?? 4)
    guard let spread = claim.spread, spread > 0,
      let gain = NormalMaximum(count: count).expected.map({ $0 * spread })
    else { return nil }
    let sign = claim.metric.isHigherBetter ? 1.0 : -1.0
    let isFromBest = claim.statistic == .best
    var mean = claim.value
    var meanInterval: Interval?
    if isFromBest {
      // The best of its runs is what was printed.
      guard let runs = claim.runs, runs >= 2, let share = NormalMaximum(count: runs).expected
      else { return nil }
      mean -= sign * share * spread
    } else if let runs = claim.runs {
      meanInterval = Self.interval(mean: mean, spread: spread, runs: runs)
    }
    (self.mean, self.meanInterval, self.isFromBest) = (mean, meanInterval, isFromBest)
    self.count = count
    best = mean + sign * gain
    let low = NormalMaximum(count: count).quantile(0.025) * spread
    let high = NormalMaximum(count: count).quantile(0.975) * spread
    bestInterval =
      sign > 0
      ? Interval(low: mean + low, high: mean + high)
      : Interval(low: mean - high, high: mean - low)
  }

  private static func interval(mean: Double, spread: Double, runs: Int) -> Interval? {
    SampleSummary(mean: mean, standardDeviation: spread, count: runs).map { summary in
      let half =
        StudentT(degreesOfFreedom: Double(runs - 1)).quantile(0.975) * summary.standardError
      return Interval(low: mean - half, high: mean + half)
    }
  }
}
