import Checks

/// Named arrays of 32-bit floats in the safetensors format.
///
/// Eight bytes with the length of a JSON header, the header, then the values, little-endian and
/// without gaps. Only `F32` is written; halves, bfloat16 and doubles are read too, and arrays of
/// integers, which count and are no weights, are left out. Reading is strict and bounded: nothing
/// is allocated before its size was checked against the file's.
///
/// Source: the format's description in huggingface/safetensors, README, "Format".
public struct Safetensors: Equatable, Sendable {
  /// One array.
  public struct Tensor: Equatable, Sendable {
    public let name: String
    /// Sizes, outermost first.
    public let sizes: [Int]
    /// As many as the product of the sizes.
    public let values: [Float]

    /// Names an array.
    ///
    /// - Precondition: As many values as the product of the sizes.
    public init(name: String, sizes: [Int], values: some Sequence<Float>) {
      self.name = name
      self.sizes = sizes
      self.values = Array(values)
      check(
        self.values.count == sizes.reduce(1, *), "Safetensors: \(name) \(sizes) has other values")
    }
  }

  /// In the order of the file.
  public var tensors: [Tensor]

  /// Gathers arrays with names that differ.
  public init(_ tensors: [Tensor]) { self.tensors = tensors }

  /// The array of a name, `nil` if there is none.
  public subscript(name: String) -> Tensor? { tensors.first { $0.name == name } }

  /// Largest header, in bytes, and largest number of arrays that are read.
  static let headerLimit = 16 << 20
  static let countLimit = 100_000
  static let deepest = 8

  // MARK: Writing

  /// The file's bytes; the same for the same arrays.
  public var bytes: [UInt8] {
    var header = "{"
    var offset = 0
    for tensor in tensors {
      if offset > 0 || header.utf8.count > 1 { header += "," }
      let end = offset + 4 * tensor.values.count
      header += "\"\(Self.escaped(tensor.name))\":{\"dtype\":\"F32\",\"shape\":\(tensor.sizes),"
      header += "\"data_offsets\":[\(offset),\(end)]}"
      offset = end
    }
    header += "}"
    // The values begin at a multiple of 8, as the format asks.
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.utf8.count + offset)
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: header.utf8)
    for tensor in tensors {
      // Little-endian machines only have to copy; others swap value by value.
      if 1.littleEndian == 1 {
        tensor.values.withUnsafeBytes { bytes.append(contentsOf: $0) }
      } else {
        for value in tensor.values {
          withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
      }
    }
    return bytes
  }

  private static func escaped(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  // MARK: Reading

  /// Reads a file's bytes.
  ///
  /// - Throws: `CheckpointError`, one line, if the bytes are not exactly such a file.
  public init(reading bytes: [UInt8]) throws(CheckpointError) {
    guard bytes.count >= 8 else {
      throw CheckpointError("\(bytes.count) bytes; a safetensors file has at least 8")
    }
    var length: UInt64 = 0
    for index in 0..<8 { length |= UInt64(bytes[index]) << (8 * index) }
    guard length <= UInt64(min(Self.headerLimit, bytes.count - 8)) else {
      throw CheckpointError(
        "a header of \(length) bytes; expected at most \(min(Self.headerLimit, bytes.count - 8))")
    }
    let start = 8 + Int(length)
    var reader = SafetensorsHeader(bytes: bytes, range: 8..<start)
    let entries = try reader.entries()
    var tensors: [Tensor] = []
    var end = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard entry.begin == end, entry.end >= entry.begin, entry.end <= bytes.count - start else {
        throw CheckpointError(
          "\(entry.name) lies at \(entry.begin)..<\(entry.end) of \(bytes.count - start) bytes; "
            + "expected to begin at \(end)")
      }
      end = entry.end
      guard entry.type.isReal else { continue }
      let place = start + entry.begin..<start + entry.end
      tensors.append(
        Tensor(
          name: entry.name, sizes: entry.sizes,
          values: entry.type == .float
            ? Self.floats(bytes, place) : entry.type.floats(bytes, place)))
    }
    guard end == bytes.count - start else {
      throw CheckpointError(
        "\(bytes.count - start - end) bytes follow the last array; expected none")
    }
    self.tensors = tensors
  }

  private static func floats(_ bytes: [UInt8], _ range: Range<Int>) -> [Float] {
    [Float](unsafeUninitializedCapacity: range.count / 4) { buffer, count in
      bytes.withUnsafeBytes { source in
        for index in 0..<range.count / 4 {
          let bits = source.loadUnaligned(
            fromByteOffset: range.lowerBound + 4 * index, as: UInt32.self)
          buffer[index] = Float(bitPattern: UInt32(littleEndian: bits))
        }
      }
      count = range.count / 4
    }
  }
}
