import NeuralNetworks
import SearchCore
import TensorCore

extension NASBench201: TrainableSearchSpace {
  /// The benchmark's networks have no auxiliary head.
  public var hasAuxiliaryHeads: Bool { false }
  /// The benchmark's networks leave no paths out.
  public var hasDropPath: Bool { false }
  public static var paperRecipe: TrainingProtocol { .nasBench201Full }

  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
    options: NetworkOptions
  ) -> any Network {
    let weights = NASBench201Weights(
      candidates: architecture.choices.map { [$0] }, channels: scale.channels,
      cellsPerStage: scale.cells, classes: classes, options: options, isAffine: true)
    return weights.child(of: architecture)
  }
}

extension NASBench201: WeightSharingSearchSpace {
  public func sharedWeights(
    scale: TrainingProtocol.Scale, classes: Int, options: NetworkOptions
  ) -> any SharedPathWeights {
    NASBench201Weights(
      candidates: decisions.map { Array($0.options.indices) }, channels: scale.channels,
      cellsPerStage: scale.cells, classes: classes, options: options, isAffine: false)
  }
}

/// The network that NAS-Bench-201 puts a cell into: a path through weights that may be shared.
final class NASBench201Network: LayeredNetwork {
  private let weights: NASBench201Weights
  private let choices: [Int]
  var parameters: Parameters { weights.parameters }
  var depth: Int { weights.depth(of: choices) }

  /// - Parameter choices: Of the space, among the weights' candidates.
  init(_ weights: NASBench201Weights, _ choices: [Int]) {
    (self.weights, self.choices) = (weights, choices)
  }

  func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs {
    weights.outputs(of: images, choices, on: tape, during: pass)
  }
}
