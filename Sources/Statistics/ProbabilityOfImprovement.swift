/// How often a run of one method beats a run of another.
public enum ProbabilityOfImprovement {
  /// Vargha and Delaney's A₁₂: (#(x > y) + #(x = y) / 2) / (n · m), from 0 to 1; 0.5 means that
  /// neither tends to be larger. Equals U / (n · m) of `scipy.stats.mannwhitneyu`.
  ///
  /// Source: Vargha & Delaney, doi:10.3102/10769986025002101.
  ///
  /// - Returns: `nil` if a sample is empty or holds a value that is not a number.
  public static func a12(_ first: Sample, _ second: Sample) -> Double? {
    guard first.count > 0, second.count > 0,
      let ranks = Ranks(first.values + second.values)
    else { return nil }
    let n = Double(first.count)
    var rankSum = 0.0
    for rank in ranks.values.prefix(first.count) { rankSum += rank }
    return (rankSum / n - (n + 1) / 2) / Double(second.count)
  }

  /// The mean of A₁₂ over tasks.
  ///
  /// Source: Agarwal et al., arXiv 2108.13264, section 4.3.
  ///
  /// - Parameters:
  ///   - first: Runs of one method, one sample a task.
  ///   - second: Runs of the other, of the same tasks in the same order.
  /// - Returns: `nil` if the numbers of tasks differ or are 0, or a task has no runs of a method.
  public static func mean(_ first: [Sample], _ second: [Sample]) -> Double? {
    guard first.count == second.count else { return nil }
    let parts = zip(first, second).compactMap(a12)
    return parts.count == first.count ? Sample(parts).mean : nil
  }
}
