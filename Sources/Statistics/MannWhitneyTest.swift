/// Mann and Whitney's test of whether values of one sample tend to be larger than those of
/// another.
///
/// U = #(x > y) + #(x = y) / 2 over all pairs. Equals `scipy.stats.mannwhitneyu`, with
/// `method="exact"` where `isExact` is true and else `method="asymptotic"`. Unlike SciPy's choice
/// ("auto" is exact only if a sample has at most 8 values), no tie and a product of the counts
/// up to `largestExactProduct` make it exact. For few values with ties the normal
/// approximation is poor; `PermutationTest` of their `Ranks` is exact.
///
/// Source: Mann & Whitney, doi:10.1214/aoms/1177730491.
public struct MannWhitneyTest: Hashable, Sendable {
  /// Product of the counts of both samples up to which the null distribution is counted out.
  public static let largestExactProduct = 2500

  /// Of the first sample, from 0 to the product of the counts.
  public let u: Double
  /// Whether `pValue` comes from the exact null distribution; else from the normal approximation
  /// with corrections for ties and continuity.
  public let isExact: Bool
  /// The side that was tested.
  public let alternative: Alternative
  /// Probability of a U at least this far to the tested side if both have one distribution.
  public let pValue: Double

  /// Compares two samples.
  ///
  /// - Returns: `nil` if a sample is empty or holds a value that is not a number. Where all values
  ///   are equal the p-value is 1.
  public init?(_ first: Sample, _ second: Sample, alternative: Alternative = .twoSided) {
    guard first.count > 0, second.count > 0,
      let ranks = Ranks(first.values + second.values)
    else { return nil }
    let n = first.count
    let m = second.count
    var rankSum = 0.0
    for rank in ranks.values.prefix(n) { rankSum += rank }
    u = rankSum - Double(n) * Double(n + 1) / 2
    self.alternative = alternative
    isExact = ranks.tieSizes.isEmpty && n <= Self.largestExactProduct / m
    pValue =
      isExact
      ? Self.exactPValue(u: Int(u), n, m, alternative)
      : Self.approximatePValue(u: u, n, m, tieTerm: ranks.tieTerm, alternative)
  }

  private static func exactPValue(
    u: Int, _ n: Int, _ m: Int, _ alternative: Alternative
  ) -> Double {
    let counts = nullCounts(n, m)
    return alternative.pValue(
      lower: counts.share(through: u), upper: counts.share(through: n * m - u))
  }

  /// In how many of the orders of n + m different values U takes each value 0, 1, …, n·m.
  ///
  /// c(n, m)[u] = c(n, m - 1)[u] + c(n - 1, m)[u - m], by whose value is the largest; only sums,
  /// so rounding keeps the relative precision of each count.
  package static func nullCounts(_ n: Int, _ m: Int) -> [Double] {
    var fewer = Array(repeating: [1.0], count: m + 1)
    for i in 1...n {
      var row = [[1.0]]
      for j in 1...m {
        var counts = row[j - 1] + Array(repeating: 0, count: i)
        for (index, count) in fewer[j].enumerated() { counts[index + j] += count }
        row.append(counts)
      }
      fewer = row
    }
    return fewer[m]
  }

  private static func approximatePValue(
    u: Double, _ n: Int, _ m: Int, tieTerm: Double, _ alternative: Alternative
  ) -> Double {
    let total = Double(n) + Double(m)
    let product = Double(n) * Double(m)
    let spread = (product / 12 * (total + 1 - tieTerm / (total * (total - 1)))).squareRoot()
    if !(spread > 0) { return 1 }
    // Continuity: half a step towards the mean, for each tail from its own side.
    let excess = u - product / 2
    return alternative.pValue(
      lower: SpecialFunctions.normalTail((-excess - 0.5) / spread),
      upper: SpecialFunctions.normalTail((excess - 0.5) / spread))
  }
}

extension [Double] {
  /// Share of the total that the counts up to an index hold.
  package func share(through index: Int) -> Double {
    var part = 0.0
    var total = 0.0
    for (position, count) in enumerated() {
      if position <= index { part += count }
      total += count
    }
    return part / total
  }
}
