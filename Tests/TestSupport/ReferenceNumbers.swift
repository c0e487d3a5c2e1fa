/// Numbers that the scripts of `Tests/Reference` compute too, for weights and images.
public enum ReferenceNumbers {
  /// Numbers from -0.5 to 0.5 without pattern.
  public static func hashed(_ name: String, _ count: Int) -> [Float] {
    var seed: UInt64 = 0
    for (index, byte) in name.utf8.enumerated() { seed += UInt64(index + 1) * UInt64(byte) }
    return (1...UInt64(count)).map { index in
      var h = (index * 2_654_435_761 + seed * 40_503) & 0xFFFF_FFFF
      h ^= h >> 15
      h = (h * 2_246_822_519) & 0xFFFF_FFFF
      h ^= h >> 13
      return Float(Double(h) / 4_294_967_296 - 0.5)
    }
  }
}
