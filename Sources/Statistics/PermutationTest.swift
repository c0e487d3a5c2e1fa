import Randomness

/// Permutation test of a difference of means.
///
/// Compares the observed difference with those of all ways to deal the values to the two samples,
/// or to exchange the two values of each pair. Equals `scipy.stats.permutation_test` of the
/// difference of means with `permutation_type` "independent" or "samples", but for the tolerance
/// with which differences count as equal: 1e-12 of the sum of magnitudes, not of the difference.
/// Of `Ranks` of the values it is the exact rank-sum test, with ties too.
///
/// Source: Fisher, The Design of Experiments (1935); of drawn orders Phipson & Smyth,
/// doi:10.2202/1544-6115.1585.
public struct PermutationTest: Hashable, Sendable {
  /// Number of orders up to which all are compared.
  public static let largestExactCount = 100_000

  /// Mean of the first minus mean of the second.
  public let difference: Double
  /// Whether all orders were compared, not a drawn part.
  public let isExact: Bool
  /// Number of orders compared.
  public let orders: Int
  /// The side that was tested.
  public let alternative: Alternative
  /// Share of the orders whose difference is at least this far to the tested side; of drawn orders
  /// (b + 1) / (draws + 1), the observed one counted.
  public let pValue: Double

  /// Compares two samples.
  ///
  /// - Parameters:
  ///   - key: Where orders are drawn from if there are too many to compare all.
  ///   - draws: Number of orders then drawn, at least 1.
  /// - Returns: `nil` if a sample is empty, a value is not finite, or there are no draws.
  public init?(
    _ first: Sample, _ second: Sample, alternative: Alternative = .twoSided, key: RandomKey,
    draws: Int = 9999
  ) {
    guard let firstMean = first.mean, let secondMean = second.mean, draws >= 1,
      (firstMean - secondMean).isFinite
    else { return nil }
    // Shifted: the digits of values that differ little would otherwise be lost in their sums.
    let values = (first.values + second.values).map { $0 - secondMean }
    let count = first.count
    var sums = Self.dealtSums(values, count)
    isExact = sums != nil
    if sums == nil {
      var generator = key.child("deal").generator()
      sums = (0..<draws).map { _ in
        var order = values
        generator.shuffle(&order)
        return order.prefix(count).reduce(0, +)
      }
    }
    difference = firstMean - secondMean
    orders = sums?.count ?? 0
    self.alternative = alternative
    pValue = Self.pValue(
      observed: values.prefix(count).reduce(0, +), sums ?? [], scale: values, isExact, alternative)
  }

  /// Compares pairs.
  ///
  /// - Parameters:
  ///   - first: One a pair.
  ///   - second: Of the same pairs in the same order.
  ///   - key: Where exchanges are drawn from if there are too many to compare all.
  ///   - draws: Number of exchanges then drawn, at least 1.
  /// - Returns: `nil` if the counts differ or are 0, a value is not finite, or there are no draws.
  public init?(
    pairs first: Sample, _ second: Sample, alternative: Alternative = .twoSided, key: RandomKey,
    draws: Int = 9999
  ) {
    let differences = zip(first.values, second.values).map { $0 - $1 }
    guard first.count == second.count, let mean = Sample(differences).mean, mean.isFinite,
      draws >= 1
    else { return nil }
    var sums: [Double]
    isExact = differences.count <= 16
    if isExact {
      sums = [0]
      for value in differences { sums = sums.map { $0 + value } + sums.map { $0 - value } }
    } else {
      var generator = key.child("exchange").generator()
      sums = (0..<draws).map { _ in
        differences.reduce(0) { generator.bernoulli(0.5) ? $0 - $1 : $0 + $1 }
      }
    }
    difference = mean
    orders = sums.count
    self.alternative = alternative
    pValue = Self.pValue(
      observed: differences.reduce(0, +), sums, scale: differences, isExact, alternative)
  }

  /// The sum of the first sample in every way to deal it from the values; `nil` of too many ways.
  private static func dealtSums(_ values: [Double], _ count: Int) -> [Double]? {
    let fewer = min(count, values.count - count)
    var ways = 1.0
    for step in 1...fewer { ways = ways * Double(values.count - fewer + step) / Double(step) }
    if ways > Double(largestExactCount) { return nil }
    // The sums of the smaller sample, by the number of values dealt to it so far.
    var sums = [[0.0]] + Array(repeating: [], count: fewer)
    for value in values {
      for size in stride(from: fewer, through: 1, by: -1) {
        sums[size] += sums[size - 1].map { $0 + value }
      }
    }
    if fewer == count { return sums[fewer] }
    let total = values.reduce(0, +)
    return sums[fewer].map { total - $0 }
  }

  private static func pValue(
    observed: Double, _ sums: [Double], scale values: [Double], _ isExact: Bool,
    _ alternative: Alternative
  ) -> Double {
    let tolerance = 1e-12 * values.reduce(0) { $0 + $1.magnitude }
    let own = isExact ? 0.0 : 1
    var lower = own
    var upper = own
    for sum in sums {
      if sum <= observed + tolerance { lower += 1 }
      if sum >= observed - tolerance { upper += 1 }
    }
    let count = Double(sums.count) + own
    return alternative.pValue(lower: lower / count, upper: upper / count)
  }
}
