import NeuralNetworks
import SearchCore

/// A search space whose architectures can be built as networks and trained.
public protocol TrainableSearchSpace: SearchSpace {
  /// Whether its networks have a place for an auxiliary head.
  var hasAuxiliaryHeads: Bool { get }
  /// Whether its networks can leave paths out.
  var hasDropPath: Bool { get }
  /// How the paper trains what it has found, and at which scale.
  static var paperRecipe: TrainingProtocol { get }

  /// Builds the network of an architecture at a declared scale; parameters are declared, not drawn.
  func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
    options: NetworkOptions
  ) -> any Network
}

extension TrainableSearchSpace {
  public var hasAuxiliaryHeads: Bool { true }
  public var hasDropPath: Bool { true }
  /// That of budgeted studies, for spaces whose paper has no recipe.
  public static var paperRecipe: TrainingProtocol { .budgeted }

  /// Builds the network for images of 32x32, without regularization.
  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int
  ) -> any Network {
    network(of: architecture, scale: scale, classes: classes, options: NetworkOptions())
  }
}
