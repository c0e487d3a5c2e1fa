import Foundation
import TensorCore

/// A state dict as PyTorch saves it: in a zip archive since version 1.6, before as five pickles and
/// the storages' raw values; or the same arrays in the safetensors format.
///
/// Nothing in the file is executed; see `PickleReader`.
public struct PyTorchCheckpoint {
  /// A named array of floats in C order, with PyTorch's sizes.
  public struct Entry {
    public let sizes: [Int]
    public let values: [Float]
  }

  /// Entries by name, without the `module.` that data-parallel training prepends.
  public let entries: [String: Entry]

  /// Larger files are refused.
  private static let largestFile = 1 << 30
  /// The first pickle behind its header: the format's magic number, 0x1950A86A20F9469CFC6C.
  private static let magic: [UInt8] = [
    0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]

  /// Reads a file.
  ///
  /// - Throws: `CheckpointError`: not this format, damaged, too large, or with more than a state
  ///   dict of floats inside.
  public init(contentsOf file: URL) throws(CheckpointError) {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    guard let size = attributes?[.size] as? Int else {
      throw CheckpointError("\(file.lastPathComponent): no such file, or it cannot be read")
    }
    guard size <= PyTorchCheckpoint.largestFile else {
      throw CheckpointError("\(file.lastPathComponent): \(size) bytes; at most 1 GiB is read")
    }
    guard let data = try? Data(contentsOf: file) else {
      throw CheckpointError("\(file.lastPathComponent): it cannot be read")
    }
    do {
      if Self.isSafetensors(data.prefix(16)) {
        self.init(try Safetensors(reading: [UInt8](data)))
      } else {
        try self.init(bytes: [UInt8](data))
      }
    } catch { throw CheckpointError("\(file.lastPathComponent): \(error.description)") }
  }

  /// Whether a file begins as the safetensors format does: a length below its limit, and `{`.
  private static func isSafetensors(_ head: Data) -> Bool {
    let bytes = [UInt8](head)
    return bytes.count > 8 && bytes[8] == UInt8(ascii: "{") && bytes[4..<8].allSatisfy { $0 == 0 }
  }

  /// Takes arrays of the safetensors format, in PyTorch's order of sizes.
  init(_ file: Safetensors) {
    var entries: [String: Entry] = [:]
    for tensor in file.tensors {
      let name = tensor.name.hasPrefix("module.") ? String(tensor.name.dropFirst(7)) : tensor.name
      entries[name] = Entry(sizes: tensor.sizes, values: tensor.values)
    }
    self.entries = entries
  }

  /// Reads a file's bytes.
  ///
  /// - Throws: `CheckpointError`: not this format, damaged, or with more than a state dict of
  ///   floats inside.
  package init(bytes: [UInt8]) throws(CheckpointError) {
    let isZip = bytes.starts(with: [0x50, 0x4B])
    let (root, storages) = try isZip ? Self.archived(bytes) : Self.legacy(bytes)
    let tensors = PyTorchCheckpoint.tensors(in: root)
    guard !tensors.isEmpty else { throw CheckpointError("no tensors inside") }
    var entries: [String: Entry] = [:]
    var total = 0
    // In order, so that a file with two faults is always refused for the same one.
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key })
    where ElementType(pyTorch: tensor.type)?.isReal == true {
      let values = try PyTorchCheckpoint.values(of: tensor, name, in: storages[tensor.storage])
      total += values.count
      // Many small descriptions of one storage would otherwise fill any memory.
      guard total <= bytes.count else {
        throw CheckpointError("\(name) is one of too many tensors in the same storages")
      }
      entries[name] = Entry(sizes: tensor.sizes, values: values)
    }
    self.entries = entries
  }

  /// The format before PyTorch 1.6: protocol version, machine, state dict and names of the storages
  /// as pickles, then the storages.
  private static func legacy(
    _ bytes: [UInt8]
  ) throws(CheckpointError) -> (root: PickleReader.Value, storages: [String: [Float]]) {
    guard bytes.dropFirst(2).starts(with: PyTorchCheckpoint.magic) else {
      throw CheckpointError("this is no PyTorch checkpoint, neither a zip archive nor legacy")
    }
    var position = 2 + PyTorchCheckpoint.magic.count
    var pickles: [PickleReader.Value] = []
    var declared: [String: PickleReader.DeclaredStorage] = [:]
    for _ in 0..<4 {
      var reader = PickleReader(bytes: bytes, position: position)
      pickles.append(try reader.read())
      position = reader.position
      if pickles.count == 3 { declared = reader.storages }
    }
    guard !tensors(in: pickles[2]).isEmpty else { throw CheckpointError("no tensors inside") }
    return (
      pickles[2],
      try storages(pickles[3], declared: declared, bytes: bytes, position: position)
    )
  }

  /// The format since PyTorch 1.6: `NAME/data.pkl` and `NAME/data/KEY` in a zip archive.
  private static func archived(
    _ bytes: [UInt8]
  ) throws(CheckpointError) -> (root: PickleReader.Value, storages: [String: [Float]]) {
    let archive = try ZipArchive(bytes)
    let pickles = archive.files.filter { $0.key.hasSuffix("/data.pkl") }
    guard let pickle = pickles.first, pickles.count == 1 else {
      throw CheckpointError(
        "the zip archive holds \(pickles.count) files data.pkl; expected one, as torch.save writes")
    }
    let folder = pickle.key.dropLast("data.pkl".count)
    if let order = archive.files["\(folder)byteorder"],
      !bytes[order].elementsEqual("little".utf8)
    {
      throw CheckpointError("the values are not little-endian; save them on such a machine")
    }
    var reader = PickleReader(bytes: Array(bytes[pickle.value]), position: 0)
    let root = try reader.read()
    var storages: [String: [Float]] = [:]
    for (key, declared) in reader.storages.sorted(by: { $0.key < $1.key }) {
      guard let place = archive.files["\(folder)data/\(key)"] else {
        throw CheckpointError("storage \(key) is missing in the zip archive")
      }
      guard let type = ElementType(pyTorch: declared.type) else {
        throw CheckpointError("storage \(key) is of \(declared.type), which is not read")
      }
      let (size, overflow) = declared.count.multipliedReportingOverflow(by: type.size)
      guard !overflow, size == place.count else {
        throw CheckpointError(
          "storage \(key) has \(place.count) bytes; \(declared.count) values expected")
      }
      if type.isReal { storages[key] = type.floats(bytes, place) }
    }
    return (root, storages)
  }

  /// Under which names training programs keep the state dict in a dictionary.
  private static let stateDictKeys: Set<String> = [
    "state_dict", "model", "model_state_dict", "net", "network", "model_state", "weights",
  ]

  /// The tensors of a state dict, also of one inside a training checkpoint's dictionary.
  private static func tensors(in value: PickleReader.Value) -> [String: PickleReader.StoredTensor] {
    guard case .dictionary(let outer) = value else { return [:] }
    var contents = outer.contents
    // One level, and of equal names the last as in Python: dictionaries that share their contents
    // could otherwise be walked for ever.
    let inner = contents.last {
      if case .text(let name) = $0.key { stateDictKeys.contains(name) } else { false }
    }
    if case .dictionary(let box)? = inner?.value { contents += box.contents }
    var tensors: [String: PickleReader.StoredTensor] = [:]
    for case (.text(let name), .tensor(let tensor)) in contents {
      tensors[name.hasPrefix("module.") ? String(name.dropFirst(7)) : name] = tensor
    }
    return tensors
  }

  private static func storages(
    _ keys: PickleReader.Value, declared: [String: PickleReader.DeclaredStorage], bytes: [UInt8],
    position: Int
  ) throws(CheckpointError) -> [String: [Float]] {
    guard case .list(let box) = keys else { throw CheckpointError("no list of storages") }
    var position = position
    var storages: [String: [Float]] = [:]
    for item in box.contents {
      guard case .text(let key) = item, let declaration = declared[key] else {
        throw CheckpointError("the list of storages names one that no tensor uses")
      }
      guard let type = ElementType(pyTorch: declaration.type) else {
        throw CheckpointError("storage \(key) is of \(declaration.type), which is not read")
      }
      guard bytes.count - position >= 8 else {
        throw CheckpointError("the file ends before storage \(key)")
      }
      let count = (0..<8).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
      position += 8
      guard count == declaration.count else {
        throw CheckpointError("storage \(key) has \(count) values, expected \(declaration.count)")
      }
      guard count <= (bytes.count - position) / type.size else {
        throw CheckpointError("storage \(key) has \(count) values; the file ends before them")
      }
      if type.isReal {
        storages[key] = type.floats(bytes, position..<position + type.size * count)
      }
      position += type.size * count
    }
    return storages
  }

  private static func values(
    of tensor: PickleReader.StoredTensor, _ name: String, in storage: [Float]?
  ) throws(CheckpointError) -> [Float] {
    guard let storage else { throw CheckpointError("\(name) refers to a storage that is missing") }
    guard tensor.offset >= 0, tensor.offset <= storage.count else {
      throw CheckpointError("\(name) is larger than its storage of \(storage.count) values")
    }
    var count = 1
    var last = tensor.offset
    for (size, stride) in zip(tensor.sizes, tensor.strides) {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      let (reach, overflow2) = max(0, size - 1).multipliedReportingOverflow(by: stride)
      guard !overflow, !overflow2, product <= storage.count, reach <= storage.count else {
        throw CheckpointError("\(name) is larger than its storage of \(storage.count) values")
      }
      count = product
      last += reach
    }
    guard last < storage.count || count == 0 else {
      throw CheckpointError("\(name) is larger than its storage of \(storage.count) values")
    }
    return (0..<count).map { flat in
      var rest = flat
      var position = tensor.offset
      for (size, stride) in zip(tensor.sizes, tensor.strides).reversed() {
        position += rest % size * stride
        rest /= size
      }
      return storage[position]
    }
  }

  // MARK: Into a network

  /// Copies the entries into a network's parameters and statistics, by name.
  ///
  /// They are brought from PyTorch's order of sizes into this program's.
  ///
  /// - Throws: A parameter that is missing or has other sizes; entries that the network does not
  ///   have. Nothing is copied then.
  public func load(into parameters: Parameters) throws(CheckpointError) {
    let wanted = parameters.trainable + parameters.statistics
    let known = Set(wanted.map(\.name))
    if let extra = entries.keys.sorted().first(where: { !known.contains($0) }) {
      throw CheckpointError("\(extra) is not part of this network")
    }
    var converted: [(Parameter, [Float])] = []
    for parameter in wanted {
      guard let entry = entries[parameter.name] else {
        throw CheckpointError("\(parameter.name) is missing")
      }
      let order = PyTorchOrder(parameter.sizes)
      let expected = order.sizes
      guard entry.sizes == expected else {
        throw CheckpointError("\(parameter.name) has sizes \(entry.sizes), expected \(expected)")
      }
      converted.append((parameter, order.own(entry.values)))
    }
    for (parameter, values) in converted { parameters.assign(values, to: parameter) }
  }
}
