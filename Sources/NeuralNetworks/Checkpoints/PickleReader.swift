/// Reads the few pickle opcodes that PyTorch's state dicts use, and executes nothing.
///
/// A pickle is a program; this reader knows no call but the two constructors that state dicts
/// need, builds plain values, and refuses every other opcode and name.
struct PickleReader {
  indirect enum Value {
    case none
    case bool(Bool)
    case integer(Int)
    case real(Double)
    case text(String)
    case tuple([Value], depth: Int)
    case list(Box<[Value]>)
    case dictionary(Box<[(key: Value, value: Value)]>)
    case global(String)
    /// A tensor's storage: key and element type, to be filled from the end of the file.
    case storage(key: String, type: String)
    case tensor(StoredTensor)
  }

  /// A collection that later opcodes still add to, until it is put into another.
  ///
  /// No pickle of a state dict adds to a collection after that, and only so could one contain
  /// itself or be nested without end.
  final class Box<Contents> {
    fileprivate(set) var contents: Contents
    fileprivate var depth = 1
    fileprivate var isClosed = false
    init(_ contents: Contents) { self.contents = contents }
  }

  /// What a pickle says of a tensor's values, which follow at the end of the file.
  struct DeclaredStorage: Hashable {
    let type: String
    let count: Int
  }

  struct StoredTensor {
    let storage: String
    let type: String
    let offset: Int
    let sizes: [Int]
    let strides: [Int]
  }

  /// Most opcodes and stack entries that a state dict could need.
  private static let limit = 1_000_000
  /// Most collections inside each other; a training checkpoint has about 5.
  private static let deepest = 16

  private let bytes: [UInt8]
  private(set) var position: Int
  /// The storages that the pickle refers to, by key.
  private(set) var storages: [String: DeclaredStorage] = [:]
  private var stack: [Value] = []
  private var marks: [Int] = []
  private var memo: [Int: Value] = [:]

  init(bytes: [UInt8], position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// Reads one pickle; `position` is then behind it.
  mutating func read() throws(CheckpointError) -> Value {
    for _ in 0..<PickleReader.limit {
      let start = position
      let opcode = try byte()
      if opcode == UInt8(ascii: ".") { return try pop() }
      if try simple(opcode) { continue }
      if try collection(opcode) { continue }
      if try call(opcode) { continue }
      throw CheckpointError(
        """
        opcode 0x\(String(opcode, radix: 16)) at byte \(start) is not one that state dicts use; \
        save only the state dict: torch.save(model.state_dict(), FILE)
        """)
    }
    throw CheckpointError("more than \(PickleReader.limit) opcodes in one pickle")
  }

  // MARK: Opcodes

  private mutating func simple(_ opcode: UInt8) throws(CheckpointError) -> Bool {
    switch opcode {
    case 0x80: position += 1  // PROTO
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "J"):
      stack.append(.integer(Int(Int32(bitPattern: UInt32(try integer(4))))))
    case UInt8(ascii: "K"): stack.append(.integer(try integer(1)))
    case UInt8(ascii: "M"): stack.append(.integer(try integer(2)))
    case 0x8A:  // LONG1: little-endian two's complement
      let count = try integer(1)
      guard count <= 8 else {
        throw CheckpointError("an integer of \(count) bytes; at most 8 are read")
      }
      let start = position
      try skip(count)
      var value: UInt64 = 0
      for index in 0..<count { value |= UInt64(bytes[start + index]) << (8 * index) }
      let isNegative = count > 0 && count < 8 && bytes[start + count - 1] >= 0x80
      if isNegative { value |= UInt64.max << (8 * count) }
      stack.append(.integer(Int(Int64(bitPattern: value))))
    case UInt8(ascii: "G"):  // BINFLOAT: big-endian double
      var bits: UInt64 = 0
      for _ in 0..<8 { bits = bits << 8 | UInt64(try byte()) }
      stack.append(.real(Double(bitPattern: bits)))
    case UInt8(ascii: "X"): stack.append(.text(try text(integer(4))))
    case UInt8(ascii: "q"): memo[try integer(1)] = try top()
    case UInt8(ascii: "r"): memo[try integer(4)] = try top()
    case UInt8(ascii: "h"): stack.append(try remembered(integer(1)))
    case UInt8(ascii: "j"): stack.append(try remembered(integer(4)))
    default: return false
    }
    return true
  }

  private mutating func collection(_ opcode: UInt8) throws(CheckpointError) -> Bool {
    switch opcode {
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: ")"): stack.append(.tuple([], depth: 1))
    case UInt8(ascii: "]"): stack.append(.list(Box([])))
    case UInt8(ascii: "}"): stack.append(.dictionary(Box([])))
    case UInt8(ascii: "t"): try pushTuple(popToMark())
    case 0x85, 0x86, 0x87:  // TUPLE1 to TUPLE3
      var items: [Value] = []
      for _ in 0..<Int(opcode - 0x84) { items.insert(try pop(), at: 0) }
      try pushTuple(items)
    // Items come off the stack first: a non-mutating call would read the stack as it was before.
    case UInt8(ascii: "a"):
      let item = try pop()
      try append([item])
    case UInt8(ascii: "e"):
      let items = try popToMark()
      try append(items)
    case UInt8(ascii: "s"):
      let value = try pop()
      let key = try pop()
      try set([key, value])
    case UInt8(ascii: "u"):
      let items = try popToMark()
      try set(items)
    default: return false
    }
    return true
  }

  private mutating func call(_ opcode: UInt8) throws(CheckpointError) -> Bool {
    switch opcode {
    case UInt8(ascii: "c"):
      let module = try line()
      let name = try "\(module).\(line())"
      let allowed = [
        "collections.OrderedDict", "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
      ]
      guard allowed.contains(name) || ElementType(pyTorch: name) != nil else {
        throw CheckpointError("names \(name), which a state dict of floats does not need; refused")
      }
      stack.append(.global(name))
    case UInt8(ascii: "Q"):
      let id = try pop()
      stack.append(try storage(id))
    case UInt8(ascii: "R"):
      let arguments = try pop()
      let callee = try pop()
      stack.append(try construct(callee, arguments))
    case UInt8(ascii: "b"):  // BUILD: a state dict's metadata, of no use here
      _ = try pop()
      _ = try top()
    default: return false
    }
    return true
  }

  private mutating func storage(_ id: Value) throws(CheckpointError) -> Value {
    guard case .tuple(let parts, _) = id, parts.count >= 5, case .text("storage") = parts[0],
      case .global(let type) = parts[1], type.hasSuffix("Storage"),
      case .text(let key) = parts[2], case .integer(let count) = parts[4], count >= 0
    else { throw CheckpointError("a persistent id that is no tensor storage") }
    let declared = DeclaredStorage(type: type, count: count)
    guard storages.updateValue(declared, forKey: key) ?? declared == declared else {
      throw CheckpointError("storage \(key) is declared twice, differently")
    }
    return .storage(key: key, type: type)
  }

  private func construct(_ callee: Value, _ arguments: Value) throws(CheckpointError) -> Value {
    guard case .global(let name) = callee, case .tuple(let parts, _) = arguments else {
      throw CheckpointError("a call of something that has no name")
    }
    if name == "collections.OrderedDict" && parts.isEmpty { return .dictionary(Box([])) }
    guard name.hasPrefix("torch._utils._rebuild_tensor"), parts.count >= 4,
      case .storage(let key, let type) = parts[0], case .integer(let offset) = parts[1],
      let sizes = integers(parts[2]), let strides = integers(parts[3]),
      sizes.count == strides.count
    else { throw CheckpointError("a call of \(name) with arguments that make no tensor") }
    return .tensor(
      StoredTensor(storage: key, type: type, offset: offset, sizes: sizes, strides: strides))
  }

  private func integers(_ value: Value) -> [Int]? {
    guard case .tuple(let parts, _) = value, parts.count <= 8 else { return nil }
    var result: [Int] = []
    for part in parts {
      guard case .integer(let number) = part, number >= 0 else { return nil }
      result.append(number)
    }
    return result
  }

  // MARK: Stack

  private func top() throws(CheckpointError) -> Value {
    guard let value = stack.last else { throw CheckpointError("the pickle's stack is empty") }
    return value
  }

  private mutating func pop() throws(CheckpointError) -> Value {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func popToMark() throws(CheckpointError) -> [Value] {
    guard let mark = marks.popLast(), mark <= stack.count else {
      throw CheckpointError("the pickle has no mark where one is needed")
    }
    let items = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return items
  }

  private mutating func pushTuple(_ items: [Value]) throws(CheckpointError) {
    stack.append(.tuple(items, depth: try depth(around: items)))
  }

  /// Closes the collections among the items of a new one, and says how deep that one nests.
  private func depth(around items: [Value]) throws(CheckpointError) -> Int {
    var deepest = 0
    for item in items {
      switch item {
      case .tuple(_, let depth): deepest = max(deepest, depth)
      case .list(let box):
        box.isClosed = true
        deepest = max(deepest, box.depth)
      case .dictionary(let box):
        box.isClosed = true
        deepest = max(deepest, box.depth)
      default: continue
      }
    }
    guard deepest < PickleReader.deepest else {
      throw CheckpointError("more than \(PickleReader.deepest) collections inside each other")
    }
    return deepest + 1
  }

  private func append(_ items: [Value]) throws(CheckpointError) {
    guard case .list(let list) = try top() else {
      throw CheckpointError("the pickle appends to something that is no list")
    }
    list.depth = max(list.depth, try depth(around: items))
    guard !list.isClosed else {
      throw CheckpointError("the pickle appends to a list that is already part of another value")
    }
    list.contents += items
  }

  private func set(_ items: [Value]) throws(CheckpointError) {
    guard case .dictionary(let dictionary) = try top(), items.count % 2 == 0 else {
      throw CheckpointError("the pickle sets items of something that is no dictionary")
    }
    dictionary.depth = max(dictionary.depth, try depth(around: items))
    guard !dictionary.isClosed else {
      throw CheckpointError(
        "the pickle sets items of a dictionary that is already part of another value")
    }
    for index in stride(from: 0, to: items.count, by: 2) {
      dictionary.contents.append((items[index], items[index + 1]))
    }
  }

  private func remembered(_ index: Int) throws(CheckpointError) -> Value {
    guard let value = memo[index] else {
      throw CheckpointError("the pickle recalls value \(index), which it never stored")
    }
    return value
  }

  // MARK: Bytes

  private mutating func byte() throws(CheckpointError) -> UInt8 {
    guard position < bytes.count else {
      throw CheckpointError("the file ends inside a pickle, at byte \(position)")
    }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func skip(_ count: Int) throws(CheckpointError) {
    guard count >= 0, count <= bytes.count - position else {
      throw CheckpointError("the file ends inside a pickle, at byte \(bytes.count)")
    }
    position += count
  }

  private mutating func integer(_ size: Int) throws(CheckpointError) -> Int {
    let start = position
    try skip(size)
    return (0..<size).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
  }

  private mutating func text(_ count: Int) throws(CheckpointError) -> String {
    let start = position
    try skip(count)
    return String(decoding: bytes[start..<start + count], as: UTF8.self)
  }

  private mutating func line() throws(CheckpointError) -> String {
    guard let end = bytes[min(position, bytes.count)...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw CheckpointError("the file ends inside a pickle, at byte \(bytes.count)")
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }
}
