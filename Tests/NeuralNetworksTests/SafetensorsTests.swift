import NeuralNetworks
import Testing

/// Writing, and reading back; what is refused stands in `Tests/searchlightTests/BadInputs`. The bytes of the first test were worked out by hand from the
/// format's description.
@Suite struct SafetensorsTests {
  private static func file(_ header: String, _ values: [UInt8] = []) -> [UInt8] {
    let length = header.utf8.count
    return [UInt8(length & 255), UInt8(length >> 8), 0, 0, 0, 0, 0, 0] + Array(header.utf8) + values
  }

  private static let one = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#

  @Test func writesTheFormat() {
    let bytes = Safetensors([.init(name: "a", sizes: [2], values: [1, -2.5])]).bytes
    // 1 is 0x3F800000 and -2.5 is 0xC0200000; the header of 54 bytes is padded to 56.
    #expect(bytes == Self.file(Self.one + "  ", [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0]))
  }

  @Test func readsBackEveryBit() throws {
    let odd = [Float(bitPattern: 0x7FC0_0001), -0.0, .infinity, .leastNonzeroMagnitude]
    let tensors = Safetensors([
      .init(name: "weight/\"\\\n\u{1}é", sizes: [2, 2], values: odd),
      .init(name: "empty", sizes: [0, 3], values: []),
      .init(name: "scalar", sizes: [], values: [3]),
    ])
    let found = try Safetensors(reading: tensors.bytes)
    #expect(found.tensors.map(\.name) == tensors.tensors.map(\.name))
    #expect(found.tensors.map(\.sizes) == [[2, 2], [0, 3], []])
    #expect(found.tensors[0].values.map(\.bitPattern) == odd.map(\.bitPattern))
    #expect(found["scalar"]?.values == [3])
  }

  @Test func metadataIsAllowed() throws {
    let header = #"{"__metadata__":{"format":"pt"},"# + Self.one.dropFirst()
    let found = try Safetensors(reading: Self.file(header, Array(repeating: 0, count: 8)))
    #expect(found.tensors.map(\.name) == ["a"])
  }

  @Test func noArraysAreAFile() throws {
    #expect(try Safetensors(reading: Safetensors([]).bytes).tensors.isEmpty)
  }
}
