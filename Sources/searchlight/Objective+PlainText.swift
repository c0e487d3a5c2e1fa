import SearchCore

extension Objective {
  /// A score with its unit, as a terminal shows it: `12.31 %`; `nil` is unknown.
  func plainText(_ value: Double?) -> String {
    guard let value else { return "unknown" }
    let number = TableText.decimals(printed(value), decimals)
    return unit.isEmpty ? number : "\(number) \(unit)"
  }
}
