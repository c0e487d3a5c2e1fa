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

  public static let paperRecipe = TrainingProtocol.enasLanguageEvaluation

  /// The cell that the authors found.
  public static let published = "0 2 1 0 2 1 2 2 4 0 5 0 3 2 6 2"

  /// It as an architecture; that node 1 reads node 0 is no choice.
  static let found = Architecture(space: name, choices: choices.choices(ofPublished: published))

  public let decisions = ENASLanguage.choices.decisions

  /// Makes the space; it has no parameters.
  public init() {}

  public func sharedWeights(words: Int, training: TextTraining) -> any SharedLanguagePaths {
    SharedHighwayCells(
      self, words: words, training: training, isNormalized: false,
      declare: {
        Self.choices.edgeWeights($0, training, $1)
      })
  }
}
