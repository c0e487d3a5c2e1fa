import NeuralNetworks
import SearchCore
import TensorCore

/// A space whose architectures are paths through one network, and share its weights.
public protocol WeightSharingSearchSpace: SearchSpace {
  /// Declares the weights of all paths at a declared scale.
  func sharedWeights(scale: TrainingProtocol.Scale, classes: Int) -> any SharedPathWeights
}

/// Weights that all architectures of a space share.
///
/// The same edge with the same operation has the same storage in every architecture that has it,
/// as the paper of the space says.
public protocol SharedPathWeights: AnyObject {
  var parameters: Parameters { get }

  /// The path of an architecture: a network over these parameters, of which only the path's run.
  func child(of architecture: Architecture) -> any Network
}

extension ENASMicro: WeightSharingSearchSpace {
  /// Without the auxiliary head that the released search script trains along.
  public func sharedWeights(
    scale: TrainingProtocol.Scale, classes: Int
  ) -> any SharedPathWeights {
    ENASMicroSupernet(
      channels: scale.channels, cellsPerStage: scale.cells, classes: classes,
      hasAuxiliaryHead: false)
  }
}

extension ENASMicroSupernet: SharedPathWeights {}

extension ENASMacro: WeightSharingSearchSpace {
  /// All layers have the scale's channels; the space says how many layers there are.
  public func sharedWeights(
    scale: TrainingProtocol.Scale, classes: Int
  ) -> any SharedPathWeights {
    ENASMacroSupernet(self, channels: scale.channels, classes: classes)
  }
}

extension ENASMacroSupernet: SharedPathWeights {}

extension DARTSCells: WeightSharingSearchSpace {
  public func sharedWeights(
    scale: TrainingProtocol.Scale, classes: Int
  ) -> any SharedPathWeights {
    supernet(scale: scale, classes: classes, alphaDeviation: 0)
  }

  /// The continuous relaxation of the space at a declared scale.
  ///
  /// - Parameter alphaDeviation: Standard deviation of the first α.
  public func supernet(
    scale: TrainingProtocol.Scale, classes: Int, alphaDeviation: Float
  ) -> DARTSSupernet {
    DARTSSupernet(
      channels: scale.channels, cellsPerStage: scale.cells, classes: classes,
      alphaDeviation: alphaDeviation)
  }
}
