import TestSupport

/// Checkpoints that PyTorch would never write; none is executed.
extension BadInput {
  private typealias Builder = CheckpointBuilder

  private static func pyTorch(_ bytes: [UInt8], _ message: String) -> BadInput {
    BadInput(.pyTorch, bytes, message)
  }

  /// A file with this pickle in place of its state dict.
  private static func pickle(_ stateDict: [UInt8], _ message: String) -> BadInput {
    pyTorch(Builder(stateDict: stateDict).bytes, message)
  }

  private static func pickle(_ characters: String, _ message: String) -> BadInput {
    pickle(characters.unicodeScalars.map { UInt8($0.value) }, message)
  }

  /// A file whose state dict holds one tensor.
  private static func tensor(_ tensor: [UInt8], _ message: String) -> BadInput {
    pickle(Builder.dictionary("w", tensor), message)
  }

  static let pyTorchCheckpoints =
    damaged + programs + deepPickles + tensors + storages + instructions

  // MARK: Damage and other formats

  private static func cut(to end: Int, _ message: String) -> BadInput {
    pyTorch(Array(SampleCheckpoint.stateDict[..<end]), message)
  }

  private static let damaged: [BadInput] = [
    cut(to: 0, "this is no PyTorch checkpoint, neither a zip archive nor legacy"),
    cut(to: 14, "this is no PyTorch checkpoint, neither a zip archive nor legacy"),
    cut(to: 15, "the file ends inside a pickle, at byte 15"),
    cut(to: 700, "the file ends inside a pickle, at byte 700"),
    cut(to: 1433, "storage 93854765461728 has 2 values; the file ends before them"),
    pyTorch(Array("}.".utf8), "this is no PyTorch checkpoint, neither a zip archive nor legacy"),
    pyTorch(
      Array("PK\u{3}\u{4} and so on".utf8),
      "the zip archive has no directory; it is cut or damaged"),
  ]

  // MARK: Programs

  private static let instructions: [BadInput] =
    ([0x81, 0x82, 0x92, 0x93, 0x95] + Array("ioIpg20BPdl".utf8)).map { opcode in
      pickle(
        [opcode],
        "opcode 0x\(String(opcode, radix: 16)) at byte 34 is not one that state dicts use; save "
          + "only the state dict: torch.save(model.state_dict(), FILE)")
    }

  private static let programs: [BadInput] = [
    pickle(
      Builder.global("os", "system") + Builder.tuple([Builder.text("true")])
        + [UInt8(ascii: "R")],
      "names os.system, which a state dict of floats does not need; refused"),
    tensor(
      Builder.tensor(type: "ComplexFloatStorage"),
      "names torch.ComplexFloatStorage, which a state dict of floats does not need; refused"),
    pickle("R", "the pickle's stack is empty"),
    pickle("NNR", "a call of something that has no name"),
    pickle(
      "ccollections\nOrderedDict\nN\u{85}R",
      "a call of collections.OrderedDict with arguments that make no tensor"),
    pickle("ctorch._utils\n_rebuild_tensor_v2\n)R", noTensor),
    pickle("\u{8A}\u{9}123456789", "an integer of 9 bytes; at most 8 are read"),
    pickle("NQ", "a persistent id that is no tensor storage"),
    pickle("t", "the pickle has no mark where one is needed"),
    pickle("NNa", "the pickle appends to something that is no list"),
    pickle("](NNu", "the pickle sets items of something that is no dictionary"),
    pickle("h\u{5}", "the pickle recalls value 5, which it never stored"),
    pickle("N", "no tensors inside"),
    pickle(
      [UInt8](repeating: UInt8(ascii: ")"), count: 1_000_001),
      "more than 1000000 opcodes in one pickle"),
  ]

  // MARK: Nesting

  private static let deepPickles: [BadInput] = [
    pickle(
      [UInt8(ascii: "N")] + [UInt8](repeating: 0x85, count: 500_000),
      "more than 16 collections inside each other"),
    pickle(
      String(repeating: "]", count: 300_000) + String(repeating: "a", count: 299_999),
      "more than 16 collections inside each other"),
    // Filled from the outside in: each list is added to after it was put into the one before.
    pickle(
      "]q\u{0}]q\u{1}ah\u{1}]a",
      "the pickle appends to a list that is already part of another value"),
    pickle(
      Array("}q\u{0}".utf8) + Builder.text("state_dict") + Array("h\u{0}s".utf8),
      "the pickle sets items of a dictionary that is already part of another value"),
  ]

  // MARK: Sizes

  private static let larger = "w is larger than its storage of 4 values"
  private static let noTensor =
    "a call of torch._utils._rebuild_tensor_v2 with arguments that make no tensor"

  private static let tensors: [BadInput] = [
    tensor(Builder.tensor(sizes: [5]), larger),
    tensor(Builder.tensor(sizes: [3, 2], strides: [1, 1]), larger),
    tensor(Builder.tensor(sizes: [4, .max], strides: [1, 0]), larger),
    tensor(Builder.tensor(sizes: [1 << 40], strides: [0]), larger),
    tensor(Builder.tensor(sizes: [2], strides: [4]), larger),
    tensor(Builder.tensor(sizes: [4], strides: [.max]), larger),
    tensor(Builder.tensor(offset: 1), larger),
    tensor(Builder.tensor(offset: .max), larger),
    tensor(Builder.tensor(offset: -1), larger),
    tensor(Builder.tensor(sizes: [-1]), noTensor),
    tensor(Builder.tensor(strides: [-1]), noTensor),
    tensor(Builder.tensor(strides: []), noTensor),
    tensor(
      Builder.tensor(
        sizes: [Int](repeating: 1, count: 9), strides: [Int](repeating: 1, count: 9)), noTensor),
    tensor(Builder.tensor(count: -1), "a persistent id that is no tensor storage"),
    tensor(Builder.tensor(count: 5), "storage 0 has 4 values, expected 5"),
    tensor(
      Builder.tensor(storage: "1"), "the list of storages names one that no tensor uses"),
  ]

  // MARK: Storages

  /// A file whose list of storages is this one.
  private static func storages(
    _ list: [(key: String, count: Int)], of tensor: [UInt8], _ message: String
  ) -> BadInput {
    var builder = Builder(stateDict: Builder.dictionary("w", tensor))
    builder.storages = list
    return pyTorch(builder.bytes, message)
  }

  private static let storages: [BadInput] = [
    storages([], of: Builder.tensor(), "w refers to a storage that is missing"),
    storages(
      [("0", 5)], of: Builder.tensor(count: 5, sizes: [0]),
      "storage 0 has 5 values; the file ends before them"),
    storages(
      [("0", .max)], of: Builder.tensor(count: .max, sizes: [0]),
      "storage 0 has 9223372036854775807 values; the file ends before them"),
    storages(
      [("0", .min)], of: Builder.tensor(count: 0, sizes: [0]),
      "storage 0 has -9223372036854775808 values, expected 0"),
    pickle(
      Builder.tuple([Builder.tensor(count: 4), Builder.tensor(count: 3)]),
      "storage 0 is declared twice, differently"),
    manyViews,
  ]

  /// A small file must not fill the memory with many views of one storage.
  private static let manyViews: BadInput = {
    var pickle: [UInt8] = Array("}".utf8)
    for index in 0..<1_000 {
      pickle += Builder.text("w\(1_000 + index)")
      pickle +=
        index == 0 ? Builder.tensor(count: 100_000, sizes: [100_000]) + [0x71, 7] : [0x68, 7]
      pickle += Array("s".utf8)
    }
    var builder = Builder(stateDict: pickle)
    builder.storages = [("0", 100_000)]
    builder.floats = [Float](repeating: 0, count: 100_000)
    return pyTorch(builder.bytes, "w1004 is one of too many tensors in the same storages")
  }()
}
