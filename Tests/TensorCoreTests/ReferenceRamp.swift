/// The inputs of Tests/Reference/network-values.py: (i · multiplier mod modulus) / modulus - 0.5.
func ramp(_ count: Int, _ multiplier: Int, _ modulus: Int, scale: Float = 1) -> [Float] {
  (0..<count).map { scale * Float(Double($0 * multiplier % modulus) / Double(modulus) - 0.5) }
}

/// Whether all values agree, to single precision's rounding over a few steps.
func agree(_ values: [Float], _ expected: [Float], tolerance: Float = 2e-6) -> Bool {
  values.count == expected.count
    && zip(values, expected).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}
