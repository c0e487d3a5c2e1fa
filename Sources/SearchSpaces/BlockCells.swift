import SearchCore

/// How a normal and a reduction cell of five blocks are encoded as choices: what the spaces of
/// NASNet and AmoebaNet share.
///
/// Choices come cell by cell and block by block: first state, second state, first operation, second
/// operation, and how they are combined where there is a choice. States are numbered as in the
/// released codes: 0 is the previous cell's output, 1 that of the cell before, 2 the first block.
public struct BlockCells: Sendable {
  /// An operation and its name in the released code.
  typealias Candidate = (operation: CellOperation, name: String)

  /// Stable id of the space.
  let space: String
  let candidates: [Candidate]
  let combiners: [CellGenotype.Combiner]
  let decisions: [Decision]

  /// Blocks of a cell; B in the papers.
  static let blocks = 5
  static let cellNames = ["normal", "reduction"]

  private var choicesPerBlock: Int { combiners.count > 1 ? 5 : 4 }

  init(_ space: String, _ candidates: [Candidate], combiners: [CellGenotype.Combiner] = [.add]) {
    (self.space, self.candidates, self.combiners) = (space, candidates, combiners)
    let operations = candidates.map { $0.name }
    decisions = Self.cellNames.flatMap { cell in
      (0..<Self.blocks).flatMap { block in
        let states = (0..<block + CellGenotype.inputStates).map(String.init)
        var decisions = [
          Decision(name: "\(cell) \(block) first input", options: states),
          Decision(name: "\(cell) \(block) second input", options: states),
          Decision(name: "\(cell) \(block) first operation", options: operations),
          Decision(name: "\(cell) \(block) second operation", options: operations),
        ]
        if combiners.count > 1 {
          decisions.append(
            Decision(name: "\(cell) \(block) combiner", options: combiners.map { $0.rawValue }))
        }
        return decisions
      }
    }
  }

  /// The papers' number of a state of `CellGenotype`, and the reverse: the inputs change places.
  static func renumbered(_ state: Int) -> Int {
    state < CellGenotype.inputStates ? CellGenotype.inputStates - 1 - state : state
  }

  func cells(of architecture: Architecture) -> CellPair {
    let half = Self.blocks * choicesPerBlock
    return CellPair(
      normal: cell(architecture.choices.prefix(half)),
      reduction: cell(architecture.choices.suffix(half)))
  }

  private func cell(_ choices: ArraySlice<Int>) -> CellGenotype {
    let starts = stride(from: choices.startIndex, to: choices.endIndex, by: choicesPerBlock)
    return CellGenotype(
      joiningLooseEnds: starts.map { start in
        func input(_ side: Int) -> CellGenotype.Input {
          .init(
            candidates[choices[start + 2 + side]].operation,
            Self.renumbered(choices[start + side]))
        }
        return CellGenotype.Node(
          input(0), input(1), combiners.count > 1 ? combiners[choices[start + 4]] : combiners[0])
      })
  }

  /// The architecture of cells whose output joins the loose ends.
  func architecture(of cells: CellPair) -> Architecture {
    let choices = [cells.normal, cells.reduction].flatMap { cell in
      cell.nodes.flatMap { node in
        node.inputs.map { Self.renumbered($0.state) }
          + node.inputs.map { input in
            candidates.firstIndex { $0.operation == input.operation } ?? 0
          }
          + (combiners.count > 1 ? [combiners.firstIndex(of: node.combiner) ?? 0] : [])
      }
    }
    return Architecture(space: space, choices: choices)
  }
}

/// A space of a normal and a reduction cell of five blocks each.
public protocol BlockCellSpace: CellPairSpace {
  /// How its cells are choices.
  static var encoding: BlockCells { get }
}

extension BlockCellSpace {
  public var decisions: [Decision] { Self.encoding.decisions }

  public func cells(of architecture: Architecture) -> CellPair {
    Self.encoding.cells(of: architecture)
  }

  public func text(of cells: CellPair) -> String { Self.encoding.text(of: cells) }

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    try Self.encoding.parse(text)
  }

  public func cells(in text: String) throws(ArchitectureError) -> CellPair {
    try Self.encoding.cells(in: text)
  }
}

extension CellGenotype {
  /// Takes a cell as the released codes of NASNet and AmoebaNet number its states: 0 is the previous
  /// cell's output, 1 that of the cell before.
  init(
    released blocks: [(CellOperation, Int, CellOperation, Int)], joins states: [Int]
  ) {
    self.init(
      nodes: blocks.map { first, firstState, second, secondState in
        Node(
          .init(first, BlockCells.renumbered(firstState)),
          .init(second, BlockCells.renumbered(secondState)))
      }, output: states.map(BlockCells.renumbered).sorted())
  }
}
