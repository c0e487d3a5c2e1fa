/// Spearman's ρ: the correlation of ranks.
///
/// t = ρ √((n - 2) / (1 - ρ²)) with n - 2 degrees of freedom. Equals `scipy.stats.spearmanr`; an
/// approximation for fewer than about ten pairs, and p = 0 of a perfect order.
///
/// Source: Spearman, doi:10.2307/1412159.
public struct SpearmanCorrelation: Hashable, Sendable {
  /// ρ, from -1 to 1.
  public let coefficient: Double
  /// The side that was tested: less is ρ < 0.
  public let alternative: Alternative
  /// Probability of a ρ at least this far to the tested side if the two are independent.
  public let pValue: Double

  /// Correlates pairs.
  ///
  /// - Parameters:
  ///   - first: One a pair.
  ///   - second: Of the same pairs in the same order.
  /// - Returns: `nil` if the counts differ or are below 3, a value is not a number, or all values
  ///   of a side are equal.
  public init?(_ first: [Double], _ second: [Double], alternative: Alternative = .twoSided) {
    guard first.count == second.count, first.count >= 3, let a = Ranks(first),
      let b = Ranks(second)
    else { return nil }
    let middle = Double(first.count + 1) / 2
    var product = 0.0
    var firstSquares = 0.0
    var secondSquares = 0.0
    for (x, y) in zip(a.values, b.values) {
      product += (x - middle) * (y - middle)
      firstSquares += (x - middle) * (x - middle)
      secondSquares += (y - middle) * (y - middle)
    }
    guard firstSquares > 0, secondSquares > 0 else { return nil }
    let rho = product / (firstSquares * secondSquares).squareRoot()
    let degreesOfFreedom = Double(first.count - 2)
    coefficient = min(1, max(-1, rho))
    self.alternative = alternative
    // Both factors keep the digits of a ρ near ±1; there t is infinite, and its tail 0 or 1.
    let rest = (1 - coefficient) * (1 + coefficient)
    pValue = alternative.pValue(
      t: coefficient * (degreesOfFreedom / rest).squareRoot(), degreesOfFreedom: degreesOfFreedom)
  }
}

/// Kendall's τ-b: how many more pairs of pairs are in the same order than in opposite orders.
///
/// τ = (concordant - discordant) / √(pairs not tied in the first · pairs not tied in the second).
/// Equals `scipy.stats.kendalltau`: the null distribution is counted out without ties for up to 33
/// pairs, otherwise the approximation is normal, corrected for ties. SciPy is also exact for more
/// pairs in perfect order but for at most one; we are not.
///
/// Source: Kendall, doi:10.1093/biomet/30.1-2.81; with ties Rank Correlation Methods (1970).
public struct KendallCorrelation: Hashable, Sendable {
  /// Number of pairs up to which the null distribution is counted out.
  public static let largestExactCount = 33

  /// τ-b, from -1 to 1.
  public let coefficient: Double
  /// Whether `pValue` comes from the exact null distribution.
  public let isExact: Bool
  /// The side that was tested: less is τ < 0.
  public let alternative: Alternative
  /// Probability of a τ at least this far to the tested side if the two are independent.
  public let pValue: Double

  /// Correlates pairs.
  ///
  /// - Parameters:
  ///   - first: One a pair.
  ///   - second: Of the same pairs in the same order.
  /// - Returns: `nil` if the counts differ or are below 3, a value is not a number, or all values
  ///   of a side are equal.
  public init?(_ first: [Double], _ second: [Double], alternative: Alternative = .twoSided) {
    guard first.count == second.count, first.count >= 3, let a = Ranks(first),
      let b = Ranks(second)
    else { return nil }
    let n = first.count
    let pairs = n * (n - 1) / 2
    let score = Self.score(a.values, b.values)
    let firstUntied = pairs - Self.tiedPairs(a)
    let secondUntied = pairs - Self.tiedPairs(b)
    guard firstUntied > 0, secondUntied > 0 else { return nil }
    let size = Double(firstUntied).squareRoot() * Double(secondUntied).squareRoot()
    coefficient = min(1, max(-1, Double(score) / size))
    isExact = n <= Self.largestExactCount && a.tieSizes.isEmpty && b.tieSizes.isEmpty
    self.alternative = alternative
    if isExact {
      let counts = Self.nullCounts(n)
      let concordant = (pairs + score) / 2
      pValue = alternative.pValue(
        lower: counts.share(through: concordant), upper: counts.share(through: pairs - concordant))
    } else {
      pValue = alternative.pValue(normal: Double(score) / Self.variance(n, a, b).squareRoot())
    }
  }

  /// Concordant minus discordant pairs.
  private static func score(_ first: [Double], _ second: [Double]) -> Int {
    var score = 0
    for i in first.indices {
      for j in 0..<i {
        let product = (first[i] - first[j]) * (second[i] - second[j])
        score += product > 0 ? 1 : product < 0 ? -1 : 0
      }
    }
    return score
  }

  private static func tiedPairs(_ ranks: Ranks) -> Int {
    ranks.tieSizes.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
  }

  /// In how many of the orders of n values 0, 1, … pairs are concordant: the next value is
  /// concordant with any number of those before it.
  package static func nullCounts(_ n: Int) -> [Double] {
    var counts = [1.0]
    for size in 2...n {
      var next = Array(repeating: 0.0, count: counts.count + size - 1)
      for (index, count) in counts.enumerated() {
        for shift in 0..<size { next[index + shift] += count }
      }
      counts = next
    }
    return counts
  }

  private static func variance(_ n: Int, _ first: Ranks, _ second: Ranks) -> Double {
    func sum(_ ranks: Ranks, _ term: (Double) -> Double) -> Double {
      ranks.tieSizes.reduce(0) { $0 + term(Double($1)) }
    }
    let size = Double(n)
    let m = size * (size - 1)
    let spread: (Double) -> Double = { $0 * ($0 - 1) * (2 * $0 + 5) }
    let triples: (Double) -> Double = { $0 * ($0 - 1) * ($0 - 2) }
    let ties = 2 * Double(tiedPairs(first)) * Double(tiedPairs(second)) / m
    return (m * (2 * size + 5) - sum(first, spread) - sum(second, spread)) / 18 + ties
      + sum(first, triples) * sum(second, triples) / (9 * m * (size - 2))
  }
}
