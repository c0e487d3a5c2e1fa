import Randomness
import SearchCore

/// The cell space of NAS-Bench-201: one operation on each edge of a graph with four nodes.
///
/// A node is the sum of its incoming edges; node 0 is the cell's input and node 3 its output.
/// 5 operations on 6 edges give 15,625 cells.
///
/// Source: Dong & Yang, NAS-Bench-201, arXiv 2001.00326; mutation as in the authors' code for
/// regularized evolution.
public struct NASBench201: SearchSpace {
  public static let name = "nas-bench-201"

  /// Names of the operations in the authors' notation; a choice is an index into them.
  public static let operations = [
    "none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3",
  ]

  /// Node that each edge enters and node that it leaves, in the order of the choices.
  public static let edges: [(target: Int, source: Int)] = [
    (1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2),
  ]

  /// The cell with the most correct test images of CIFAR-10 after 200 epochs: 94.37 %, the mean of
  /// the recorded seeds. One more has as many; this one also has the most correct validation images
  /// after 12 epochs, 84.89 %.
  static let best = Architecture(space: name, choices: [3, 3, 3, 1, 2, 3])

  public let decisions = NASBench201.edges.map { edge in
    Decision(name: "edge \(edge.target)←\(edge.source)", options: NASBench201.operations)
  }

  /// Makes the space; it has no parameters.
  public init() {}

  /// Draws a node, then one of its incoming edges, then another operation for that edge.
  ///
  /// An edge into node 1 therefore changes three times as often as an edge into node 3, as in the
  /// authors' code.
  public func mutate(
    _ architecture: Architecture, using generator: inout KeyedGenerator
  ) -> Architecture {
    let target = 1 + generator.integer(below: 3)
    let first = target * (target - 1) / 2
    let edge = first + generator.integer(below: target)
    return changing(edge, of: architecture, using: &generator)
  }

  /// Writes the cell as `|nor_conv_3x3~0|+|none~0|skip_connect~1|+|...|...|...|`.
  public func text(of architecture: Architecture) -> String {
    var text = ""
    for (edge, choice) in zip(Self.edges, architecture.choices) {
      if edge.source == 0 { text += edge.target == 1 ? "|" : "+|" }
      text += "\(Self.operations[choice])~\(edge.source)|"
    }
    return text
  }

  /// Writes the authors' unique string: equal for cells that their rules find isomorphic.
  ///
  /// Sums are sorted, skip connections are replaced by what they carry, and an edge without signal
  /// is `#`. A sum of several `#` is not simplified, as in the authors' code, since a convolution
  /// of it still has a bias: 6,466 classes.
  public func identity(of architecture: Architecture) -> String {
    var nodes = ["0"]
    var terms: [String] = []
    for (edge, choice) in zip(Self.edges, architecture.choices) {
      let input = nodes[edge.source]
      switch Self.operations[choice] {
      case "none": terms.append("#")
      case "skip_connect": terms.append(input)
      case let operation: terms.append(input == "#" ? "#" : "(\(input))@\(operation)")
      }
      if edge.source == edge.target - 1 {
        nodes.append(terms.sorted().joined(separator: "+"))
        terms = []
      }
    }
    return nodes[3]
  }

  public func graphs(of architecture: Architecture) -> [CellGraph] {
    let edges = zip(Self.edges, architecture.choices).compactMap { edge, choice in
      choice == 0
        ? nil
        : CellGraph.Edge(
          source: edge.source, target: edge.target, operation: Self.operations[choice])
    }
    return [CellGraph(title: "cell", nodes: ["input", "1", "2", "output"], edges: edges)]
  }
}
