import Randomness

extension SpecialFunctions {
  /// Probability that a standard normal variable is larger than `z`, to about 12 digits however
  /// small it is, as `scipy.stats.norm.sf`; 0 beyond 38.
  ///
  /// Source: Laplace's continued fraction, 7.9.3 of the NIST Digital Library of Mathematical
  /// Functions, where the difference from a half would lose the digits.
  package static func normalTail(_ z: Double) -> Double {
    if z.isNaN { return z }
    if z < 2.5 { return 1 - normalCDF(z) }
    if z > 39 { return 0 }
    var fraction = z
    for step in stride(from: 200.0, through: 1, by: -1) { fraction = z + step / fraction }
    let inverseRootOfTwoPi = 0.39894228040143267794
    return inverseRootOfTwoPi * PortableMath.exp(-z * z / 2) / fraction
  }

  /// The value that a standard normal variable is at most with the given probability, as
  /// `scipy.stats.norm.ppf`.
  ///
  /// - Parameter probability: Between 0 and 1; infinite at the ends.
  package static func normalQuantile(_ probability: Double) -> Double {
    if probability <= 0 { return -.infinity }
    if probability >= 1 { return .infinity }
    if probability == 0.5 { return 0 }
    let tail = min(probability, 1 - probability)
    var low = 0.0
    var high = 39.0
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if normalTail(middle) > tail { low = middle } else { high = middle }
    }
    let size = (low + high) / 2
    return probability < 0.5 ? -size : size
  }
}
