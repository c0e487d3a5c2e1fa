import NeuralNetworks
import SearchCore
import SearchSpaces

/// A network that people designed, as a space of one architecture: what trains a found network
/// trains it as well.
public struct DesignedNetwork: TrainableSearchSpace {
  public static let name = "designed-network"

  private let network: NamedNetwork

  /// Takes a network of `NamedNetworks`.
  public init(_ network: NamedNetwork) { self.network = network }

  public var decisions: [Decision] { [] }
  public var hasAuxiliaryHeads: Bool { false }
  public var hasDropPath: Bool { false }
  public var takesChannels: Bool { false }

  public func text(of architecture: Architecture) -> String { network.name }

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text == network.name else {
      throw ArchitectureError("found '\(text)'; expected \(network.name)")
    }
    return Architecture(space: Self.name, choices: [])
  }

  public func identity(of architecture: Architecture) -> String { network.name }

  public func graphs(of architecture: Architecture) -> [CellGraph] { [] }

  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
    options: NetworkOptions
  ) -> any Network { network.network(classes: classes) }
}

/// The LSTM language model of a recipe, as a space of one architecture.
public struct LSTMModel: LanguageSearchSpace {
  public static let name = "lstm"
  public static let paperRecipe = TrainingProtocol.zarembaMedium

  /// It has no parameters: sizes are the recipe's.
  public init() {}

  public var decisions: [Decision] { [] }

  public func text(of architecture: Architecture) -> String { Self.name }

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text == Self.name else {
      throw ArchitectureError("found '\(text)'; expected \(Self.name)")
    }
    return Architecture(space: Self.name, choices: [])
  }

  public func identity(of architecture: Architecture) -> String { Self.name }

  public func graphs(of architecture: Architecture) -> [CellGraph] { [] }

  public func model(
    of architecture: Architecture, words: Int, training: TextTraining
  ) -> any LanguageModel { LSTMLanguageModel(words: words, training: training) }
}
