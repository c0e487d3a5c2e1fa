import NeuralNetworks
import SearchCore
import TensorCore

/// The recurrent space of ENAS: twelve nodes, the first of the input and the hidden state, each
/// other one a function of one earlier node; the mean of the nodes that none reads is the next
/// hidden state.
///
/// Nodes are highway updates, s = s' + σ(t) (f(h) - s') with [h t] = s' W. ENAS defines no mutation:
/// any choice changes. Paths share the weights of a node by what it reads and computes, and of the
/// first node by its function. In the search every state is normalised over the batch, by the
/// batch's own statistics: the released code normalises the products instead, with ε = 1 and
/// running statistics, and its authors call it wrong; for their corrected one see
/// `ENASLanguage`.
///
/// Source: Pham et al., arXiv 1802.03268, section 2.1, and the released code.
public struct ENASRecurrent: HighwayCellSpace {
  public static let name = "enas-recurrent"

  /// Functions in the order of the released code's numbers.
  public static let choices = HighwayChoices(
    nodes: 11, activations: [.tanh, .relu, .identity, .sigmoid], choosesInitial: true,
    output: .looseEnds)

  public static let paperRecipe = TrainingProtocol.enasRecurrentEvaluation

  /// The cell of the released script `ptb_final.sh`.
  public static let published = "0 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1"

  /// It as an architecture; that node 1 reads node 0 is no choice.
  static let found = Architecture(space: name, choices: choices.choices(ofPublished: published))

  /// The found cell as the authors of DARTS wrote it down in their `genotypes.py`: another one.
  static let inDARTS = RecurrentGenotype(
    [
      .init(.tanh, 0), .init(.tanh, 1), .init(.relu, 1), .init(.tanh, 3), .init(.tanh, 3),
      .init(.relu, 3), .init(.relu, 4), .init(.relu, 7), .init(.relu, 8), .init(.relu, 8),
      .init(.relu, 8),
    ], output: .looseEnds)

  public let decisions = ENASRecurrent.choices.decisions

  /// Makes the space; it has no parameters.
  public init() {}

  public func sharedWeights(words: Int, training: TextTraining) -> any SharedLanguagePaths {
    SharedHighwayCells(
      self, words: words, training: training,
      declare: {
        Self.choices.edgeWeights($0, training, $1)
      })
  }
}
