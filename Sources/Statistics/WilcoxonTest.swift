/// Wilcoxon's signed-rank test of whether paired differences lie symmetrically around 0.
///
/// Equals `scipy.stats.wilcoxon` with its defaults: differences of 0 are dropped; the null
/// distribution is counted out for up to 50 pairs, or for up to 13 if differences are tied or 0;
/// otherwise the approximation is normal, corrected for ties but not for continuity.
///
/// Source: Wilcoxon, doi:10.2307/3001968.
public struct WilcoxonTest: Hashable, Sendable {
  /// Sum of the ranks of the positive differences.
  public let positiveRankSum: Double
  /// Number of differences other than 0.
  public let count: Int
  /// Whether `pValue` comes from the exact null distribution of these ranks.
  public let isExact: Bool
  /// The side that was tested.
  public let alternative: Alternative
  /// Probability of a rank sum at least this far to the tested side if each difference is as
  /// likely to have the other sign.
  public let pValue: Double

  /// Compares pairs.
  ///
  /// - Parameters:
  ///   - first: One a pair.
  ///   - second: Of the same pairs in the same order.
  /// - Returns: `nil` if the counts differ, a value is not a number, or no pair differs.
  public init?(_ first: Sample, _ second: Sample, alternative: Alternative = .twoSided) {
    guard first.count == second.count else { return nil }
    self.init(
      differences: zip(first.values, second.values).map { $0 - $1 }, alternative: alternative)
  }

  /// Tests differences.
  ///
  /// - Returns: `nil` if a difference is not a number, or all are 0.
  public init?(differences: [Double], alternative: Alternative = .twoSided) {
    let signed = differences.filter { $0 != 0 }
    guard !signed.isEmpty, let ranks = Ranks(signed.map(\.magnitude)) else { return nil }
    var sum = 0.0
    for (difference, rank) in zip(signed, ranks.values) where difference > 0 { sum += rank }
    let plain = ranks.tieSizes.isEmpty && signed.count == differences.count
    positiveRankSum = sum
    count = signed.count
    self.alternative = alternative
    isExact = differences.count <= (plain ? 50 : 13)
    pValue =
      isExact
      ? Self.exactPValue(sum, ranks, alternative)
      : Self.approximatePValue(sum, ranks, alternative)
  }

  private static func exactPValue(
    _ sum: Double, _ ranks: Ranks, _ alternative: Alternative
  ) -> Double {
    // Twice the ranks are whole even where they are tied.
    let doubled = ranks.values.map { Int(2 * $0) }
    let counts = nullCounts(doubled)
    let observed = Int(2 * sum)
    return alternative.pValue(
      lower: counts.share(through: observed),
      upper: counts.share(through: counts.count - 1 - observed))
  }

  /// How many of the choices of signs give each sum of the positive whole numbers.
  package static func nullCounts(_ numbers: [Int]) -> [Double] {
    var counts = [1.0]
    for number in numbers {
      var next = counts + Array(repeating: 0, count: number)
      for (index, count) in counts.enumerated() { next[index + number] += count }
      counts = next
    }
    return counts
  }

  private static func approximatePValue(
    _ sum: Double, _ ranks: Ranks, _ alternative: Alternative
  ) -> Double {
    let n = Double(ranks.values.count)
    let spread = ((n * (n + 1) * (2 * n + 1) - ranks.tieTerm / 2) / 24).squareRoot()
    return alternative.pValue(normal: (sum - n * (n + 1) / 4) / spread)
  }
}
