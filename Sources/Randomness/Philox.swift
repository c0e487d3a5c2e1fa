/// The Philox4x32-10 counter-based generator: four random words from a key and a counter.
///
/// A pure function, so that any draw can be made again, in any order, on any thread.
///
/// Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011),
/// doi:10.1145/2063384.2063405; checked against the known-answer vectors of Random123.
public enum Philox {
  /// Encrypts a counter under a key.
  ///
  /// - Parameters:
  ///   - counter: Four 32-bit words; each value gives an independent block.
  ///   - key: Two 32-bit words.
  /// - Returns: Four words, uniform over all 32-bit values.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var state = counter
    var roundKey = key
    for round in 0..<10 {
      if round > 0 { roundKey &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let first = UInt64(state[0]) &* 0xD251_1F53
      let second = UInt64(state[2]) &* 0xCD9E_8D57
      state = SIMD4(
        UInt32(truncatingIfNeeded: second >> 32) ^ state[1] ^ roundKey[0],
        UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ state[3] ^ roundKey[1],
        UInt32(truncatingIfNeeded: first))
    }
    return state
  }
}
