/// A value that changes only at certain points: the best error found so far, over the budget.
public struct StepCurve: Hashable, Sendable {
  /// Where the value changes, ascending.
  public let positions: [Double]
  /// The value from the position of the same index on.
  public let values: [Double]

  /// Takes values as they became known.
  ///
  /// - Parameters:
  ///   - positions: Ascending.
  ///   - values: One a position.
  public init(positions: [Double], values: [Double]) {
    self.positions = positions
    self.values = values
  }

  /// Keeps the smallest value seen so far.
  ///
  /// - Parameters:
  ///   - positions: Where each value became known, in any order; not NaN.
  ///   - values: One a position; `nil` where nothing was learned.
  public init(bestOf values: [Double?], at positions: [Double]) {
    var steps: [(position: Double, value: Double)] = []
    let order = positions.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
    for index in order where index < values.count {
      guard let value = values[index] else { continue }
      guard let last = steps.last else {
        steps.append((positions[index], value))
        continue
      }
      if value >= last.value { continue }
      if last.position == positions[index] { steps.removeLast() }
      steps.append((positions[index], value))
    }
    self.positions = steps.map(\.position)
    self.values = steps.map(\.value)
  }

  /// The curve with its values mapped one by one.
  public func mapped(_ transform: (Double) -> Double) -> StepCurve {
    StepCurve(positions: positions, values: values.map(transform))
  }

  /// The value at a position; `nil` before the first step.
  public func value(at position: Double) -> Double? {
    // Binary search for the last step at or before the position.
    var low = 0
    var high = positions.count
    while low < high {
      let middle = (low + high) / 2
      if positions[middle] <= position { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : values[low - 1]
  }
}

/// The mean of several runs' curves on a common grid, with a pointwise interval.
public struct CurveBand: Hashable, Sendable {
  /// One position of the grid.
  public struct Point: Hashable, Sendable {
    /// In the grid's unit.
    public let position: Double
    /// Mean over the runs.
    public let mean: Double
    /// Student t interval of the mean; `nil` with fewer than two runs.
    public let interval: Interval?

    public init(position: Double, mean: Double, interval: Interval?) {
      self.position = position
      self.mean = mean
      self.interval = interval
    }
  }

  /// Number of runs.
  public let runs: Int
  /// Positions at which every run has a value, ascending.
  public let points: [Point]

  public init(runs: Int, points: [Point]) {
    self.runs = runs
    self.points = points
  }

  /// Aligns step curves on a grid.
  ///
  /// A position before the first value of any run has no point: a mean over only the runs that
  /// were quick would not be a mean over runs.
  ///
  /// - Parameters:
  ///   - curves: One a run.
  ///   - grid: Positions, ascending.
  public init(curves: [StepCurve], grid: [Double], confidence: Double = 0.95) {
    runs = curves.count
    let quantile =
      curves.count < 2
      ? nil : StudentT(degreesOfFreedom: Double(curves.count - 1)).quantile(0.5 + confidence / 2)
    var points: [Point] = []
    for position in grid {
      let values = curves.compactMap { $0.value(at: position) }
      let sample = Sample(values)
      guard values.count == curves.count, let mean = sample.mean else { continue }
      var interval: Interval?
      if let quantile, let standardError = sample.standardError {
        interval = Interval(
          low: mean - quantile * standardError, high: mean + quantile * standardError)
      }
      points.append(Point(position: position, mean: mean, interval: interval))
    }
    self.points = points
  }

  /// A grid of equal steps, or of equal ratios.
  ///
  /// - Parameters:
  ///   - range: First and last position; both above 0 for equal ratios.
  ///   - count: Number of positions, at least 2.
  ///   - logarithmic: Whether ratios are equal instead of steps.
  public static func grid(
    over range: ClosedRange<Double>, count: Int, logarithmic: Bool = false
  ) -> [Double] {
    let start = logarithmic ? Logarithm.natural(range.lowerBound) : range.lowerBound
    let end = logarithmic ? Logarithm.natural(range.upperBound) : range.upperBound
    return (0..<count).map { index in
      if index == count - 1 { return range.upperBound }
      if index == 0 { return range.lowerBound }
      let place = start + (end - start) * Double(index) / Double(count - 1)
      return logarithmic ? Logarithm.exponential(place) : place
    }
  }
}
