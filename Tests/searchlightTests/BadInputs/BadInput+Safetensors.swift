/// Files of tensors.
extension BadInput {
  /// A file with a header of the right length.
  private static func safetensors(
    _ header: String, _ values: [UInt8], _ message: String
  ) -> BadInput {
    let length = header.utf8.count
    let start: [UInt8] = [UInt8(length & 255), UInt8(length >> 8), 0, 0, 0, 0, 0, 0]
    return BadInput(.safetensors, start + Array(header.utf8) + values, message)
  }

  /// A file whose only tensor `a` has these facts.
  private static func tensor(
    _ facts: String, _ values: [UInt8], _ message: String
  ) -> BadInput {
    safetensors("{\"a\":{\(facts)}}", values, message)
  }

  private static let two = #""dtype":"F32","shape":[2],"data_offsets":[0,8]"#
  private static let float: [UInt8] = [0, 0, 0, 0]

  static let safetensorsFiles: [BadInput] = [
    BadInput(.safetensors, [], "0 bytes; a safetensors file has at least 8"),
    BadInput(
      .safetensors, [UInt8](repeating: 255, count: 8),
      "a header of 18446744073709551615 bytes; expected at most 0"),
    safetensors("{}x", [], "found 'x' at byte 10 of the header; expected the header's end"),
    safetensors("[]", [], "found '[' at byte 8 of the header; expected '{'"),
    safetensors(#"{"a""#, [], "found the end at byte 12 of the header; expected ':'"),
    safetensors(#"{"a":1}"#, [], "found '1' at byte 13 of the header; expected '{'"),
    safetensors("{\"a\u{1}\":1}", [], "a control character in a name at byte 11"),
    safetensors(
      #"{"a\ud800":1}"#, [],
      "found 'd' at byte 13 of the header; expected four hexadecimal digits of a character"),
    tensor(two, [1, 2], "a lies at 0..<8 of 2 bytes; expected to begin at 0"),
    tensor(two, float + float + [0], "1 bytes follow the last array; expected none"),
    tensor(
      #""dtype":"F32","shape":[2],"data_offsets":[0,4]"#, float,
      "a has sizes [2] and 0..<4; expected 8 bytes"),
    tensor(
      #""dtype":"F8_E4M3","shape":[2],"data_offsets":[0,4]"#, float,
      "a has dtype 'F8_E4M3'; expected F32, F16 or BF16"),
    tensor(
      #""dtype":"F32","shape":[2]"#, [],
      "a is incomplete; expected dtype, shape and two data_offsets"),
    tensor(
      #""dtype":"F32","shape":[999999999999,999999999999],"data_offsets":[0,4]"#, [],
      "a has a size beyond 2^63"),
    tensor(
      #""dtype":"F32","shape":[-1],"data_offsets":[0,4]"#, [],
      "found '-' at byte 37 of the header; expected a whole number below 10^18"),
    tensor(
      #""dtype":"F32","shape":[],"data_offsets":[8,4]"#, [],
      "a has sizes [] and 8..<4; expected 4 bytes"),
    tensor(#""dtype":"F32","shape":[],"colour":1"#, [], "a has a surplus 'colour'"),
    safetensors(
      #"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"#
        + #""a":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}"#, float + float,
      "the header names 'a' twice"),
    safetensors(
      #"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#, float,
      "b lies at 0..<4 of 4 bytes; expected to begin at 4"),
  ]
}
