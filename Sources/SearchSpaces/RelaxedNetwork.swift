import NeuralNetworks
import SearchCore
import TensorCore

/// A network that mixes the candidates of every edge: the continuous relaxation of a space of cells.
public protocol RelaxedNetwork: Network {
  /// α: of each kind of cell a parameter `[edges, operations]`.
  var alphas: Parameters { get }
  /// Names of the kinds of cells, in the order of their α.
  var cellNames: [String] { get }
  /// Names of the edges of a cell: `<state>-<node>`.
  var edgeNames: [String] { get }
  /// Names of the candidates of an edge.
  var operationNames: [String] { get }

  /// The architecture that mixing weights prefer.
  ///
  /// - Parameter weights: Of each kind of cell a row an edge, a column a candidate: softmax of α.
  func discretized(_ weights: [[[Double]]]) -> Architecture
}

/// A space that can be relaxed.
public protocol RelaxableSearchSpace: TrainableSearchSpace {
  /// The continuous relaxation of the space at a declared scale.
  ///
  /// - Parameter alphaDeviation: Standard deviation of the first α.
  func relaxation(
    scale: TrainingProtocol.Scale, classes: Int, alphaDeviation: Float, options: NetworkOptions
  ) -> any RelaxedNetwork

  /// How many of a cell's operations are skip connections: a search that collapses has hardly
  /// anything else.
  func skipConnections(in architecture: Architecture) -> Int
}

extension DARTSSupernet: RelaxedNetwork {
  public var cellNames: [String] { ["normal", "reduce"] }
  public var edgeNames: [String] { Self.edgeNames }
  public var operationNames: [String] { DARTSCells.candidates.map(\.rawValue) }

  public func discretized(_ weights: [[[Double]]]) -> Architecture {
    DARTSCells.discretized(normal: weights[0], reduction: weights[1])
  }
}

extension DARTSCells: RelaxableSearchSpace {
  public func relaxation(
    scale: TrainingProtocol.Scale, classes: Int, alphaDeviation: Float, options: NetworkOptions
  ) -> any RelaxedNetwork {
    supernet(scale: scale, classes: classes, alphaDeviation: alphaDeviation, options: options)
  }
}
