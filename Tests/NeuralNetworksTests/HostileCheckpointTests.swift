import NeuralNetworks
import Randomness
import TestSupport
import Testing

/// Files that PyTorch would never write: each is refused in one line, and none is executed.
@Suite struct HostileCheckpointTests {
  typealias Builder = CheckpointBuilder

  private static let advice = """
    save only the state dict: torch.save(model.state_dict(), FILE, \
    _use_new_zipfile_serialization=False)
    """

  private func message(of bytes: [UInt8]) -> String? {
    let error = #expect(throws: CheckpointError.self) { try PyTorchCheckpoint(bytes: bytes) }
    return error?.description
  }

  /// The refusal of a file with this pickle in place of its state dict.
  private func message(stateDict: [UInt8]) -> String? {
    message(of: Builder(stateDict: stateDict).bytes)
  }

  @Test func whatTheBuilderWritesIsRead() throws {
    let file = Builder(stateDict: Builder.dictionary("w", Builder.tensor())).bytes
    #expect(try PyTorchCheckpoint(bytes: file).entries["w"]?.values == [1, 2, 3, 4])
  }

  // MARK: Damage

  @Test(arguments: [SampleCheckpoint.stateDict, SampleCheckpoint.training])
  func everyTruncationIsRefused(bytes: [UInt8]) {
    for end in 0..<bytes.count {
      #expect(throws: CheckpointError.self, "cut to \(end) bytes") {
        try PyTorchCheckpoint(bytes: Array(bytes[..<end]))
      }
    }
  }

  @Test(arguments: [
    (0, "this is no PyTorch checkpoint in the legacy format"),
    (14, "this is no PyTorch checkpoint in the legacy format"),
    (15, "the file ends inside a pickle, at byte 15"),
    (700, "the file ends inside a pickle, at byte 700"),
    (1433, "storage 93854765461728 has 2 values; the file ends before them"),
  ])
  func truncationSaysWhere(end: Int, expected: String) {
    #expect(message(of: Array(SampleCheckpoint.stateDict[..<end])) == expected)
  }

  @Test(arguments: 0..<20)
  func mutationsNeverCrash(part: Int) {
    var generator = RandomKey(seed: 99).child("mutation", part).generator()
    var refused = 0
    for _ in 0..<1000 {
      var bytes = generator.bernoulli(0.5) ? SampleCheckpoint.stateDict : SampleCheckpoint.training
      for _ in 0...generator.integer(below: 4) {
        let place = generator.integer(below: bytes.count)
        switch generator.integer(below: 4) {
        case 0: bytes[place] = UInt8(generator.integer(below: 256))
        case 1: bytes[place] ^= 1 << UInt8(generator.integer(below: 8))
        case 2: bytes.remove(at: place)
        default: bytes.insert(generator.element(of: Array("(.)]}tueasbRQ".utf8)), at: place)
        }
      }
      do throws(CheckpointError) {
        _ = try PyTorchCheckpoint(bytes: bytes)
      } catch {
        refused += 1
        #expect(!error.description.isEmpty)
      }
    }
    // Most bytes are structure; a change of values alone cannot be told from other weights.
    #expect(refused > 500 && refused < 1000)
  }

  // MARK: Programs

  @Test func namesOutsideTheListAreRefused() {
    let system = Builder.global("os", "system") + Builder.tuple([Builder.text("true")])
    #expect(
      message(stateDict: system + [UInt8(ascii: "R")])
        == "names os.system, which a state dict of floats does not need; refused")
  }

  @Test func storagesOfOtherTypesAreRefused() {
    let tensor = Builder.tensor(type: "DoubleStorage")
    #expect(
      message(stateDict: Builder.dictionary("w", tensor))
        == "names torch.DoubleStorage, which a state dict of floats does not need; refused")
  }

  @Test(arguments: ["i", "o", "I", "p", "g", "2", "0", "B", "P", "d", "l"])
  func opcodesOutsideTheListAreRefused(opcode: String) {
    let code = opcode.utf8.first.map { String($0, radix: 16) } ?? ""
    #expect(
      message(stateDict: Array(opcode.utf8))
        == "opcode 0x\(code) at byte 34 is not one that state dicts use; \(Self.advice)")
  }

  @Test(arguments: [0x81, 0x82, 0x92, 0x93, 0x95] as [UInt8])
  func opcodesThatConstructAreRefused(opcode: UInt8) {
    #expect(
      message(stateDict: [opcode]) == """
        opcode 0x\(String(opcode, radix: 16)) at byte 34 is not one that state dicts use; \
        \(Self.advice)
        """)
  }

  @Test(arguments: [
    ("R", "the pickle's stack is empty"),
    ("NNR", "a call of something that has no name"),
    (
      "ccollections\nOrderedDict\nN\u{85}R",
      "a call of collections.OrderedDict with arguments that make no tensor"
    ),
    ("\u{8A}\u{9}123456789", "an integer of 9 bytes; at most 8 are read"),
    ("NQ", "a persistent id that is no tensor storage"),
    ("t", "the pickle has no mark where one is needed"),
    ("Na", "the pickle's stack is empty"),
    ("NNa", "the pickle appends to something that is no list"),
    ("](NNu", "the pickle sets items of something that is no dictionary"),
    ("}(Nu", "the pickle sets items of something that is no dictionary"),
    ("h\u{5}", "the pickle recalls value 5, which it never stored"),
    ("b", "the pickle's stack is empty"),
    ("Nb", "the pickle's stack is empty"),
    ("N", "no tensors inside"),
    ("}", "no tensors inside"),
    (
      "ctorch._utils\n_rebuild_tensor_v2\n)R",
      """
      a call of torch._utils._rebuild_tensor_v2 with arguments that make no tensor
      """
    ),
  ])
  func programsThatMakeNoStateDictAreRefused(pickle: String, expected: String) {
    #expect(message(stateDict: pickle.unicodeScalars.map { UInt8($0.value) }) == expected)
  }

  @Test func anEndlessProgramIsRefused() {
    let nothing = [UInt8](repeating: UInt8(ascii: ")"), count: 1_000_001)
    #expect(message(stateDict: nothing) == "more than 1000000 opcodes in one pickle")
  }

  // MARK: Nesting

  @Test func deepTuplesAreRefused() {
    let deep = [UInt8(ascii: "N")] + [UInt8](repeating: 0x85, count: 500_000)
    #expect(message(stateDict: deep) == "more than 16 collections inside each other")
  }

  @Test func deepListsAreRefused() {
    let deep = String(repeating: "]", count: 300_000) + String(repeating: "a", count: 299_999)
    #expect(
      message(stateDict: Array(deep.utf8)) == "more than 16 collections inside each other")
  }

  /// Filled from the outside in: each list is added to after it was put into the one before.
  @Test func listsThatGrowInsideOthersAreRefused() {
    let list: [UInt8] = Array("]q\u{0}]q\u{1}a".utf8) + Array("h\u{1}]a".utf8)
    #expect(
      message(stateDict: list)
        == "the pickle appends to a list that is already part of another value")
  }

  @Test func aDictionaryInsideItselfIsRefused() {
    let loop = Array("}q\u{0}".utf8) + Builder.text("state_dict") + Array("h\u{0}s".utf8)
    #expect(
      message(stateDict: loop)
        == "the pickle sets items of a dictionary that is already part of another value")
  }

  /// Each of 14 dictionaries names the next one 40 times: 40 to the 14th ways lead to the last.
  @Test(.timeLimit(.minutes(1)))
  func sharedDictionariesAreNotWalkedForEver() {
    var pickle: [UInt8] = Array("}q\u{0}".utf8)
    for level in 1..<15 as Range<UInt8> {
      pickle += Array("}(".utf8)
      for _ in 0..<40 { pickle += Builder.text("state_dict") + [0x68, level - 1] }
      pickle += [UInt8(ascii: "u"), UInt8(ascii: "q"), level]
    }
    #expect(message(stateDict: pickle) == "no tensors inside")
  }

  // MARK: Sizes

  struct BadTensor: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let tensor: [UInt8]
    let message: String
  }

  private static let larger = "w is larger than its storage of 4 values"
  private static let noTensor =
    "a call of torch._utils._rebuild_tensor_v2 with arguments that make no tensor"

  static let badTensors = [
    BadTensor(testDescription: "size", tensor: Builder.tensor(sizes: [5]), message: larger),
    BadTensor(
      testDescription: "product", tensor: Builder.tensor(sizes: [3, 2], strides: [1, 1]),
      message: larger),
    BadTensor(
      testDescription: "product beyond 64 bits",
      tensor: Builder.tensor(sizes: [4, .max], strides: [1, 0]), message: larger),
    BadTensor(
      testDescription: "broadcast", tensor: Builder.tensor(sizes: [1 << 40], strides: [0]),
      message: larger),
    BadTensor(
      testDescription: "stride", tensor: Builder.tensor(sizes: [2], strides: [4]),
      message: larger),
    BadTensor(
      testDescription: "stride beyond 64 bits",
      tensor: Builder.tensor(sizes: [4], strides: [.max]), message: larger),
    BadTensor(testDescription: "offset", tensor: Builder.tensor(offset: 1), message: larger),
    BadTensor(
      testDescription: "offset beyond 64 bits", tensor: Builder.tensor(offset: .max),
      message: larger),
    BadTensor(
      testDescription: "negative offset", tensor: Builder.tensor(offset: -1), message: larger),
    BadTensor(
      testDescription: "negative size", tensor: Builder.tensor(sizes: [-1]), message: noTensor),
    BadTensor(
      testDescription: "negative stride", tensor: Builder.tensor(strides: [-1]),
      message: noTensor),
    BadTensor(
      testDescription: "sizes without strides", tensor: Builder.tensor(strides: []),
      message: noTensor),
    BadTensor(
      testDescription: "nine sizes",
      tensor: Builder.tensor(
        sizes: [Int](repeating: 1, count: 9), strides: [Int](repeating: 1, count: 9)),
      message: noTensor),
    BadTensor(
      testDescription: "negative storage", tensor: Builder.tensor(count: -1),
      message: "a persistent id that is no tensor storage"),
    BadTensor(
      testDescription: "storage of another size", tensor: Builder.tensor(count: 5),
      message: "storage 0 has 4 values, expected 5"),
    BadTensor(
      testDescription: "storage that is not listed", tensor: Builder.tensor(storage: "1"),
      message: "the list of storages names one that no tensor uses"),
  ]

  @Test(arguments: badTensors)
  func tensorsOutsideTheirStorageAreRefused(bad: BadTensor) {
    #expect(message(stateDict: Builder.dictionary("w", bad.tensor)) == bad.message)
  }

  @Test func aTensorWithoutValuesIsRead() throws {
    let tensor = Builder.tensor(sizes: [0, 3], strides: [3, 1])
    let file = Builder(stateDict: Builder.dictionary("w", tensor)).bytes
    #expect(try PyTorchCheckpoint(bytes: file).entries["w"]?.values == [])
  }

  @Test(arguments: [5, .max, .min, -1])
  func storagesBeyondTheFileAreRefused(count: Int) {
    var builder = Builder(
      stateDict: Builder.dictionary("w", Builder.tensor(count: max(0, count), sizes: [0])))
    builder.storages = [("0", count)]
    #expect(
      message(of: builder.bytes)
        == (count < 0
          ? "storage 0 has \(count) values, expected 0"
          : "storage 0 has \(count) values; the file ends before them"))
  }

  @Test func aStorageThatIsMissingIsRefused() {
    var builder = Builder(stateDict: Builder.dictionary("w", Builder.tensor()))
    builder.storages = []
    #expect(message(of: builder.bytes) == "w refers to a storage that is missing")
  }

  @Test func aStorageWithTwoSizesIsRefused() {
    let two =
      Builder.tuple([Builder.tensor(count: 4), Builder.tensor(count: 3)])
    #expect(message(stateDict: two) == "storage 0 is declared twice, differently")
  }

  /// A small file must not fill the memory with many views of one storage.
  @Test func tooManyViewsOfAStorageAreRefused() {
    let count = 1000
    var pickle: [UInt8] = Array("}".utf8)
    for index in 0..<count {
      pickle += Builder.text("w\(1000 + index)")
      pickle +=
        index == 0 ? Builder.tensor(count: 100_000, sizes: [100_000]) + [0x71, 7] : [0x68, 7]
      pickle += Array("s".utf8)
    }
    var builder = Builder(stateDict: pickle)
    builder.storages = [("0", 100_000)]
    builder.floats = [Float](repeating: 0, count: 100_000)
    #expect(
      message(of: builder.bytes) == "w1004 is one of too many tensors in the same storages")
  }

  // MARK: Other formats

  @Test func theZipFormatIsRefused() {
    #expect(
      message(of: Array("PK\u{3}\u{4} and so on".utf8)) == """
        this is PyTorch's zip format; save it with torch.save(model.state_dict(), FILE, \
        _use_new_zipfile_serialization=False)
        """)
  }

  @Test func aPlainPickleIsRefused() {
    #expect(
      message(of: Array("}.".utf8)) == "this is no PyTorch checkpoint in the legacy format")
  }
}
