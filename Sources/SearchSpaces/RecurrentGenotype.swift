import NeuralNetworks
import SearchCore
import TensorCore

/// A recurrent cell of highway edges that a search found: the function and the predecessor of each
/// node.
///
/// State 0 is made of the input and the hidden state, and node i is state i.
///
/// Source: Liu et al., arXiv 1806.09055, section 3.2, and Pham et al., arXiv 1802.03268, section
/// 2.1; the released codes' `Genotype` of `rnn`.
public struct RecurrentGenotype: Hashable, Sendable {
  /// One node: what it computes of which state.
  public struct Node: Hashable, Sendable {
    public let activation: RecurrentActivation
    public let predecessor: Int

    public init(_ activation: RecurrentActivation, _ predecessor: Int) {
      self.activation = activation
      self.predecessor = predecessor
    }
  }

  /// The states whose mean is the next hidden state.
  public enum Output: Hashable, Sendable {
    /// All nodes: DARTS.
    case nodes
    /// The states that no node reads: ENAS.
    case looseEnds
  }

  /// The function of state 0; tanh in DARTS.
  public let initial: RecurrentActivation
  public let nodes: [Node]
  public let output: Output

  public init(
    initial: RecurrentActivation = .tanh, _ nodes: [Node], output: Output = .nodes
  ) {
    self.initial = initial
    self.nodes = nodes
    self.output = output
  }

  /// Found by the first-order search (the released code's `DARTS_V1`).
  public static let firstOrder = RecurrentGenotype([
    .init(.relu, 0), .init(.relu, 1), .init(.tanh, 2), .init(.relu, 3), .init(.relu, 4),
    .init(.identity, 1), .init(.relu, 5), .init(.relu, 1),
  ])

  /// Found by the second-order search (the released code's `DARTS_V2`).
  public static let secondOrder = RecurrentGenotype([
    .init(.sigmoid, 0), .init(.relu, 1), .init(.relu, 1), .init(.identity, 1), .init(.tanh, 2),
    .init(.sigmoid, 5), .init(.tanh, 3), .init(.relu, 5),
  ])

  /// Places of the states whose mean is the hidden state, ascending.
  public var outputs: [Int] {
    let read = Set(nodes.map { $0.predecessor })
    return (0...nodes.count).filter { output == .nodes ? $0 > 0 : !read.contains($0) }
  }

  /// The cell for the tensor core.
  ///
  /// - Parameter isNormalized: Whether states are normalised over the batch, as in a search.
  func wiring(isNormalized: Bool) -> RecurrentWiring {
    RecurrentWiring(
      initial: initial, nodes: nodes.map { [.init(from: $0.predecessor, .one($0.activation))] },
      outputs: outputs, isNormalized: isNormalized)
  }

  /// A text that is equal for cells that differ in the order of their nodes alone: each state in
  /// brackets behind what it was made of, sorted.
  var identity: String {
    func branches(of state: Int) -> String {
      nodes.enumerated().filter { $1.predecessor == state }
        .map { "\($1.activation)(\(branches(of: $0 + 1)))" }.sorted().joined(separator: " ")
    }
    return "\(initial)(\(branches(of: 0)))"
  }

  /// The cell as a graph: what is on an edge is the function of the state that it enters.
  var graph: CellGraph {
    let last = nodes.count + 3
    var edges = [
      CellGraph.Edge(source: 0, target: 2, operation: "\(initial)"),
      CellGraph.Edge(source: 1, target: 2, operation: "\(initial)"),
    ]
    for (index, node) in nodes.enumerated() {
      edges.append(
        .init(source: node.predecessor + 2, target: index + 3, operation: "\(node.activation)"))
    }
    edges += outputs.map { .init(source: $0 + 2, target: last, operation: "") }
    return CellGraph(
      title: "recurrent cell",
      nodes: ["x(t)", "h(t-1)"] + (0...nodes.count).map(String.init) + ["h(t)"], edges: edges)
  }
}

extension RecurrentGenotype {
  /// A recurrent layer of this cell with weights of its own.
  func layer(
    _ place: RecurrentLanguageModel.Place, _ training: TextTraining, _ parameters: Parameters
  ) -> any RecurrentLayer {
    HighwayLayer(
      units: place.units,
      weights: RecurrentCellWeights(nodes: nodes.count, place, training, parameters),
      hiddenDropout: training.hiddenDropout, parameters: parameters
    ) { _ in wiring(isNormalized: false) }
  }
}
