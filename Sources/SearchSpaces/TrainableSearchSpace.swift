import NeuralNetworks
import SearchCore

/// A search space whose architectures can be built as networks and trained.
public protocol TrainableSearchSpace: SearchSpace {
  /// Builds the network of an architecture at a declared scale; parameters are declared, not drawn.
  func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int
  ) -> any Network
}
