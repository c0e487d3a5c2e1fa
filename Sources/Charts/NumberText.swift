/// Numbers as they are printed: a true minus sign, thin spaces between thousands, no exponent.
public enum NumberText {
  /// Narrow no-break space: between a number and its unit, and between thousands.
  public static let thinSpace = "\u{202F}"
  /// Printed for a number that is not known.
  public static let unknown = "unknown"

  /// A number with a fixed count of decimals; half rounds away from zero.
  ///
  /// - Parameter decimals: From 0 to 9.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? unknown : value < 0 ? "−∞" : "∞" }
    let plain = plain(value, decimals)
    let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
    let isNegative = plain.hasPrefix("-")
    let whole = grouped(String(parts[0].drop { $0 == "-" }))
    return (isNegative ? "−" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
  }

  /// A number with a fixed count of decimals in ASCII, for tables that machines read.
  ///
  /// - Parameter decimals: From 0 to 9.
  public static func plain(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    // Past 2⁶² the digits after the point are not in the number anyway.
    guard scaled < 4e18 else { return String(describing: value) }
    let digits = String(Int(scaled))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if decimals == 0 { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// A whole number.
  public static func integer(_ value: Int) -> String {
    let whole = grouped(String(value.magnitude))
    return value < 0 ? "−" + whole : whole
  }

  /// A probability of a test: two digits, and a bound where it is tiny.
  public static func probability(_ value: Double) -> String {
    if value < 0.001 { return "<" + thinSpace + "0.001" }
    return "=" + thinSpace + fixed(value, value < 0.0995 ? 3 : 2)
  }

  private static func grouped(_ digits: String) -> String {
    guard digits.count > 4 else { return digits }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += thinSpace }
      result.append(digit)
    }
    return result
  }
}
