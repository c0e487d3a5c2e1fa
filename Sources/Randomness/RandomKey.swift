/// A place in the tree of random streams.
///
/// Randomness enters every function as a key. Keys split by purpose, then by index, so that adding
/// a draw in one place never moves the draws of another:
///
///     let epochKey = key.child("shuffle").child("epoch", epoch)
public struct RandomKey: Hashable, Sendable, Codable {
  /// The 64 bits of the key.
  public let bits: UInt64

  /// Makes the root key of a seed.
  public init(seed: UInt64) { bits = seed }

  /// Derives the key of a purpose, and of an index within it.
  ///
  /// - Parameters:
  ///   - purpose: What the draws are for; part of the results' definition, never renamed.
  ///   - index: Which of several equal purposes, 0 if there is one.
  public func child(_ purpose: String, _ index: Int = 0) -> RandomKey {
    // FNV-1a over the UTF-8 bytes; Swift's own hashes are seeded anew in each process.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let position = UInt64(bitPattern: Int64(index))
    let words = Philox.block(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32),
        UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32)),
      key: words)
    return RandomKey(seed: UInt64(words[0]) | UInt64(words[1]) << 32)
  }

  /// The key as 16 hexadecimal digits, for records.
  public var hexadecimal: String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The key as the two words that Philox takes.
  public var words: SIMD2<UInt32> {
    SIMD2(UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
  }

  /// Starts the stream of draws of this key, from its beginning.
  public func generator() -> KeyedGenerator { KeyedGenerator(key: self) }
}
