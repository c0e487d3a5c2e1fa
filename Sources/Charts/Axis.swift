import Statistics

/// A scale with its ticks and its label.
public struct Axis: Hashable, Sendable {
  /// A mark on the scale.
  public struct Tick: Hashable, Sendable {
    /// Where the mark is, in the unit of the label.
    public let value: Double
    /// What is printed at the mark.
    public let text: String
  }

  /// What is measured, with its unit: `validation error (%)`.
  public let label: String
  /// First and last value drawn.
  public let range: ClosedRange<Double>
  /// Whether equal ratios have equal lengths.
  public let isLogarithmic: Bool
  /// Marks inside the range, ascending.
  public let ticks: [Tick]

  /// Makes a scale that holds all values, with about the wanted number of ticks at round numbers.
  ///
  /// - Parameters:
  ///   - values: What will be drawn; values that are not finite are left out, on a logarithmic
  ///     scale also those that are not positive.
  ///   - logarithmic: Whether equal ratios have equal lengths.
  ///   - tight: Whether the scale ends at the outermost values instead of at ticks.
  public init(
    _ label: String, holding values: [Double], logarithmic: Bool = false, tight: Bool = false,
    tickCount: Int = 6
  ) {
    self.label = label
    let usable = values.filter { $0.isFinite && (!logarithmic || $0 > 0) }
    let low = usable.min() ?? (logarithmic ? 1 : 0)
    let high = usable.max() ?? (logarithmic ? 10 : 1)
    isLogarithmic = logarithmic
    if logarithmic {
      (range, ticks) = Self.ratios(low, high)
    } else {
      (range, ticks) = Self.steps(low, high, count: max(2, tickCount), tight: tight)
    }
  }

  /// Where a value lies: 0 at the beginning of the scale, 1 at its end.
  public func place(of value: Double) -> Double {
    if !isLogarithmic {
      return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }
    let start = Logarithm.natural(range.lowerBound)
    let floor = Swift.max(value, range.lowerBound)
    return (Logarithm.natural(floor) - start) / (Logarithm.natural(range.upperBound) - start)
  }

  private static func steps(
    _ low: Double, _ high: Double, count: Int, tight: Bool
  ) -> (ClosedRange<Double>, [Tick]) {
    var (low, high) = (low, high)
    if high - low <= 1e-12 * max(low.magnitude, high.magnitude, 1e-9) {
      // A single value gets room on both sides.
      let room = max(low.magnitude * 0.1, 0.5)
      (low, high) = (low - room, high + room)
    }
    let (step, decimals) = roundStep(atLeast: (high - low) / Double(count))
    let first = (low / step + (tight ? -1e-9 : 1e-9)).rounded(tight ? .up : .down)
    let last = (high / step + (tight ? 1e-9 : -1e-9)).rounded(tight ? .down : .up)
    var ticks: [Tick] = []
    var index = first
    while index <= last, ticks.count < 40 {
      ticks.append(Tick(value: index * step, text: NumberText.fixed(index * step, decimals)))
      index += 1
    }
    return (tight ? low...high : (first * step)...(last * step), ticks)
  }

  /// The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below a size.
  private static func roundStep(atLeast size: Double) -> (step: Double, decimals: Int) {
    var power = 1.0
    var exponent = 0
    while power > size, exponent > -9 {
      exponent -= 1
      power = 1 / powerOfTen(-exponent)
    }
    while power * 10 <= size, exponent < 18 {
      exponent += 1
      power = powerOfTen(exponent)
    }
    let decimals = max(0, -exponent)
    for factor in [1, 2, 2.5, 5] where factor * power >= size * (1 - 1e-9) {
      return (factor * power, factor == 2.5 ? (exponent > 0 ? 0 : decimals + 1) : decimals)
    }
    return (10 * power, max(0, decimals - 1))
  }

  private static func powerOfTen(_ exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<max(0, exponent) { power *= 10 }
    return power
  }

  private static func ratios(_ low: Double, _ high: Double) -> (ClosedRange<Double>, [Tick]) {
    let high = max(high, low * 1.5)
    let wide = high / low > 300
    var ticks: [Tick] = []
    let start = Int(Logarithm.decimal(low).rounded(.down))
    let end = Int(Logarithm.decimal(high).rounded(.up))
    for exponent in start...max(start, end) {
      let power = exponent < 0 ? 1 / powerOfTen(-exponent) : powerOfTen(exponent)
      for factor in wide ? [1.0] : [1, 2, 5] {
        let value = factor * power
        guard value >= low * (1 - 1e-9), value <= high * (1 + 1e-9) else { continue }
        ticks.append(
          Tick(value: value, text: NumberText.fixed(value, exponent < 0 ? min(9, -exponent) : 0)))
      }
    }
    return (low...high, ticks)
  }
}
