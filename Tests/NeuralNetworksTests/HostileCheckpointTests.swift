import NeuralNetworks
import Randomness
import TestSupport
import Testing

/// Checkpoints that are cut, mutated or shared into knots; what is refused in which words stands in
/// `Tests/searchlightTests/BadInputs`.
@Suite struct HostileCheckpointTests {
  typealias Builder = CheckpointBuilder

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

  @Test func aTensorWithoutValuesIsRead() throws {
    let tensor = Builder.tensor(sizes: [0, 3], strides: [3, 1])
    let file = Builder(stateDict: Builder.dictionary("w", tensor)).bytes
    #expect(try PyTorchCheckpoint(bytes: file).entries["w"]?.values == [])
  }
}
