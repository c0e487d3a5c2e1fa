import NeuralNetworks
import SearchCore
import TensorCore

/// A space of recurrent cells of highway edges, each node of which reads one earlier state.
public protocol HighwayCellSpace: WeightSharingLanguageSpace {
  /// How choices stand for a cell.
  static var choices: HighwayChoices { get }
}

/// How choices stand for a cell of highway edges: node by node the state that it reads, unless
/// there is but one, and then its function.
public struct HighwayChoices: Sendable {
  /// Nodes behind state 0.
  public let nodes: Int
  /// In the order of their numbers.
  public let activations: [RecurrentActivation]
  /// Whether the first choice is the function of state 0, which is tanh otherwise.
  public let choosesInitial: Bool
  let output: RecurrentGenotype.Output

  var decisions: [Decision] {
    let functions = activations.map { "\($0)" }
    let initial = Decision(name: "node 0 function", options: functions)
    return (choosesInitial ? [initial] : [])
      + (1...nodes).flatMap { node in
        let states = Decision(name: "node \(node) reads", options: (0..<node).map(String.init))
        return (node > 1 ? [states] : [])
          + [Decision(name: "node \(node) function", options: functions)]
      }
  }

  func genotype(of choices: [Int]) -> RecurrentGenotype {
    var rest = choices[...]
    let initial = choosesInitial ? activations[rest.removeFirst()] : .tanh
    let found = (1...nodes).map { node in
      let state = node > 1 ? rest.removeFirst() : 0
      return RecurrentGenotype.Node(activations[rest.removeFirst()], state)
    }
    return RecurrentGenotype(initial: initial, found, output: output)
  }

  func choices(of genotype: RecurrentGenotype) -> [Int] {
    let initial = choosesInitial ? [number(of: genotype.initial)] : []
    return initial
      + genotype.nodes.enumerated().flatMap { index, node in
        (index > 0 ? [node.predecessor] : []) + [number(of: node.activation)]
      }
  }

  func number(of activation: RecurrentActivation) -> Int {
    activations.firstIndex(of: activation) ?? 0
  }

  // MARK: ENAS' notation

  /// Longest text that is looked at, in bytes; a cell has at most 47.
  private static let longestText = 200

  /// The numbers as ENAS' scripts take them: the first node's function, where it is chosen, then of
  /// each other one the node that it reads and its function.
  func numbers(of genotype: RecurrentGenotype) -> String {
    let numbers =
      (choosesInitial ? [number(of: genotype.initial)] : [])
      + genotype.nodes.flatMap { [$0.predecessor, number(of: $0.activation)] }
    return numbers.map(String.init).joined(separator: " ")
  }

  /// The choices of numbers that are known to be a cell's.
  func choices(ofPublished text: String) -> [Int] {
    var numbers = text.split(separator: " ").compactMap { Int($0) }
    // That node 1 reads node 0 is no choice.
    numbers.remove(at: choosesInitial ? 1 : 0)
    return numbers
  }

  /// The choices of such numbers; what the first node but one reads is none.
  func choices(ofNumbers text: String, in space: String) throws(ArchitectureError) -> [Int] {
    guard text.utf8.count <= Self.longestText else {
      throw ArchitectureError(
        "\(space): text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    let parts = try ArcNumbers.split(text, space: space)
    let first = choosesInitial ? 1 : 0
    guard parts.count == first + 2 * nodes else {
      throw ArchitectureError(
        "\(space): found \(parts.count) number(s); expected \(first + 2 * nodes)")
    }
    var numbers: [Int] = []
    for (index, part) in parts.enumerated() {
      let (node, isState) = ((index - first + 2) / 2, index >= first && (index - first) % 2 == 0)
      let limit = isState ? node : activations.count
      guard let number = (0..<limit).first(where: { String($0) == part }) else {
        throw ArchitectureError(
          "\(space): node \(node) \(isState ? "reads" : "has function") '\(part)'; expected "
            + (limit == 1 ? "0" : "0 to \(limit - 1)"))
      }
      numbers.append(number)
    }
    numbers.remove(at: first)
    return numbers
  }
}

extension HighwayCellSpace {
  /// Writes the numbers as ENAS' released scripts take them: the first node's function, where it is
  /// chosen, then of each other node the one that it reads and its function.
  public func text(of architecture: Architecture) -> String {
    Self.choices.numbers(of: genotype(of: architecture))
  }

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    Architecture(
      space: Self.name, choices: try Self.choices.choices(ofNumbers: text, in: Self.name))
  }

  /// The cell that an architecture's choices stand for.
  public func genotype(of architecture: Architecture) -> RecurrentGenotype {
    Self.choices.genotype(of: architecture.choices)
  }

  /// The architecture of a cell of the space.
  func architecture(of genotype: RecurrentGenotype) -> Architecture {
    Architecture(space: Self.name, choices: Self.choices.choices(of: genotype))
  }

  /// A text that is equal for cells that differ in the order of their nodes alone.
  public func identity(of architecture: Architecture) -> String {
    genotype(of: architecture).identity
  }

  public func graphs(of architecture: Architecture) -> [CellGraph] {
    [genotype(of: architecture).graph]
  }

  public func model(
    of architecture: Architecture, words: Int, training: TextTraining
  ) -> any LanguageModel {
    let genotype = genotype(of: architecture)
    return RecurrentLanguageModel(words: words, training: training, initializers: .darts) {
      place, parameters in genotype.layer(place, training, parameters)
    }
  }
}

/// Weights that the cells of a space share.
final class SharedHighwayCells: SharedLanguagePaths {
  /// The part of a layer's shared weights that a cell uses.
  typealias Selection = (RecurrentGenotype) -> RecurrentCellWeights

  private let model: RecurrentLanguageModel
  private let layers: [(RecurrentGenotype) -> any RecurrentLayer]
  private let genotype: (Architecture) -> RecurrentGenotype

  /// - Parameters:
  ///   - isNormalized: Whether states are normalised over the batch.
  ///   - declare: Declares the shared weights of a layer.
  init<Space: HighwayCellSpace>(
    _ space: Space, words: Int, training: TextTraining, isNormalized: Bool = true,
    declare: (RecurrentLanguageModel.Place, Parameters) -> Selection
  ) {
    let first = space.genotype(
      of: Architecture(space: Space.name, choices: space.decisions.map { _ in 0 }))
    var layers: [(RecurrentGenotype) -> any RecurrentLayer] = []
    model = RecurrentLanguageModel(words: words, training: training, initializers: .darts) {
      place, parameters in
      let select = declare(place, parameters)
      let layer = { (genotype: RecurrentGenotype) in
        HighwayLayer(
          units: place.units, weights: select(genotype), hiddenDropout: training.hiddenDropout,
          parameters: parameters
        ) { _ in genotype.wiring(isNormalized: isNormalized) }
      }
      layers.append(layer)
      return layer(first)
    }
    self.layers = layers
    genotype = { space.genotype(of: $0) }
  }

  var parameters: Parameters { model.parameters }

  func child(of architecture: Architecture) -> any LanguageModel {
    let genotype = genotype(architecture)
    return RecurrentLanguageModel(sharing: model, layers: layers.map { $0(genotype) })
  }
}

extension HighwayChoices {
  /// Declares a matrix for each function on each edge of a layer's cell, and for each function of
  /// the first node where it is chosen.
  func edgeWeights(
    _ place: RecurrentLanguageModel.Place, _ training: TextTraining, _ parameters: Parameters
  ) -> SharedHighwayCells.Selection {
    func declare(_ name: String, _ rows: Int) -> [Parameter] {
      activations.map {
        place.declare("\(name).\($0)", [rows, 2 * place.units], training, parameters)
      }
    }
    let rows = place.inputs + place.units
    let initial =
      choosesInitial
      ? declare("w0", rows)
      : [place.declare("w0", [rows, 2 * place.units], training, parameters)]
    let edges = (1...nodes).map { node in
      (0..<node).map { declare("ws.\(node).\($0)", place.units) }
    }
    return { genotype in
      RecurrentCellWeights(
        initial: initial[choosesInitial ? number(of: genotype.initial) : 0],
        nodes: genotype.nodes.enumerated().map { index, node in
          edges[index][node.predecessor][number(of: node.activation)]
        })
    }
  }
}
