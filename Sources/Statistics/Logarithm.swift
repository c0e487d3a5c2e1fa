import Randomness

/// Logarithms with the same bits on every machine, for axes and grids.
public enum Logarithm {
  /// Natural logarithm of a positive number.
  public static func natural(_ value: Double) -> Double { PortableMath.log(value) }

  /// Logarithm to base 10 of a positive number.
  public static func decimal(_ value: Double) -> Double {
    PortableMath.log(value) / 2.30258509299404568402
  }

  /// e to a power.
  public static func exponential(_ value: Double) -> Double { PortableMath.exp(value) }
}
