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
  let nodes: Int
  /// In the order of their numbers.
  let activations: [RecurrentActivation]
  /// Whether the first choice is the function of state 0, which is tanh otherwise.
  let choosesInitial: Bool
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
}

extension HighwayCellSpace {
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

/// Weights that the cells of a space share; states are normalised over the batch.
final class SharedHighwayCells: SharedLanguagePaths {
  /// The part of a layer's shared weights that a cell uses.
  typealias Selection = (RecurrentGenotype) -> RecurrentCellWeights

  private let model: RecurrentLanguageModel
  private let layers: [(RecurrentGenotype) -> any RecurrentLayer]
  private let genotype: (Architecture) -> RecurrentGenotype

  /// - Parameter declare: Declares the shared weights of a layer.
  init<Space: HighwayCellSpace>(
    _ space: Space, words: Int, training: TextTraining,
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
        ) { _ in genotype.wiring(isNormalized: true) }
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
