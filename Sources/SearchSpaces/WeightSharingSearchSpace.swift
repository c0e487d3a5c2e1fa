import NeuralNetworks
import SearchCore
import TensorCore

/// A space whose architectures are paths through one network, and share its weights.
public protocol WeightSharingSearchSpace: TrainableSearchSpace {
  /// Declares the weights of all paths at a declared scale.
  ///
  /// - Parameter options: What regularises their training: an auxiliary head and drop-path where
  ///   the space's networks have them, and dropout.
  func sharedWeights(
    scale: TrainingProtocol.Scale, classes: Int, options: NetworkOptions
  ) -> any SharedPathWeights
}

extension WeightSharingSearchSpace {
  /// Declares the weights of all paths, without regularisation.
  public func sharedWeights(
    scale: TrainingProtocol.Scale, classes: Int
  ) -> any SharedPathWeights {
    sharedWeights(scale: scale, classes: classes, options: NetworkOptions())
  }
}

/// Weights that all architectures of a space share.
///
/// The same edge with the same operation has the same storage in every architecture that has it,
/// as the paper of the space says.
public protocol SharedPathWeights: AnyObject {
  var parameters: Parameters { get }

  /// How many of the parameters, the last ones, belong to an auxiliary head that all paths share.
  var auxiliaryParameterCount: Int { get }

  /// The path of an architecture: a network over these parameters, of which only the path's run.
  func child(of architecture: Architecture) -> any Network
}

extension ENASMicro: WeightSharingSearchSpace {
  public func sharedWeights(
    scale: TrainingProtocol.Scale, classes: Int, options: NetworkOptions
  ) -> any SharedPathWeights {
    ENASMicroSupernet(
      channels: scale.channels, cellsPerStage: scale.cells, classes: classes, options: options)
  }
}

extension ENASMicroSupernet: SharedPathWeights {}

extension ENASMacro: WeightSharingSearchSpace {
  /// All layers have the scale's channels; the space says how many layers there are.
  public func sharedWeights(
    scale: TrainingProtocol.Scale, classes: Int, options: NetworkOptions
  ) -> any SharedPathWeights {
    ENASMacroSupernet(
      self, channels: scale.channels, classes: classes, dropout: options.dropout,
      imageChannels: options.imageChannels)
  }
}

extension ENASMacroSupernet: SharedPathWeights {}

extension DARTSCells: WeightSharingSearchSpace {
  public func sharedWeights(
    scale: TrainingProtocol.Scale, classes: Int, options: NetworkOptions
  ) -> any SharedPathWeights {
    supernet(scale: scale, classes: classes, alphaDeviation: 0, options: options)
  }

  /// The continuous relaxation of the space at a declared scale.
  ///
  /// - Parameters:
  ///   - alphaDeviation: Standard deviation of the first α.
  ///   - options: What regularises its paths; the relaxation itself has nothing of it.
  public func supernet(
    scale: TrainingProtocol.Scale, classes: Int, alphaDeviation: Float,
    options: NetworkOptions = NetworkOptions()
  ) -> DARTSSupernet {
    DARTSSupernet(
      channels: scale.channels, cellsPerStage: scale.cells, classes: classes,
      alphaDeviation: alphaDeviation, options: options)
  }
}
