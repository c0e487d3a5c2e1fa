import Randomness

/// The largest of independent standard normal variables: how far the best of k runs is from their
/// mean, in units of their spread.
///
/// Source: David & Nagaraja, Order Statistics (2003), doi:10.1002/0471722162, section 3.2.
public struct NormalMaximum: Hashable, Sendable {
  /// Number k of variables.
  public let count: Int

  /// Takes k, from 1 to 1,000,000 for `expected`.
  public init(count: Int) { self.count = count }

  /// Expected value: ∫ z k φ(z) Φ(z)ᵏ⁻¹ dz, 0 of one variable and 1/√π of two; `nil` if k is out
  /// of range.
  public var expected: Double? {
    guard (1...1_000_000).contains(count) else { return nil }
    // The trapezoidal rule of a smooth function that vanishes at both ends has all its digits.
    let step = 1.0 / 64
    var sum = 0.0
    for index in -640...640 {
      let z = Double(index) * step
      let below = SpecialFunctions.normalCDF(z)
      guard below > 0 else { continue }
      let power = PortableMath.exp(Double(count - 1) * PortableMath.log(below))
      sum += z * Double(count) * PortableMath.exp(-z * z / 2) * power
    }
    return sum * step * 0.39894228040143267794
  }

  /// The value that the largest is at most with the given probability: Φ⁻¹(p^(1/k)).
  ///
  /// - Parameter probability: Between 0 and 1, both excluded.
  public func quantile(_ probability: Double) -> Double {
    let each = PortableMath.exp(PortableMath.log(probability) / Double(max(1, count)))
    return SpecialFunctions.normalQuantile(each)
  }
}
