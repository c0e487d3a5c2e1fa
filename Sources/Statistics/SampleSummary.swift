/// What papers print of a sample: mean, spread and number of runs.
public struct SampleSummary: Hashable, Codable, Sendable {
  /// In the unit of the result.
  public let mean: Double
  /// Sample standard deviation (division by count - 1) of single runs, in the same unit; not of
  /// the mean.
  public let standardDeviation: Double
  /// Number of runs, at least 2.
  public let count: Int

  /// Takes printed numbers.
  ///
  /// - Returns: `nil` of fewer than two runs, a negative spread, or numbers that are not finite.
  public init?(mean: Double, standardDeviation: Double, count: Int) {
    guard mean.isFinite, standardDeviation.isFinite, standardDeviation >= 0, count >= 2 else {
      return nil
    }
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.count = count
  }

  /// Summarizes values.
  ///
  /// - Returns: `nil` of fewer than two values, or of values that are not finite.
  public init?(_ sample: Sample) {
    guard let mean = sample.mean, let spread = sample.standardDeviation else { return nil }
    self.init(mean: mean, standardDeviation: spread, count: sample.count)
  }

  /// Standard error of the mean.
  public var standardError: Double { standardDeviation / Double(count).squareRoot() }

  /// The interval in which the mean of new runs lies with the given probability, if they follow
  /// the same normal distribution: mean ± t(n - 1) · sd · √(1/n + 1/k).
  ///
  /// Source: Hahn & Meeker, Statistical Intervals (1991), doi:10.1002/9780470316771, chapter 4;
  /// SciPy has no such function.
  ///
  /// - Parameters:
  ///   - newRuns: Number k of new runs, at least 1.
  ///   - confidence: Between 0 and 1, both excluded.
  /// - Returns: `nil` if a parameter is out of range.
  public func predictionInterval(ofMeanOf newRuns: Int, confidence: Double = 0.95) -> Interval? {
    guard newRuns >= 1, confidence > 0, confidence < 1 else { return nil }
    let quantile = StudentT(degreesOfFreedom: Double(count - 1)).quantile(0.5 + confidence / 2)
    let half =
      quantile * standardDeviation * (1 / Double(count) + 1 / Double(newRuns)).squareRoot()
    return Interval(low: mean - half, high: mean + half)
  }
}
