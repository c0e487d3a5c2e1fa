import Randomness
import SearchCore

/// The convolutional cells of DARTS: four nodes, each the sum of two operations on two different
/// earlier states; the output joins the nodes.
///
/// A normal and a reduction cell. Choices come cell by cell and node by node: first state, its
/// operation, second state (an index into those that are left), its operation. `none` is no
/// option, as no cell of DARTS has it; the uniform sample is that of arXiv 1902.07638.
///
/// Source: Liu et al., arXiv 1806.09055, section 3.1, and the released code.
public struct DARTSCells: CellPairSpace {
  public static let name = "darts-cells"
  public static let wiring = CellWiring.darts
  public static let paperRecipe = TrainingProtocol.dartsEvaluation

  /// The candidates of an edge, in the order of the columns of α.
  public static let candidates: [CellOperation] = [
    .none, .maxPool3x3, .averagePool3x3, .skip, .separable3x3, .separable5x5, .dilated3x3,
    .dilated5x5,
  ]
  /// What an edge of a found cell can be: the candidates without `none`.
  public static let operations = Array(candidates.dropFirst())
  public static let nodesPerCell = 4
  /// States of a cell that are joined.
  static let output = [2, 3, 4, 5]

  private static let choicesPerNode = 4

  public let decisions: [Decision]

  /// Makes the space; it has no parameters.
  public init() {
    let operations = Self.operations.map { $0.rawValue }
    decisions = ["normal", "reduce"].flatMap { cell in
      (0..<Self.nodesPerCell).flatMap { node in
        let states = (0..<node + CellGenotype.inputStates).map(String.init)
        let others = (0..<node + CellGenotype.inputStates - 1).map(String.init)
        return [
          Decision(name: "\(cell) \(node) first input", options: states),
          Decision(name: "\(cell) \(node) first operation", options: operations),
          Decision(name: "\(cell) \(node) second of the other inputs", options: others),
          Decision(name: "\(cell) \(node) second operation", options: operations),
        ]
      }
    }
  }

  /// Changes one input or one operation, each with probability one half, at a uniform place.
  ///
  /// The mutations of regularized evolution (Real et al., arXiv 1802.01548); DARTS defines none.
  /// The first node has no other state to read, so its operation changes instead.
  public func mutate(
    _ architecture: Architecture, using generator: inout KeyedGenerator
  ) -> Architecture {
    let changesOperation = generator.bernoulli(0.5)
    let node = generator.integer(below: 2 * Self.nodesPerCell)
    let isSecond = generator.bernoulli(0.5)
    var cells = cells(of: architecture)
    var genotype = node < Self.nodesPerCell ? cells.normal : cells.reduction
    let index = node % Self.nodesPerCell
    let path = isSecond ? \CellGenotype.Node.second : \CellGenotype.Node.first
    let taken = genotype.nodes[index].inputs.map { $0.state }
    let states = (0..<index + CellGenotype.inputStates).filter { !taken.contains($0) }
    if changesOperation || states.isEmpty {
      let current = genotype.nodes[index][keyPath: path].operation
      genotype.nodes[index][keyPath: path].operation = generator.element(
        of: Self.operations.filter { $0 != current })
    } else {
      genotype.nodes[index][keyPath: path].state = generator.element(of: states)
    }
    if node < Self.nodesPerCell { cells.normal = genotype } else { cells.reduction = genotype }
    return self.architecture(of: cells)
  }

  // MARK: Choices and cells

  /// The cells that an architecture's choices stand for.
  public func cells(of architecture: Architecture) -> CellPair {
    CellPair(halvesOf: architecture.choices, cell: cell)
  }

  private func cell(_ choices: ArraySlice<Int>) -> CellGenotype {
    let nodes = (0..<Self.nodesPerCell).map { node in
      let start = choices.startIndex + node * Self.choicesPerNode
      let first = choices[start]
      let second = choices[start + 2]
      return CellGenotype.Node(
        .init(Self.operations[choices[start + 1]], first),
        .init(Self.operations[choices[start + 3]], second < first ? second : second + 1))
    }
    return CellGenotype(nodes: nodes, output: Self.output)
  }

  /// The architecture of two cells of this space.
  package func architecture(of cells: CellPair) -> Architecture {
    let choices = [cells.normal, cells.reduction].flatMap { cell in
      cell.nodes.flatMap { node in
        [
          node.first.state, Self.operations.firstIndex(of: node.first.operation) ?? 0,
          node.second.state - (node.second.state > node.first.state ? 1 : 0),
          Self.operations.firstIndex(of: node.second.operation) ?? 0,
        ]
      }
    }
    return Architecture(space: Self.name, choices: choices)
  }
}
