import NeuralNetworks
import Testing

/// Writing, and strict reading. The bytes of the first test were worked out by hand from the
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

  @Test(
    arguments: [
      ([], "0 bytes; a safetensors file has at least 8"),
      (
        [255, 255, 255, 255, 255, 255, 255, 255],
        "a header of 18446744073709551615 bytes; expected at most 0"
      ),
      (file("{}x"), "found 'x' at byte 10 of the header; expected the header's end"),
      (file("[]"), "found '[' at byte 8 of the header; expected '{'"),
      (file(#"{"a""#), "found the end at byte 12 of the header; expected ':'"),
      (file(#"{"a":1}"#), "found '1' at byte 13 of the header; expected '{'"),
      (file(one, [1, 2]), "a lies at 0..<8 of 2 bytes; expected to begin at 0"),
      (
        file(one, Array(repeating: 0, count: 9)), "1 bytes follow the last array; expected none"
      ),
      (
        file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]),
        "a has sizes [2] and 0..<4; expected 8 bytes"
      ),
      (
        file(#"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]),
        "a has dtype 'BF16'; expected F32"
      ),
      (
        file(#"{"a":{"dtype":"F32","shape":[2]}}"#),
        "a is incomplete; expected dtype, shape and two data_offsets"
      ),
      (
        file(
          #"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"#
            + #""a":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}"#,
          Array(repeating: 0, count: 8)), "the header names 'a' twice"
      ),
      (
        file(
          #"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"#
            + #""b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#,
          [0, 0, 0, 0]), "b lies at 0..<4 of 4 bytes; expected to begin at 4"
      ),
      (
        file(
          #"{"a":{"dtype":"F32","shape":[999999999999,999999999999],"data_offsets":[0,4]}}"#),
        "a has a size beyond 2^63"
      ),
      (
        file(#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#),
        "found '-' at byte 37 of the header; expected a whole number below 10^18"
      ),
      (
        file(#"{"a":{"dtype":"F32","shape":[],"data_offsets":[8,4]}}"#),
        "a has sizes [] and 8..<4; expected 4 bytes"
      ),
      (
        file(#"{"a":{"dtype":"F32","shape":[],"colour":1}}"#), "a has a surplus 'colour'"
      ),
      (file("{\"a\u{1}\":1}"), "a control character in a name at byte 11"),
      (
        file(#"{"a\ud800":1}"#),
        "found 'd' at byte 13 of the header; expected four hexadecimal digits of a character"
      ),
    ] as [([UInt8], String)])
  func whatIsNoSuchFileIsRefused(bytes: [UInt8], message: String) {
    let error = #expect(throws: CheckpointError.self) { try Safetensors(reading: bytes) }
    #expect(error?.description == message)
  }
}
