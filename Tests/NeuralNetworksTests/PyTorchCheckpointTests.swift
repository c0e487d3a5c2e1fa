import Foundation
import NeuralNetworks
import Randomness
import TensorCore
import TestSupport
import Testing

@Suite struct PyTorchCheckpointTests {
  /// The network that `SampleCheckpoint.stateDict` was saved from.
  private final class SavedNetwork {
    let parameters = Parameters()

    init(classes: Int = 2, hasNormalization: Bool = true, hasBias: Bool = true) {
      _ = Convolution(
        "conv1", from: 2, to: 3, window: Window(height: 1, width: 2), in: parameters)
      if hasNormalization { _ = BatchNormalization("bn1", channels: 3, in: parameters) }
      if hasBias {
        _ = Linear("linear", from: 3, to: classes, in: parameters)
      } else {
        _ = parameters.declare("linear.weight", [3, classes], .constant(0))
      }
    }
  }

  // MARK: Reading

  @Test func stateDictHoldsPyTorchsValues() throws {
    let entries = try PyTorchCheckpoint(bytes: SampleCheckpoint.stateDict).entries
    // Without `bn1.num_batches_tracked`, which counts in integers.
    #expect(
      entries.keys.sorted() == [
        "bn1.bias", "bn1.running_mean", "bn1.running_var", "bn1.weight", "conv1.weight",
        "linear.bias", "linear.weight",
      ])
    #expect(entries["conv1.weight"]?.sizes == [3, 2, 1, 2])
    #expect(entries["conv1.weight"]?.values == (0..<12).map { Float($0) })
    #expect(entries["bn1.weight"]?.values == [1.5, -0.5, 1])
    #expect(entries["bn1.running_mean"]?.values == [0.25, 0.5, 0.75])
    #expect(entries["bn1.running_var"]?.values == [1, 1, 1])
    #expect(entries["linear.weight"]?.sizes == [2, 3])
    #expect(entries["linear.weight"]?.values == [0, 0.125, 0.25, 0.375, 0.5, 0.625])
    #expect(entries["linear.bias"]?.values == [-1, 1])
  }

  /// Rows 1 and 2, columns 1 and 2 of [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]], transposed.
  @Test func trainingCheckpointGivesItsStateDictAndViewsTheirValues() throws {
    let entries = try PyTorchCheckpoint(bytes: SampleCheckpoint.training).entries
    #expect(Array(entries.keys) == ["w"])
    #expect(entries["w"]?.sizes == [2, 2])
    #expect(entries["w"]?.values == [5, 9, 6, 10])
  }

  @Test func loadingPutsChannelsInnermost() throws {
    let network = SavedNetwork()
    let parameters = network.parameters
    parameters.allocate(in: try ComputeContext(), key: RandomKey(seed: 1))
    try PyTorchCheckpoint(bytes: SampleCheckpoint.stateDict).load(into: parameters)
    let values = Dictionary(
      uniqueKeysWithValues: parameters.trainable.map { ($0.name, parameters.values(of: $0)) })
    // [KH, KW, C, F] of [F, C, KH, KW] = 0..<12: value 4 f + 2 c + w.
    #expect(values["conv1.weight"] == [0, 4, 8, 2, 6, 10, 1, 5, 9, 3, 7, 11])
    // [in, out].
    #expect(values["linear.weight"] == [0, 0.375, 0.125, 0.5, 0.25, 0.625])
    #expect(values["linear.bias"] == [-1, 1])
    #expect(values["bn1.weight"] == [1.5, -0.5, 1])
    let statistics = parameters.flatStatistics.map { Array($0) }
    #expect(statistics == [0.25, 0.5, 0.75, 1, 1, 1])
  }

  // MARK: Networks that do not fit

  private func messageOfLoading(into parameters: Parameters) throws -> String? {
    parameters.allocate(in: try ComputeContext(), key: RandomKey(seed: 1))
    let before = parameters.flatValues.map { Array($0) }
    let checkpoint = try PyTorchCheckpoint(bytes: SampleCheckpoint.stateDict)
    let error = #expect(throws: CheckpointError.self) { try checkpoint.load(into: parameters) }
    #expect(parameters.flatValues.map { Array($0) } == before, "nothing may be copied")
    return error?.description
  }

  @Test func otherSizesAreRefused() throws {
    #expect(
      try messageOfLoading(into: SavedNetwork(classes: 5).parameters)
        == "linear.weight has sizes [2, 3], expected [5, 3]")
  }

  @Test func aMissingNameIsRefused() throws {
    let network = SavedNetwork()
    _ = network.parameters.declare("head.weight", [3, 2], .constant(0))
    #expect(try messageOfLoading(into: network.parameters) == "head.weight is missing")
  }

  @Test func anExtraNameIsRefused() throws {
    #expect(
      try messageOfLoading(into: SavedNetwork(hasBias: false).parameters)
        == "linear.bias is not part of this network")
    #expect(
      try messageOfLoading(into: SavedNetwork(hasNormalization: false).parameters)
        == "bn1.bias is not part of this network")
  }

  // MARK: Files

  @Test func aFileIsReadAndNamedInErrors() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "checkpoint-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "small.th")
    try Data(SampleCheckpoint.stateDict).write(to: file)
    #expect(try PyTorchCheckpoint(contentsOf: file).entries.count == 7)

    try Data("hello".utf8).write(to: file)
    let wrong = #expect(throws: CheckpointError.self) { try PyTorchCheckpoint(contentsOf: file) }
    #expect(
      wrong?.description
        == "small.th: this is no PyTorch checkpoint, neither a zip archive nor legacy")
    let missing = #expect(throws: CheckpointError.self) {
      try PyTorchCheckpoint(contentsOf: folder.appending(path: "none.th"))
    }
    #expect(missing?.description == "none.th: no such file, or it cannot be read")
  }
}
