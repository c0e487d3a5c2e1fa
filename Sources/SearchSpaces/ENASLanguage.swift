import NeuralNetworks
import SearchCore
import TensorCore

/// The recurrent space of ENAS' corrected language models: eight nodes behind a first one of the
/// input and the hidden state by tanh, each a function of one earlier node; the mean of the eight is
/// the next hidden state.
///
/// They are the cells of `DARTSRecurrent`, with other shared weights: a node's are those of what it
/// reads and computes, and no state is normalised. ENAS defines no mutation: any choice changes.
///
/// Source: `enas_lm` of google-research, by the authors of arXiv 1802.03268, who call the language
/// model of their first release wrong. Its published cell has eight nodes; its flag's default is 9.
public struct ENASLanguage: HighwayCellSpace {
  public static let name = "enas-lm"

  /// Functions in the order of the released code's numbers.
  public static let choices = HighwayChoices(
    nodes: 8, activations: [.tanh, .relu, .sigmoid, .identity], choosesInitial: false,
    output: .nodes)

  /// `fixed_lib.py`, whose decoder has no bias. It penalises the output before its dropout, where
  /// here it is the one behind it.
  public static let paperTraining = TextTraining(
    hidden: 800, layers: 1, unrolledSteps: 35, shortSequences: 0.05, sumsOverSteps: false,
    tiedEmbeddings: true, initialBound: 0.05, wordDropout: 0.125, embeddingDropout: 0.175,
    inputDropout: 0.725, hiddenDropout: 0.225, outputDropout: 0.75, variationalDropout: true,
    activationRegularization: 0.7, evaluationBatch: 64, averagingTrigger: 10)

  /// `child.py`: the models whose weights paths share.
  public static let searchTraining = TextTraining(
    hidden: 200, layers: 1, unrolledSteps: 35, shortSequences: 0.05, sumsOverSteps: false,
    tiedEmbeddings: true, initialBound: 0.04, wordDropout: 0.1, embeddingDropout: 0.2,
    inputDropout: 0.75, hiddenDropout: 0.25, outputDropout: 0.75, variationalDropout: true,
    temporalRegularization: 1, evaluationBatch: 128)

  /// The cell that the authors found.
  public static let published = "0 2 1 0 2 1 2 2 4 0 5 0 3 2 6 2"

  /// It as an architecture; that node 1 reads node 0 is no choice.
  static let found: Architecture = {
    var numbers = published.split(separator: " ").compactMap { Int($0) }
    numbers.remove(at: 0)
    return Architecture(space: name, choices: numbers)
  }()

  public let decisions = ENASLanguage.choices.decisions

  /// Makes the space; it has no parameters.
  public init() {}

  /// Writes of each node the one that it reads and its function, as the released scripts take them.
  public func text(of architecture: Architecture) -> String {
    Self.choices.numbers(of: genotype(of: architecture))
  }

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    Architecture(
      space: Self.name, choices: try Self.choices.choices(ofNumbers: text, in: Self.name))
  }

  public func sharedWeights(words: Int, training: TextTraining) -> any SharedLanguagePaths {
    SharedHighwayCells(
      self, words: words, training: training, isNormalized: false,
      declare: {
        Self.choices.edgeWeights($0, training, $1)
      })
  }
}
