/// Reads the JSON header of a safetensors file: a strict subset of JSON, with a place in every
/// error, no name twice, and bounds on every size.
struct SafetensorsHeader {
  /// What the header says of one array.
  struct Entry {
    var name: String
    var sizes: [Int]
    var type: ElementType
    /// Place of the values behind the header, in bytes.
    var begin: Int
    var end: Int
  }

  private let bytes: [UInt8]
  private let limit: Int
  private var position: Int

  init(bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    limit = range.upperBound
  }

  /// Reads the whole header; `__metadata__` is checked and left out.
  mutating func entries() throws(CheckpointError) -> [Entry] {
    var entries: [Entry] = []
    var names: Set<String> = []
    try expect("{")
    if !take("}") {
      repeat {
        let name = try text()
        guard names.insert(name).inserted else {
          throw CheckpointError("the header names '\(name.prefix(60))' twice")
        }
        guard names.count <= Safetensors.countLimit else {
          throw CheckpointError("more than \(Safetensors.countLimit) arrays")
        }
        try expect(":")
        if name == "__metadata__" {
          try metadata()
        } else {
          entries.append(try entry(name))
        }
      } while take(",")
      try expect("}")
    }
    skipBlanks()
    guard position == limit else { throw unexpected("the header's end") }
    return entries
  }

  private mutating func entry(_ name: String) throws(CheckpointError) -> Entry {
    var type: String?
    var sizes: [Int]?
    var offsets: [Int]?
    try expect("{")
    repeat {
      let key = try text()
      try expect(":")
      switch key {
      case "dtype" where type == nil: type = try text()
      case "shape" where sizes == nil: sizes = try integers(atMost: Safetensors.deepest)
      case "data_offsets" where offsets == nil: offsets = try integers(atMost: 2)
      default: throw CheckpointError("\(name.prefix(60)) has a surplus '\(key.prefix(60))'")
      }
    } while take(",")
    try expect("}")
    guard let type, let sizes, let offsets, offsets.count == 2 else {
      throw CheckpointError(
        "\(name.prefix(60)) is incomplete; expected dtype, shape and two data_offsets")
    }
    guard let type = ElementType(safetensors: type) else {
      throw CheckpointError(
        "\(name.prefix(60)) has dtype '\(type.prefix(20))'; expected F32, F16 or BF16")
    }
    var size = type.size
    for factor in sizes {
      let (product, overflow) = size.multipliedReportingOverflow(by: factor)
      guard !overflow else { throw CheckpointError("\(name.prefix(60)) has a size beyond 2^63") }
      size = product
    }
    guard offsets[1] >= offsets[0], offsets[1] - offsets[0] == size else {
      throw CheckpointError(
        "\(name.prefix(60)) has sizes \(sizes) and \(offsets[0])..<\(offsets[1]); expected "
          + "\(size) bytes")
    }
    return Entry(name: name, sizes: sizes, type: type, begin: offsets[0], end: offsets[1])
  }

  private mutating func metadata() throws(CheckpointError) {
    try expect("{")
    if take("}") { return }
    repeat {
      _ = try text()
      try expect(":")
      _ = try text()
    } while take(",")
    try expect("}")
  }

  // MARK: JSON

  private mutating func integers(atMost count: Int) throws(CheckpointError) -> [Int] {
    var values: [Int] = []
    try expect("[")
    if take("]") { return values }
    repeat {
      guard values.count < count else { throw unexpected("at most \(count) numbers") }
      values.append(try integer())
    } while take(",")
    try expect("]")
    return values
  }

  private mutating func integer() throws(CheckpointError) -> Int {
    skipBlanks()
    let start = position
    var value = 0
    while position < limit, (48...57).contains(bytes[position]), position - start < 18 {
      value = 10 * value + Int(bytes[position] - 48)
      position += 1
    }
    guard position > start, bytes[start] != 48 || position == start + 1 else {
      position = start
      throw unexpected("a whole number below 10^18")
    }
    return value
  }

  private mutating func text() throws(CheckpointError) -> String {
    try expect("\"")
    var content: [UInt8] = []
    while position < limit {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw CheckpointError("a name that is not UTF-8 before byte \(position)")
        }
        return text
      case UInt8(ascii: "\\"): content += try escape()
      case 0..<32: throw CheckpointError("a control character in a name at byte \(position - 1)")
      default: content.append(byte)
      }
      guard content.count <= 1_024 else {
        throw CheckpointError("a name longer than 1024 bytes before byte \(position)")
      }
    }
    throw unexpected("'\"'")
  }

  private mutating func escape() throws(CheckpointError) -> [UInt8] {
    guard position < limit else { throw unexpected("an escape") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "u") where position + 4 <= limit:
      let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
      guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
        let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code)
      else { throw unexpected("four hexadecimal digits of a character") }
      position += 4
      return Array(String(Character(scalar)).utf8)
    default:
      position -= 1
      throw unexpected("an escape")
    }
  }

  private mutating func skipBlanks() {
    while position < limit, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard position < limit, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
    guard take(character) else { throw unexpected("'\(character)'") }
  }

  private func unexpected(_ expected: String) -> CheckpointError {
    let found =
      position < limit
      ? "'\(String(decoding: [bytes[position]], as: UTF8.self))'" : "the end"
    return CheckpointError("found \(found) at byte \(position) of the header; expected \(expected)")
  }
}
