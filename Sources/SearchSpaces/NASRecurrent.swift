import NeuralNetworks
import SearchCore
import TensorCore

/// The first recurrent search space: a cell is a full binary tree over eight leaves, each of which
/// reads the input and the hidden state.
///
/// Choices come as the paper's controller predicts them: of each of the 15 nodes, leaves first and
/// then level by level, how it combines its inputs and which function follows; the same of the
/// cell's injection; and two cell indices, the node whose value before its function becomes the
/// next cell and the node that the cell before is combined with. The paper defines no mutation: any
/// choice changes.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 3.4.
public struct NASRecurrent: LanguageSearchSpace {
  public static let name = "nas-recurrent"

  /// The base number: leaves of the tree.
  public static let leaves = 8
  static let combinations = ["add", "elem_mult"]
  static let activations: [RecurrentActivation] = [.identity, .tanh, .sigmoid, .relu]

  public static let paperRecipe = TrainingProtocol.nasRecurrentEvaluation

  /// The cell that the search found, as `NASCell` of TensorFlow's contributed library has it.
  public static let published =
    "add sigmoid add relu add sigmoid elem_mult relu add tanh add sigmoid add tanh add sigmoid "
    + "elem_mult tanh add tanh elem_mult tanh add sigmoid elem_mult identity add tanh "
    + "elem_mult tanh add tanh 12 8"

  /// It as an architecture.
  static let found: Architecture = {
    let space = NASRecurrent()
    let words = published.split(separator: " ")
    return Architecture(
      space: name,
      choices: zip(words, space.decisions).compactMap { $1.options.firstIndex(of: String($0)) })
  }()

  /// Longest text that is looked at, in bytes; a cell has at most 295.
  private static let longestText = 400

  public let decisions: [Decision]

  /// Makes the space; it has no parameters.
  public init() {
    let nodes = 2 * Self.leaves - 1
    let functions = Self.activations.map { "\($0)" }
    let indices = (0..<nodes).map(String.init)
    decisions =
      ((0..<nodes).map { "node \($0)" } + ["cell inject"]).flatMap {
        [
          Decision(name: "\($0) combination", options: Self.combinations),
          Decision(name: "\($0) function", options: functions),
        ]
      } + [
        Decision(name: "next cell index", options: indices),
        Decision(name: "injected cell index", options: indices),
      ]
  }

  /// Writes the choices' names in the controller's order, separated by spaces.
  public func text(of architecture: Architecture) -> String {
    zip(decisions, architecture.choices).map { $0.options[$1] }.joined(separator: " ")
  }

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text.utf8.count <= Self.longestText else {
      throw ArchitectureError(
        "\(Self.name): text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    let parts = EditedText(text).text.split { $0.isWhitespace }
    guard parts.count == decisions.count else {
      throw ArchitectureError(
        "\(Self.name): found \(parts.count) word(s); expected \(decisions.count)")
    }
    var choices: [Int] = []
    for (part, decision) in zip(parts, decisions) {
      guard let choice = decision.options.firstIndex(of: String(part)) else {
        throw ArchitectureError(
          "\(Self.name): \(decision.name) is '\(part)'; expected one of "
            + decision.options.joined(separator: ", "))
      }
      choices.append(choice)
    }
    return Architecture(space: Self.name, choices: choices)
  }

  /// The cell that an architecture's choices stand for.
  public func wiring(of architecture: Architecture) -> TreeWiring {
    let choices = architecture.choices
    func node(_ index: Int) -> TreeWiring.Node {
      TreeWiring.Node(
        choices[2 * index] == 0 ? .add : .multiply, Self.activations[choices[2 * index + 1]])
    }
    let nodes = 2 * Self.leaves - 1
    return TreeWiring(
      nodes: (0..<nodes).map(node), injected: choices[2 * nodes + 3], injection: node(nodes),
      cell: choices[2 * nodes + 2])
  }

  /// A text that is equal for cells that differ in the order of children alone: leaves have weights
  /// of their own and both combinations commute.
  public func identity(of architecture: Architecture) -> String {
    let wiring = wiring(of: architecture)
    var written: [String] = []
    for (index, node) in wiring.nodes.enumerated() {
      let first = 2 * (index - wiring.leaves)
      let children = index < wiring.leaves ? "" : written[first...first + 1].sorted().joined()
      let cell = index == wiring.cell ? "=c" : ""
      let injection = wiring.injection
      let injected =
        index == wiring.injected ? "<\(injection.combination) \(injection.activation)" : ""
      written.append("(\(node.combination) \(node.activation)\(cell)\(injected)\(children))")
    }
    return written[wiring.nodes.count - 1]
  }

  /// The tree, read upwards: a node is called by what it computes.
  public func graphs(of architecture: Architecture) -> [CellGraph] {
    let wiring = wiring(of: architecture)
    let (first, root) = (3, wiring.nodes.count + 2)
    let (cell, output) = (root + 2, root + 1)
    var edges: [CellGraph.Edge] = []
    for index in wiring.nodes.indices {
      let below = 2 * (index - wiring.leaves)
      let sources = index < wiring.leaves ? [0, 1] : [below + first, below + 1 + first]
      edges += sources.map { .init(source: $0, target: index + first, operation: "") }
    }
    let injection = "\(Self.name(of: wiring.injection.combination)) \(wiring.injection.activation)"
    edges.append(.init(source: 2, target: wiring.injected + first, operation: injection))
    edges.append(.init(source: root, target: output, operation: ""))
    edges.append(
      .init(source: wiring.cell + first, target: cell, operation: "before its function"))
    let names = wiring.nodes.enumerated().map {
      "\($0) \(Self.name(of: $1.combination)) \($1.activation)"
    }
    return [
      CellGraph(
        title: "recurrent cell", nodes: ["x(t)", "h(t-1)", "c(t-1)"] + names + ["h(t)", "c(t)"],
        edges: edges.sorted { ($0.target, $0.source) < ($1.target, $1.source) })
    ]
  }

  private static func name(of combination: TreeWiring.Combination) -> String {
    combinations[combination == .add ? 0 : 1]
  }

  public func model(
    of architecture: Architecture, words: Int, training: TextTraining
  ) -> any LanguageModel {
    let wiring = wiring(of: architecture)
    return RecurrentLanguageModel(words: words, training: training, initializers: .darts) {
      place, parameters in TreeLayer(wiring, place, training, parameters)
    }
  }
}

/// A recurrent layer that carries the hidden state and the cell of a tree.
private struct TreeLayer: RecurrentLayer {
  let units: Int
  let stateCount = 2
  private let wiring: TreeWiring
  private let weights: TreeCellWeights
  private let hiddenDropout: Double
  private let parameters: Parameters

  init(
    _ wiring: TreeWiring, _ place: RecurrentLanguageModel.Place, _ training: TextTraining,
    _ parameters: Parameters
  ) {
    let columns = wiring.leaves * place.units
    weights = TreeCellWeights(
      input: place.declare("kernel", [place.inputs, columns], training, parameters),
      hidden: place.declare("recurrent_kernel", [place.units, columns], training, parameters))
    (units, hiddenDropout) = (place.units, training.hiddenDropout)
    (self.wiring, self.parameters) = (wiring, parameters)
  }

  func run(
    _ input: Tensor, from state: [Tensor], on tape: Tape, during pass: TrainingPass?
  ) -> (output: Tensor, state: [Tensor]) {
    let (output, last) = tape.treeCell(
      input, from: LSTMState(output: state[0], cell: state[1]),
      mask: tape.hiddenMask(like: state[0], share: hiddenDropout, during: pass), weights,
      wiring: wiring, of: parameters)
    return (output, [last.output, last.cell])
  }
}
