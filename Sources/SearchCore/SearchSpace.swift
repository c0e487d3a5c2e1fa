import Randomness

/// A set of architectures: how they are encoded, drawn, changed and named.
///
/// A space is data about architectures; the networks that they stand for are built elsewhere.
public protocol SearchSpace: Sendable {
  /// Stable id, lower kebab case of the type's name.
  static var name: String { get }

  /// The decisions that make up an architecture, in order.
  var decisions: [Decision] { get }

  /// Draws an architecture as the space's paper does for random search; by default every choice
  /// uniformly.
  func sample(using generator: inout KeyedGenerator) -> Architecture

  /// Draws a neighbour of an architecture, by the paper's mutation; by default another choice for
  /// one decision, both drawn uniformly.
  func mutate(_ architecture: Architecture, using generator: inout KeyedGenerator) -> Architecture

  /// Writes an architecture in the paper's notation.
  func text(of architecture: Architecture) -> String

  /// Reads an architecture from the paper's notation.
  ///
  /// - Throws: `ArchitectureError` saying what was found where, and what was expected.
  func parse(_ text: String) throws(ArchitectureError) -> Architecture

  /// A text that is equal for two architectures exactly if they compute the same function.
  func identity(of architecture: Architecture) -> String

  /// The cells of an architecture as graphs, to be drawn.
  func graphs(of architecture: Architecture) -> [CellGraph]
}

extension SearchSpace {
  public func sample(using generator: inout KeyedGenerator) -> Architecture {
    Architecture(
      space: Self.name,
      choices: decisions.map { generator.integer(below: $0.options.count) })
  }

  public func mutate(
    _ architecture: Architecture, using generator: inout KeyedGenerator
  ) -> Architecture {
    let place = generator.integer(below: decisions.count)
    return changing(place, of: architecture, using: &generator)
  }

  /// Draws another choice for one decision, which has at least two options.
  package func changing(
    _ decision: Int, of architecture: Architecture, using generator: inout KeyedGenerator
  ) -> Architecture {
    var choices = architecture.choices
    let draw = generator.integer(below: decisions[decision].options.count - 1)
    choices[decision] = draw < choices[decision] ? draw : draw + 1
    return Architecture(space: Self.name, choices: choices)
  }
}

/// An architecture that could not be read.
public struct ArchitectureError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// A cell as a directed acyclic graph, for drawing.
public struct CellGraph: Hashable, Codable, Sendable {
  /// An edge or an input of an operation.
  public struct Edge: Hashable, Codable, Sendable {
    /// Index of the node the edge leaves.
    public let source: Int
    /// Index of the node the edge enters.
    public let target: Int
    /// Operation on the edge, in the paper's words; empty if the edge only carries a value.
    public let operation: String

    public init(source: Int, target: Int, operation: String) {
      self.source = source
      self.target = target
      self.operation = operation
    }
  }

  /// What the cell is called: `cell`, `normal cell`.
  public let title: String
  /// Names of the nodes, in topological order.
  public let nodes: [String]
  public let edges: [Edge]

  public init(title: String, nodes: [String], edges: [Edge]) {
    self.title = title
    self.nodes = nodes
    self.edges = edges
  }
}
