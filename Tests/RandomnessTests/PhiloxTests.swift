import Randomness
import Testing

@Suite struct PhiloxTests {
  struct Vector: Sendable {
    let counter: SIMD4<UInt32>
    let key: SIMD2<UInt32>
    let output: SIMD4<UInt32>

    init(_ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>, _ output: SIMD4<UInt32>) {
      self.counter = counter
      self.key = key
      self.output = output
    }
  }

  /// The `philox4x32 10` lines of tests/kat_vectors in Random123 1.14
  /// (github.com/DEShawResearch/random123).
  @Test(arguments: [
    Vector([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    Vector(
      [.max, .max, .max, .max], [.max, .max],
      [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    Vector(
      [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
  ])
  func equalsKnownAnswers(_ vector: Vector) {
    #expect(Philox.block(counter: vector.counter, key: vector.key) == vector.output)
  }
}
