import Randomness
import Testing

@Suite struct RandomKeyTests {
  struct ChildKey: Sendable {
    let seed: UInt64
    let purpose: String
    let index: Int
    let bits: UInt64
    let words: [UInt32]

    init(_ seed: UInt64, _ purpose: String, _ index: Int, bits: UInt64, words: [UInt32]) {
      self.seed = seed
      self.purpose = purpose
      self.index = index
      self.bits = bits
      self.words = words
    }
  }

  /// Keys and first draws are part of every published result, so they never change. Expected: a
  /// second implementation, `python3 Tests/Reference/randomness-values.py`.
  @Test(arguments: [
    ChildKey(
      0, "", 0, bits: 0xb617_1dff_0b56_ab9c,
      words: [0x660a_0e77, 0xfcb6_6f10, 0x5a22_2b84, 0x6f53_67cf, 0x7907_a97d]),
    ChildKey(
      1, "initialization", 0, bits: 0xfc11_680c_d0e3_4775,
      words: [0xa1ef_2698, 0xeff0_8c80, 0xbeb9_ef4a, 0x6d7a_8356, 0x1f21_c993]),
    ChildKey(
      1, "epoch", 7, bits: 0x71c2_22f0_0b10_70d8,
      words: [0xad36_2726, 0x2208_58bf, 0xb6d3_6e2b, 0x7be7_2e15, 0xcef4_3f22]),
    ChildKey(
      .max, "größe", -1, bits: 0xcec3_e932_1cde_508e,
      words: [0xfd53_9b46, 0xd353_f5c6, 0xa142_f31f, 0xdefe_e5e6, 0x125c_7c38]),
  ])
  func childrenEqualTheReference(_ expected: ChildKey) {
    let key = RandomKey(seed: expected.seed).child(expected.purpose, expected.index)
    #expect(key.bits == expected.bits)
    var generator = key.generator()
    #expect((0..<5).map { _ in generator.nextWord() } == expected.words)
  }

  @Test func childrenDifferByPurposeAndIndex() {
    let key = RandomKey(seed: 1)
    let purposes = ["epoch", "epochs", "shuffle", "initialization", ""]
    let children = purposes.flatMap { purpose in
      (-100..<100).map { key.child(purpose, $0) }
    }
    #expect(Set(children).count == 1000)
    #expect(!children.contains(key))
  }

  @Test func orderOfSplittingMatters() {
    let key = RandomKey(seed: 1)
    #expect(key.child("a").child("b") != key.child("b").child("a"))
    #expect(key.child("ab") != key.child("a").child("b"))
  }
}
