/// Numbers of the same kind, one a seed, and what they say of their distribution.
public struct Sample: Hashable, Sendable {
  /// The values, in the order they were given.
  public let values: [Double]

  public init(_ values: [Double]) { self.values = values }

  /// Number of values.
  public var count: Int { values.count }

  /// Arithmetic mean; `nil` of no values.
  public var mean: Double? {
    guard let first = values.first else { return nil }
    // Differences from one value keep the digits of samples with a small spread.
    var sum = 0.0
    for value in values { sum += value - first }
    return first + sum / Double(count)
  }

  /// Sample standard deviation (division by count - 1); `nil` of fewer than two values.
  public var standardDeviation: Double? {
    guard let mean, count > 1 else { return nil }
    var sum = 0.0
    for value in values { sum += (value - mean) * (value - mean) }
    return (sum / Double(count - 1)).squareRoot()
  }

  /// Standard error of the mean; `nil` of fewer than two values.
  public var standardError: Double? {
    standardDeviation.map { $0 / Double(count).squareRoot() }
  }

  /// The interval that covers the true mean with the given confidence, by Student's t.
  ///
  /// - Parameter confidence: Between 0 and 1.
  /// - Returns: `nil` of fewer than two values: one value says nothing of its spread.
  public func meanInterval(confidence: Double = 0.95) -> Interval? {
    guard let mean, let standardError else { return nil }
    let quantile = StudentT(degreesOfFreedom: Double(count - 1)).quantile(0.5 + confidence / 2)
    return Interval(low: mean - quantile * standardError, high: mean + quantile * standardError)
  }

  /// The value below which a share of the values lie, with linear interpolation.
  ///
  /// Source: Hyndman & Fan, doi:10.2307/2684934, definition 7.
  ///
  /// - Parameter share: From 0 to 1.
  /// - Returns: `nil` of no values.
  public func quantile(_ share: Double) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let position = min(max(share, 0), 1) * Double(count - 1)
    let lower = Int(position)
    let upper = min(lower + 1, count - 1)
    return sorted[lower] + (position - Double(lower)) * (sorted[upper] - sorted[lower])
  }

  /// Mean of the smallest values.
  ///
  /// - Parameter k: How many, at least 1.
  /// - Returns: `nil` if there are fewer than `k` values.
  public func meanOfSmallest(_ k: Int) -> Double? {
    guard k >= 1, count >= k else { return nil }
    return Sample(Array(values.sorted().prefix(k))).mean
  }
}

/// A range in which a number is believed to lie.
public struct Interval: Hashable, Codable, Sendable {
  /// Lower end.
  public let low: Double
  /// Upper end.
  public let high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }
}
