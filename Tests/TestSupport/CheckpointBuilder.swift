/// Writes checkpoints in PyTorch's legacy format, opcode by opcode: also ones PyTorch never would.
public struct CheckpointBuilder {
  /// The pickle of the state dict, without its header.
  public var stateDict: [UInt8]
  /// Names of the storages at the file's end, and how many values each one says it has.
  public var storages: [(key: String, count: Int)] = [("0", 4)]
  /// Floats at the end of each storage.
  public var floats: [Float] = [1, 2, 3, 4]

  /// A file with this state dict and four floats.
  public init(stateDict: [UInt8]) { self.stateDict = stateDict }

  /// The whole file.
  public var bytes: [UInt8] {
    var file: [UInt8] = [0x80, 2, 0x8A, 10]
    file += [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    file += [0x80, 2] + Self.integer(1001) + [0x2E]
    file += [0x80, 2] + Array("}.".utf8)
    file += [0x80, 2] + stateDict + [0x2E]
    file += [0x80, 2] + Array("](".utf8) + storages.flatMap { Self.text($0.key) }
    file += Array("e.".utf8)
    for storage in storages {
      file += Self.littleEndian(storage.count)
      for float in floats { file += Self.littleEndian(Int(float.bitPattern)).prefix(4) }
    }
    return file
  }

  // MARK: Opcodes

  /// Eight bytes, the lowest first.
  public static func littleEndian(_ value: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// An integer of eight bytes.
  public static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + littleEndian(value) }

  /// A text.
  public static func text(_ value: String) -> [UInt8] {
    [UInt8(ascii: "X")] + littleEndian(value.utf8.count).prefix(4) + Array(value.utf8)
  }

  /// A name that the unpickler looks up.
  public static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  /// A tuple.
  public static func tuple(_ items: [[UInt8]]) -> [UInt8] {
    [UInt8(ascii: "(")] + items.flatMap { $0 } + [UInt8(ascii: "t")]
  }

  /// A dictionary with one entry.
  public static func dictionary(_ key: String, _ value: [UInt8]) -> [UInt8] {
    [UInt8(ascii: "}")] + text(key) + value + [UInt8(ascii: "s")]
  }

  /// A tensor as torch._utils._rebuild_tensor_v2 makes it.
  public static func tensor(
    storage: String = "0", type: String = "FloatStorage", count: Int = 4, offset: Int = 0,
    sizes: [Int] = [4], strides: [Int] = [1]
  ) -> [UInt8] {
    let id = tuple([
      text("storage"), global("torch", type), text(storage), text("cpu"), integer(count),
      [UInt8(ascii: "N")],
    ])
    return global("torch._utils", "_rebuild_tensor_v2")
      + tuple([
        id + [UInt8(ascii: "Q")], integer(offset), tuple(sizes.map(integer)),
        tuple(strides.map(integer)), [0x89],
        global("collections", "OrderedDict") + Array(")R".utf8),
      ]) + [UInt8(ascii: "R")]
  }
}
