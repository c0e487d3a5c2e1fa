import NeuralNetworks
import Randomness
import TestSupport
import Testing

/// Mutated checkpoint files never crash their readers; `$SEARCHLIGHT_FUZZ_SECONDS` makes it longer.
@Suite struct CheckpointFuzzTests {
  @Test func mutatedPyTorchCheckpointsNeverCrash() {
    let seeds = [
      SampleCheckpoint.stateDict, SampleCheckpoint.training, SampleCheckpoint.zipped,
    ]
    let count = Mutator.fuzz(seeds, key: RandomKey(seed: 8)) { bytes in
      _ = try PyTorchCheckpoint(bytes: bytes)
    }
    #expect(count > 20)
  }

  @Test func mutatedSafetensorsNeverCrash() {
    let seeds = [
      Safetensors([
        .init(name: "weight/conv", sizes: [2, 3], values: [1, 2, 3, 4, 5, 6]),
        .init(name: "momentum/conv", sizes: [2, 3], values: [1, 2, 3, 4, 5, 6]),
        .init(name: "empty", sizes: [0], values: []),
      ]).bytes, Safetensors([]).bytes,
    ]
    let count = Mutator.fuzz(seeds, key: RandomKey(seed: 9)) { bytes in
      let found = try Safetensors(reading: bytes)
      // What is read is what was written.
      #expect(found.tensors.allSatisfy { $0.values.count == $0.sizes.reduce(1, *) })
    }
    #expect(count > 20)
  }
}
