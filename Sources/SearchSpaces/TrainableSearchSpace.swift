import NeuralNetworks
import SearchCore

/// A search space whose architectures can be built as networks and trained.
public protocol TrainableSearchSpace: SearchSpace {
  /// Whether its networks have a place for an auxiliary head.
  var hasAuxiliaryHeads: Bool { get }
  /// Whether its networks can leave paths out.
  var hasDropPath: Bool { get }
  /// Whether a scale's channels are its networks' own; those of some are the architecture's.
  var takesChannels: Bool { get }
  /// Layers of an architecture's network, in place of a scale's cells a stage; `nil` for stacks of
  /// cells.
  func layerCount(of architecture: Architecture) -> Int?
  /// The space that a text is an architecture of, where spaces of several sizes have one name.
  func fitting(_ text: String) -> Self
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
  public var takesChannels: Bool { true }
  public func layerCount(of architecture: Architecture) -> Int? { nil }
  public func fitting(_ text: String) -> Self { self }
  /// That of budgeted studies, for spaces whose paper has no recipe.
  public static var paperRecipe: TrainingProtocol { .budgeted }

  /// Builds the network for images of 32x32, without regularization.
  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int
  ) -> any Network {
    network(of: architecture, scale: scale, classes: classes, options: NetworkOptions())
  }
}
