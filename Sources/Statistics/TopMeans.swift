/// The means of the k best found so far, as a search goes on.
///
/// Source: Zoph & Le, arXiv 1611.01578, figure 6: policy gradient against random search.
public struct TopMeans: Hashable, Sendable {
  /// Mean of the `k` smallest values after each trial; `nil` while there are fewer.
  public let means: [Double?]

  /// Follows a search.
  ///
  /// An architecture found again counts once, with its smallest value: a method must not fill
  /// its top k by proposing one architecture k times.
  ///
  /// - Parameters:
  ///   - k: How many of the best, at least 1.
  ///   - trials: Identity and value of each trial in order; value `nil` where nothing was learned.
  public init(k: Int, trials: [(identity: String, value: Double?)]) {
    var best: [(identity: String, value: Double)] = []
    means = trials.map { trial in
      if let value = trial.value { Self.insert(trial.identity, value, into: &best, keeping: k) }
      return best.count < k ? nil : Sample(best.map(\.value)).mean
    }
  }

  private static func insert(
    _ identity: String, _ value: Double, into best: inout [(identity: String, value: Double)],
    keeping k: Int
  ) {
    if let known = best.firstIndex(where: { $0.identity == identity }) {
      if best[known].value <= value { return }
      best.remove(at: known)
    }
    best.insert((identity, value), at: best.firstIndex { $0.value > value } ?? best.count)
    if best.count > k { best.removeLast() }
  }
}
