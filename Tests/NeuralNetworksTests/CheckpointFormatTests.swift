import Foundation
import NeuralNetworks
import Randomness
import TensorCore
import TestSupport
import Testing

/// Every kind of number in every format that checkpoints come in, against what PyTorch and NumPy
/// say of the same bytes.
@Suite struct CheckpointFormatTests {
  // MARK: PyTorch

  @Test(arguments: [SampleCheckpoint.typed, SampleCheckpoint.zipped])
  func everyKindOfNumberIsRead(bytes: [UInt8]) throws {
    let entries = try PyTorchCheckpoint(bytes: bytes).entries
    // Without the count of batches, which is no weight, and without the data-parallel prefix.
    #expect(entries.keys.sorted() == ["brain", "double", "half", "view"])
    // Printed by `tensor.float().tolist()`.
    #expect(
      entries["half"]?.values == [1.5, -0.0999755859375, 65504, 5.960464477539063e-08, .infinity])
    #expect(entries["brain"]?.values == [1.5, -0.10009765625, 3.00405527047391e+38])
    #expect(entries["double"]?.values == [0.1, -2.5])
    #expect(entries["view"]?.sizes == [2, 2])
    #expect(entries["view"]?.values == [5, 9, 6, 10])
  }

  /// All 65,536 halves: what Swift's own type makes of the bits.
  @Test func halvesAreExact() throws {
    let header =
      #"{"a":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#
    let values = (0..<65_536).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let length = header.utf8.count
    let bytes = [UInt8(length), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + values
    let found = try #require(try Safetensors(reading: bytes)["a"]).values
    for (bits, value) in found.enumerated() {
      let expected = Float(Float16(bitPattern: UInt16(bits)))
      #expect(value == expected || value.isNaN && expected.isNaN)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func everyTruncationOfTheArchiveIsRefused() {
    for end in stride(from: 0, to: SampleCheckpoint.zipped.count, by: 7) {
      #expect(throws: CheckpointError.self, "cut to \(end) bytes") {
        try PyTorchCheckpoint(bytes: Array(SampleCheckpoint.zipped[..<end]))
      }
    }
  }

  private func message(_ bytes: [UInt8]) -> String? {
    #expect(throws: CheckpointError.self) { try PyTorchCheckpoint(bytes: bytes) }?.description
  }

  /// The place of a text in the archive.
  private func place(of text: String, in bytes: [UInt8]) -> Int? {
    bytes.indices.last { bytes[$0...].starts(with: text.utf8) }
  }

  @Test func compressedFilesAreRefused() throws {
    var bytes = SampleCheckpoint.zipped
    // The method stands 36 bytes before the name in the directory, which is at the end.
    let name = try #require(place(of: "archive/data.pkl", in: bytes))
    bytes[name - 36] = 8
    #expect(
      message(bytes) == "'archive/data.pkl' is compressed or encrypted; PyTorch only stores")
  }

  @Test func aMissingStorageIsNamed() throws {
    var bytes = SampleCheckpoint.zipped
    let name = try #require(place(of: "archive/data/0", in: bytes))
    bytes[name + 13] = UInt8(ascii: "9")
    #expect(message(bytes) == "storage 0 is missing in the zip archive")
  }

  @Test func bigEndianValuesAreRefused() throws {
    var bytes = SampleCheckpoint.zipped
    let text = try #require(place(of: "little", in: bytes))
    for (index, byte) in "bigend".utf8.enumerated() { bytes[text + index] = byte }
    #expect(
      message(bytes) == "the values are not little-endian; save them on such a machine")
  }

  // MARK: Safetensors

  private final class OneLayer {
    let parameters = Parameters()
    init() {
      _ = Linear("linear", from: 3, to: 2, in: parameters)
      _ = BatchNormalization("bn", channels: 2, in: parameters)
    }
  }

  /// As `safetensors.torch.save_file` writes a state dict: sizes in PyTorch's order, counters too.
  @Test func safetensorsOfPyTorchLoad() throws {
    let header =
      #"{"bn.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"#
      + #""bn.running_mean":{"dtype":"F32","shape":[2],"data_offsets":[16,24]},"#
      + #""bn.running_var":{"dtype":"F32","shape":[2],"data_offsets":[24,32]},"#
      + #""bn.weight":{"dtype":"F32","shape":[2],"data_offsets":[32,40]},"#
      + #""module.linear.bias":{"dtype":"BF16","shape":[2],"data_offsets":[40,44]},"#
      + #""module.linear.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[44,68]}}"#
    func floats(_ values: [Float]) -> [UInt8] {
      values.flatMap { CheckpointBuilder.littleEndian(Int($0.bitPattern)).prefix(4) }
    }
    var bytes: [UInt8] = Array(CheckpointBuilder.littleEndian(header.utf8.count))
    bytes += Array(header.utf8) + floats([1, 2]) + [7, 0, 0, 0, 0, 0, 0, 0]
    bytes += floats([3, 4]) + floats([5, 6]) + floats([7, 8])
    // 1 and -2 in bfloat16 are 0x3F80 and 0xC000.
    bytes += [0x80, 0x3F, 0, 0xC0] + floats([0, 1, 2, 3, 4, 5])
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(bytes).write(to: file)

    let parameters = OneLayer().parameters
    parameters.allocate(in: try ComputeContext(), key: RandomKey(seed: 1))
    try PyTorchCheckpoint(contentsOf: file).load(into: parameters)
    let values = Dictionary(
      uniqueKeysWithValues: parameters.trainable.map { ($0.name, parameters.values(of: $0)) })
    // [in, out] of [out, in].
    #expect(values["linear.weight"] == [0, 3, 1, 4, 2, 5])
    #expect(values["linear.bias"] == [1, -2])
    #expect(values["bn.weight"] == [7, 8])
    #expect(parameters.flatStatistics.map { Array($0) } == [3, 4, 5, 6])
  }
}
