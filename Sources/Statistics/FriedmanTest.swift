import Randomness

/// Friedman's test of whether methods differ over tasks, by their ranks within each task.
///
/// χ² = (12 / (N k (k + 1)) Σ R² - 3 N (k + 1)) / c with rank sums R of k methods on N tasks and
/// c = 1 - Σ (t³ - t) / (N (k³ - k)) for ties; k - 1 degrees of freedom. Equals
/// `scipy.stats.friedmanchisquare`. Two methods are compared by `WilcoxonTest`, and two tasks say
/// nothing of tasks: both are refused.
///
/// Source: Friedman, doi:10.1080/01621459.1937.10503522; Demšar, Statistical Comparisons of
/// Classifiers over Multiple Data Sets, Journal of Machine Learning Research 7 (2006) 1-30.
public struct FriedmanTest: Hashable, Sendable {
  /// Why there is no test.
  public enum Refusal: Error, Hashable, Sendable {
    /// Fewer than three tasks.
    case tooFewTasks(Int)
    /// Fewer than three methods.
    case tooFewMethods(Int)
    /// A task has another number of results than the first.
    case unevenTask(index: Int)
    /// A result of a task is not a number.
    case notANumber(task: Int)
    /// All methods are tied on every task.
    case allTied
  }

  /// Number N of tasks.
  public let tasks: Int
  /// Mean rank of each method, from 1 for the smallest results.
  public let meanRanks: [Double]
  /// χ², at least 0.
  public let statistic: Double
  /// Probability of a statistic at least this large if the methods do not differ; too large by
  /// the approximation if tasks are few.
  public let pValue: Double

  /// Compares methods.
  ///
  /// - Parameter results: One row a task, one number a method, in the same order in each row.
  public init(_ results: [[Double]]) throws(Refusal) {
    guard results.count >= 3 else { throw .tooFewTasks(results.count) }
    let methods = results[0].count
    guard methods >= 3 else { throw .tooFewMethods(methods) }
    var sums = Array(repeating: 0.0, count: methods)
    var ties = 0.0
    for (index, row) in results.enumerated() {
      guard row.count == methods else { throw .unevenTask(index: index) }
      guard let ranks = Ranks(row) else { throw .notANumber(task: index) }
      for (method, rank) in ranks.values.enumerated() { sums[method] += rank }
      ties += ranks.tieTerm
    }
    let n = Double(results.count)
    let k = Double(methods)
    let correction = 1 - ties / (n * k * (k * k - 1))
    guard correction > 0 else { throw .allTied }
    let squares = sums.reduce(0) { $0 + $1 * $1 }
    tasks = results.count
    meanRanks = sums.map { $0 / n }
    statistic = (12 / (n * k * (k + 1)) * squares - 3 * n * (k + 1)) / correction
    pValue = ChiSquared(degreesOfFreedom: k - 1).upperTail(statistic)
  }

  /// Nemenyi's critical difference: methods whose mean ranks are at least this far apart differ,
  /// with probability at most α of a wrong pair in the whole family.
  ///
  /// CD = q √(k (k + 1) / (6 N)), q the 1 - α quantile of the studentized range of k normal
  /// variables with infinite degrees of freedom, over √2.
  ///
  /// - Parameter significance: α, between 0 and 1, both excluded.
  /// - Returns: `nil` if the significance is out of range.
  public func criticalDifference(significance: Double = 0.05) -> Double? {
    guard significance > 0, significance < 1 else { return nil }
    let k = Double(meanRanks.count)
    let quantile = NormalRange(count: meanRanks.count).quantile(1 - significance)
    return quantile * (k * (k + 1) / (12 * Double(tasks))).squareRoot()
  }
}

/// The largest minus the smallest of independent standard normal variables: the studentized range
/// with infinite degrees of freedom.
package struct NormalRange: Hashable, Sendable {
  /// Number k of variables, at least 2.
  package let count: Int

  package init(count: Int) { self.count = count }

  /// Probability that the range is at most `range`: k ∫ φ(z) (Φ(z) - Φ(z - range))ᵏ⁻¹ dz.
  package func cumulative(_ range: Double) -> Double {
    if range <= 0 { return 0 }
    // The trapezoidal rule of a smooth function that vanishes at both ends has all its digits.
    let step = 1.0 / 16
    var sum = 0.0
    for index in -144...144 {
      let z = Double(index) * step
      let between = SpecialFunctions.normalCDF(z) - SpecialFunctions.normalCDF(z - range)
      var power = PortableMath.exp(-z * z / 2)
      for _ in 1..<count { power *= between }
      sum += power
    }
    return min(1, Double(count) * sum * step * 0.39894228040143267794)
  }

  /// The value that the range is at most with the given probability, as
  /// `scipy.stats.studentized_range.ppf` with infinite degrees of freedom.
  package func quantile(_ probability: Double) -> Double {
    var low = 0.0
    var high = 20.0
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if cumulative(middle) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
