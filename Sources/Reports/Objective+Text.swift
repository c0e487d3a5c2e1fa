import Charts
import SearchCore
import Statistics

/// Scores as a report prints them.
extension Objective {
  /// A score or a difference of scores without its unit.
  package func number(_ value: Double) -> String { NumberText.fixed(printed(value), decimals) }

  /// A score with its unit: `12.31 %`; `nil` is unknown.
  package func text(_ value: Double?) -> String {
    guard let value else { return NumberText.unknown }
    return unit.isEmpty ? number(value) : number(value) + NumberText.thinSpace + unit
  }

  /// A mean of scores with its interval: `12.31 % [11.02, 13.60]`.
  package func text(_ sample: Sample, withUnit: Bool = true) -> String {
    guard let mean = sample.mean else { return NumberText.unknown }
    let text = withUnit ? text(mean) : number(mean)
    return sample.meanInterval().map { "\(text) \(range($0))" } ?? text
  }

  /// An interval of scores without its unit: `[11.02, 13.60]`.
  package func range(_ interval: Interval) -> String {
    "[\(number(interval.low)), \(number(interval.high))]"
  }
}
