import SearchCore

/// The micro space of ENAS: cells of five nodes, each the sum of two operations on two earlier
/// states, which may be the same; the output joins the states that no node reads.
///
/// A normal and a reduction cell. Choices come cell by cell and node by node, as the authors write
/// them: first state, its operation, second state, its operation. ENAS defines no mutation: any
/// choice changes.
///
/// Source: Pham et al., arXiv 1802.03268, section 2.4, and the released code.
public struct ENASMicro: CellPairSpace {
  public static let name = "enas-micro"
  public static let wiring = CellWiring.enas
  public static let paperRecipe = TrainingProtocol.enasEvaluation

  /// Operations in the order of their numbers.
  public static let operations: [CellOperation] = [
    .separable3x3, .separable5x5, .averagePool3x3, .maxPool3x3, .skip,
  ]
  /// Nodes that are computed; the paper's B = 7 counts the two inputs.
  public static let nodesPerCell = 5

  /// The cells of the released script `cifar10_micro_final.sh`.
  public static let published =
    "0 2 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1 1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1"

  /// These cells as an architecture.
  static let found = Architecture(
    space: name, choices: published.split(separator: " ").compactMap { Int($0) })

  /// Longest text that is looked at, in bytes; a pair of cells has 79, and more with brackets.
  private static let longestText = 400

  public let decisions: [Decision]

  /// Makes the space; it has no parameters.
  public init() {
    let operations = Self.operations.map { $0.rawValue }
    decisions = ["normal", "reduce"].flatMap { cell in
      (0..<Self.nodesPerCell).flatMap { node in
        let states = (0..<node + CellGenotype.inputStates).map(String.init)
        return ["first", "second"].flatMap { side in
          [
            Decision(name: "\(cell) \(node) \(side) input", options: states),
            Decision(name: "\(cell) \(node) \(side) operation", options: operations),
          ]
        }
      }
    }
  }

  /// Writes the cells as the released scripts take them: 40 numbers, the normal cell first.
  public func text(of cells: CellPair) -> String {
    [cells.normal, cells.reduction].flatMap { cell in
      cell.nodes.flatMap { node in
        node.inputs.flatMap { input in
          [input.state, Self.operations.firstIndex(of: input.operation) ?? 0].map(String.init)
        }
      }
    }.joined(separator: " ")
  }

  /// Reads the numbers, in one line or in several, in brackets or bare.
  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text.utf8.count <= Self.longestText else {
      throw ArchitectureError(
        "enas-micro: text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    let parts = try ArcNumbers.split(text, space: Self.name)
    guard parts.count == decisions.count else {
      throw ArchitectureError(
        "enas-micro: found \(parts.count) number(s); expected \(decisions.count)")
    }
    var choices: [Int] = []
    for (part, decision) in zip(parts, decisions) {
      guard let choice = Int(part), decision.options.indices.contains(choice) else {
        throw ArchitectureError(
          "enas-micro: \(decision.name) is '\(part)'; expected 0 to "
            + "\(decision.options.count - 1)")
      }
      choices.append(choice)
    }
    return Architecture(space: Self.name, choices: choices)
  }

  /// The cells that an architecture's choices stand for.
  public func cells(of architecture: Architecture) -> CellPair {
    CellPair(halvesOf: architecture.choices, cell: cell)
  }

  private func cell(_ choices: ArraySlice<Int>) -> CellGenotype {
    CellGenotype(
      joiningLooseEnds: stride(from: choices.startIndex, to: choices.endIndex, by: 4).map {
        CellGenotype.Node(
          .init(Self.operations[choices[$0 + 1]], choices[$0]),
          .init(Self.operations[choices[$0 + 3]], choices[$0 + 2]))
      })
  }
}
