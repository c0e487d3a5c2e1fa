import TensorCore

/// A recurrent cell that a search found: the function and the predecessor of each node.
///
/// Written as in the DARTS paper: `sigmoid(0) relu(1) …`, where 0 is the state made of the input
/// and the hidden state, and node i is state i.
///
/// Source: Liu et al., arXiv 1806.09055, section 3.2; the released code's `Genotype` of `rnn`.
public struct RecurrentGenotype: Hashable, Sendable, CustomStringConvertible {
  /// One node: what it computes of which state.
  public struct Node: Hashable, Sendable {
    public let activation: RecurrentActivation
    public let predecessor: Int

    public init(_ activation: RecurrentActivation, _ predecessor: Int) {
      self.activation = activation
      self.predecessor = predecessor
    }
  }

  public let nodes: [Node]

  public init(_ nodes: [Node]) { self.nodes = nodes }

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

  public var description: String {
    nodes.map { "\($0.activation)(\($0.predecessor))" }.joined(separator: " ")
  }

  var wiring: RecurrentWiring {
    RecurrentWiring(
      nodes: nodes.map { [.init(from: $0.predecessor, .one($0.activation))] },
      isNormalized: false)
  }
}
