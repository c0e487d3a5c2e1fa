import Randomness

/// The functions behind the distributions, from `PortableMath` alone: a printed probability has
/// the same digits on every machine.
package enum SpecialFunctions {
  /// Natural logarithm of the gamma function of a positive number, to about 14 digits.
  ///
  /// Source: Lanczos, doi:10.1137/0701008, with the nine coefficients for g = 7.
  package static func logGamma(_ value: Double) -> Double {
    let coefficients = [
      676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
      12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ]
    let shifted = value - 1
    var series = 0.99999999999980993
    for (index, coefficient) in coefficients.enumerated() {
      series += coefficient / (shifted + Double(index) + 1)
    }
    let base = shifted + 7.5
    let halfLogOfTwoPi = 0.91893853320467274178
    return halfLogOfTwoPi + (shifted + 0.5) * PortableMath.log(base) - base
      + PortableMath.log(series)
  }

  /// Regularized incomplete beta function I_x(a, b), to about 12 digits.
  ///
  /// Source: continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions,
  /// evaluated by Lentz's method.
  ///
  /// - Parameters:
  ///   - x: Upper limit of the integral, clamped to 0...1.
  ///   - a: First shape, above 0.
  ///   - b: Second shape, above 0.
  package static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let front = PortableMath.exp(
      logGamma(a + b) - logGamma(a) - logGamma(b) + a * PortableMath.log(x)
        + b * PortableMath.log(1 - x))
    // The fraction converges fast on one side of the mean; the other side is its mirror.
    if x < (a + 1) / (a + b + 2) { return front * betaFraction(x, a, b) / a }
    return 1 - front * betaFraction(1 - x, b, a) / b
  }

  private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    func away(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
    var c = 1.0
    var d = 1 / away(1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...2000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / away(1 + even * d)
      c = away(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / away(1 + odd * d)
      c = away(1 + odd / c)
      result *= d * c
      if (d * c - 1).magnitude < 1e-15 { break }
    }
    return result
  }

  /// Probability that a standard normal variable is at most `value`, to about 15 decimals.
  ///
  /// Source: Marsaglia's series, doi:10.18637/jss.v011.i04.
  package static func normalCDF(_ value: Double) -> Double {
    if value < -9 { return 0 }
    if value > 9 { return 1 }
    var sum = value
    var term = value
    var denominator = 1.0
    while term.magnitude > sum.magnitude * 1e-18 {
      denominator += 2
      term *= value * value / denominator
      sum += term
    }
    let inverseRootOfTwoPi = 0.39894228040143267794
    return 0.5 + sum * inverseRootOfTwoPi * PortableMath.exp(-value * value / 2)
  }
}
