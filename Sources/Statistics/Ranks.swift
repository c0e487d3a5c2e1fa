/// Places of values in ascending order; equal values share the mean of their places.
///
/// Equals `scipy.stats.rankdata` with `method="average"`.
public struct Ranks: Hashable, Sendable {
  /// One a value, in the order of the values, from 1; halves where values are tied.
  public let values: [Double]
  /// Sizes of the groups of equal values, of those of at least two.
  public let tieSizes: [Int]

  /// Ranks values.
  ///
  /// - Returns: `nil` if a value is not a number: it has no place.
  public init?(_ values: [Double]) {
    if values.contains(where: \.isNaN) { return nil }
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = Array(repeating: 0.0, count: values.count)
    var ties: [Int] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
      if end - start > 1 { ties.append(end - start) }
      start = end
    }
    self.values = ranks
    tieSizes = ties
  }

  /// Σ (t³ - t) over the tie groups' sizes t: what ties take from a rank statistic's variance.
  package var tieTerm: Double {
    var sum = 0.0
    for size in tieSizes.map(Double.init) { sum += size * (size * size - 1) }
    return sum
  }
}
