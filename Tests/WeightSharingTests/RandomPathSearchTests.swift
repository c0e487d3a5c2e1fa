import NeuralNetworks
import OperationCosts
import SearchCore
import SearchSpaces
import Testing
import WeightSharing

/// What random search with weight sharing looks at, and what its steps move, by default and as the
/// released code has it (liamcli/randomNAS_release, darts_wrapper_discrete.py).
@Suite struct RandomPathSearchTests {
  private func settings(_ preset: String?, _ changes: [String: Double]) -> MethodSettings {
    let values = RandomSearchWithWeightSharing.presets.first { $0.name == preset }?.values ?? [:]
    return MethodSettings(
      of: RandomSearchWithWeightSharing.settings, replacing: values.merging(changes) { $1 })
  }

  private func search(
    _ preset: String?, _ changes: [String: Double], data: StubImages = StubImages(),
    epochs: Double = 1
  ) throws -> any Evaluation & Checkpointable {
    try RandomSearchWithWeightSharing.search(
      .stub(DARTSCells(), budget: Budget(epochs, .epochs), data: data),
      settings: settings(preset, changes))
  }

  /// Three candidates on ten minibatches of two each, then the best on all twelve.
  private func looks(_ preset: String?) throws -> [StubImages.Request] {
    let images = StubImages()
    _ = try search(preset, ["batch-size": 2, "candidates": 3, "finalists": 1], data: images)
      .finish()
    return images.requests.filter { $0.part == .validation }
  }

  /// `eval()`, the training transform, and one iterator that goes on from call to call.
  @Test func releasedScoresEachCandidateOnItsOwnMinibatches() throws {
    #expect(
      try looks("released")
        == (0..<42).map {
          .init(part: .validation, index: $0, isAugmented: true, usesBatchStatistics: false)
        })
  }

  @Test func byDefaultAllAreScoredOnTheSameImages() throws {
    let order = (0..<3).flatMap { _ in Array(0..<10) } + Array(0..<12)
    #expect(
      try looks(nil)
        == order.map {
          .init(part: .validation, index: $0, isShuffled: false, usesBatchStatistics: true)
        })
  }

  private func arrays(_ search: any Checkpointable) throws -> [String: [Float]] {
    let tensors = try Safetensors(reading: search.snapshot().tensors).tensors
    return Dictionary(tensors.map { ($0.name, $0.values) }) { first, _ in first }
  }

  /// Plain SGD over all parameters: in the second step a weight off its path moves by
  /// rate · (μ m + λ w), and keeps the momentum μ m + λ w.
  @Test(
    arguments: [("released", true), ("nas-bench-201", true), (nil, false)] as [(String?, Bool)])
  func weightsOffThePathMoveAsTheCodesDo(preset: String?, moves: Bool) throws {
    let changes = ["batch-size": 8.0, "nesterov": 0, "momentum": 0.9, "weight-decay": 0.01]
    // Of the second path, by a search whose weights off the path rest.
    var still = changes
    still["off-path-updates"] = 0
    let other = try search(preset, still, epochs: 2)
    _ = try other.step()
    let before = try arrays(other)
    _ = try other.step()
    let resting = try arrays(other).filter {
      $0.key.hasPrefix("weight/") && before[$0.key] == $0.value
    }
    #expect(resting.count > 50)

    let search = try search(preset, changes, epochs: 2)
    _ = try search.step()
    let first = try arrays(search)
    _ = try search.step()
    let second = try arrays(search)
    for name in resting.keys {
      let momentum = name.replacing("weight/", with: "momentum/")
      let (w, m) = (try #require(first[name]), try #require(first[momentum]))
      let (found, kept) = (try #require(second[name]), try #require(second[momentum]))
      guard moves else {
        #expect(found == w && kept == m, "\(name)")
        continue
      }
      for index in w.indices {
        let expected = 0.9 * m[index] + 0.01 * w[index]
        #expect(abs(kept[index] - expected) <= 1e-6 * (abs(expected) + 1e-3), "\(name)")
        #expect(abs(found[index] - (w[index] - 0.025 * expected)) <= 1e-6, "\(name)")
      }
    }
  }

  /// What a step that moves all weights is charged beside its path's: the update of the others.
  @Test func weightsOffThePathAreCharged() throws {
    let reports = try [0.0, 1].map {
      try search(nil, ["batch-size": 8, "off-path-updates": $0]).step()
    }
    #expect(reports[1].charge.flops > reports[0].charge.flops)
    #expect(reports[1].charge.trainingExamples == reports[0].charge.trainingExamples)
  }
}
