/// How small a p-value an exact rank test can give at all, whatever the values.
///
/// Complete separation is the strongest evidence that a rank test can see, so few runs bound its
/// p-value from below: with 3 + 3 runs no result reaches p < 0.10. The bound holds for every test
/// that is exact over the orders of the runs, the permutation test of means included.
public enum ReachableSignificance {
  /// Number of runs up to which needed runs are sought.
  public static let largestCount = 10_000

  /// Smallest two-sided p-value of the exact Mann-Whitney test: 2 / C(n + m, n), at most 1.
  ///
  /// - Returns: `nil` if a count is below 1.
  public static func mannWhitney(_ n: Int, _ m: Int) -> Double? {
    guard n >= 1, m >= 1 else { return nil }
    let fewer = min(n, m)
    var orders = 1.0
    for step in 1...fewer {
      // C(k, step) stays whole at each step, so it is exact as long as a Double can hold it.
      orders = orders * Double(max(n, m) + step) / Double(step)
    }
    return min(1, 2 / orders)
  }

  /// Smallest two-sided p-value of the exact Wilcoxon signed-rank test, and of the sign test:
  /// 2 / 2ⁿ.
  ///
  /// - Parameter n: Pairs that differ.
  /// - Returns: `nil` if there are none.
  public static func wilcoxon(_ n: Int) -> Double? {
    guard n >= 1 else { return nil }
    return Double(sign: .plus, exponent: max(1 - n, -1074), significand: 1)
  }

  /// Fewest runs of each of two methods with which the Mann-Whitney test can give p ≤ level.
  ///
  /// - Parameter level: Above 0.
  /// - Returns: `nil` if the level is not above 0 or needs more than `largestCount` runs.
  public static func runsNeededOfEach(level: Double) -> Int? {
    smallestCount(level: level) { mannWhitney($0, $0) }
  }

  /// Fewest new runs with which the Mann-Whitney test against a fixed number of runs can give
  /// p ≤ level.
  ///
  /// - Parameters:
  ///   - count: Runs that there are, at least 1.
  ///   - level: Above 0.
  /// - Returns: `nil` if a parameter is out of range or `largestCount` runs are not enough.
  public static func runsNeeded(against count: Int, level: Double) -> Int? {
    smallestCount(level: level) { mannWhitney($0, count) }
  }

  /// Fewest pairs with which the Wilcoxon test can give p ≤ level.
  ///
  /// - Parameter level: Above 0.
  /// - Returns: `nil` if the level is not above 0 or out of reach.
  public static func pairsNeeded(level: Double) -> Int? {
    smallestCount(level: level, of: wilcoxon)
  }

  /// Bisection: more runs never make the smallest p-value larger.
  private static func smallestCount(level: Double, of smallestP: (Int) -> Double?) -> Int? {
    func reaches(_ count: Int) -> Bool { smallestP(count).map { $0 <= level } ?? false }
    guard level > 0, reaches(largestCount) else { return nil }
    var low = 0
    var high = largestCount
    while high - low > 1 {
      let middle = (low + high) / 2
      if reaches(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
