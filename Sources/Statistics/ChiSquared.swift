import Randomness

/// The chi-squared distribution: what Friedman's statistic follows with many tasks.
package struct ChiSquared: Hashable, Sendable {
  /// Above 0.
  package let degreesOfFreedom: Double

  package init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  /// Probability that a variable is larger than `value`, as `scipy.stats.chi2.sf`, to about 12
  /// digits.
  ///
  /// Source: incomplete gamma function, series 8.7.3 and continued fraction 8.9.2 of the NIST
  /// Digital Library of Mathematical Functions.
  package func upperTail(_ value: Double) -> Double {
    let a = degreesOfFreedom / 2
    let x = value / 2
    if x <= 0 { return 1 }
    let front = PortableMath.exp(a * PortableMath.log(x) - x - SpecialFunctions.logGamma(a))
    // The series converges fast below the mean, the fraction above it.
    return x < a + 1 ? 1 - front * Self.series(a, x) : front * Self.fraction(a, x)
  }

  private static func series(_ a: Double, _ x: Double) -> Double {
    var term = 1 / a
    var sum = term
    var step = a
    while term > sum * 1e-17 {
      step += 1
      term *= x / step
      sum += term
    }
    return sum
  }

  private static func fraction(_ a: Double, _ x: Double) -> Double {
    var fraction = 0.0
    for step in stride(from: 500.0, through: 1, by: -1) {
      fraction = step * (step - a) / (x + 2 * step + 1 - a - fraction)
    }
    return 1 / (x + 1 - a - fraction)
  }
}
