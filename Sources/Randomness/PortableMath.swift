/// Elementary functions made of IEEE additions, products and quotients only.
///
/// The C library's versions differ in the last bit between releases and processors; a result that
/// must be reproduced bit for bit uses these instead.
public enum PortableMath {
  /// Natural logarithm of a positive finite number, to about 2 units in the last place.
  public static func log(_ value: Double) -> Double {
    var mantissa = value.significand
    var exponent = Double(value.exponent)
    if mantissa > 2.0.squareRoot() {
      mantissa *= 0.5
      exponent += 1
    }
    // log m = 2 artanh((m - 1) / (m + 1)), |argument| < 0.1716.
    let ratio = (mantissa - 1) / (mantissa + 1)
    let square = ratio * ratio
    var series = 1.0 / 23
    for denominator in stride(from: 21.0, through: 1, by: -2) {
      series = series * square + 1 / denominator
    }
    // ln 2 in two parts: the first has 21 trailing zeros, so its products are exact.
    return exponent * 6.93147180369123816490e-01
      + (2 * ratio * series + exponent * 1.90821492927058770002e-10)
  }

  /// Exponential, to about 2 units in the last place; 0 below -745, infinity above 709.78.
  public static func exp(_ value: Double) -> Double {
    if value.isNaN { return value }
    if value > 709.782712893384 { return .infinity }
    if value < -745.2 { return 0 }
    let power = (value * 1.44269504088896338700).rounded(.toNearestOrEven)
    let rest =
      (value - power * 6.93147180369123816490e-01) - power * 1.90821492927058770002e-10
    var series = 1.0
    for divisor in stride(from: 16.0, through: 1, by: -1) { series = 1 + rest * series / divisor }
    // Two factors, so that a subnormal result does not pass through an overflowing power.
    let half = Int(power) / 2
    return series * Double(sign: .plus, exponent: half, significand: 1)
      * Double(sign: .plus, exponent: Int(power) - half, significand: 1)
  }

  /// Cosine of a real number of moderate size (|x| below 10⁵), to about 10⁻¹⁴.
  public static func cos(_ value: Double) -> Double {
    let turns = (value / (2 * Double.pi)).rounded(.toNearestOrEven)
    // 2π in two parts: the first has 20 trailing zeros, so its products are exact.
    let angle =
      (value - turns * 6.28318530693650245667) - turns * 2.43084020260247689973e-10
    let square = angle * angle
    var series = 1.0
    for term in stride(from: 30.0, through: 2, by: -2) {
      series = 1 - square * series / (term * (term - 1))
    }
    return series
  }
}
