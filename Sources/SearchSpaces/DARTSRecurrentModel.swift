import NeuralNetworks
import Randomness
import TensorCore

/// The DARTS language model: one recurrent cell between an embedding and the decoder tied to it.
///
/// The cell is a found one, or the supernet in which every node reads all earlier states through
/// all functions, mixed by softmax(α), with states normalised by the statistics of the batch.
///
/// Source: Liu et al., arXiv 1806.09055, sections 2 and 3.2, and the released code; here statistics
/// are always the batch's, and none are kept for evaluation.
public final class DARTSRecurrentModel {
  /// Shares that are dropped in training, each with one mask for all time steps.
  public struct Dropout: Hashable, Sendable {
    /// Whole words of the embedding.
    public var word: Float
    /// Units of the embedded words.
    public var embedding: Float
    /// Units of the cell's input and of its hidden state.
    public var input: Float
    public var hidden: Float
    /// Units of the cell's output.
    public var output: Float

    /// The released settings of the search; the evaluation drops a tenth of the words too.
    public init(
      word: Float = 0, embedding: Float = 0.2, input: Float = 0.75, hidden: Float = 0.25,
      output: Float = 0.75
    ) {
      self.word = word
      self.embedding = embedding
      self.input = input
      self.hidden = hidden
      self.output = output
    }
  }

  /// Nodes of the supernet's cell.
  public static let supernetNodes = 8

  public let parameters = Parameters()
  /// α: one row an edge, by node, then by the state it reads; columns none, tanh, relu, sigmoid,
  /// identity. Empty for a found cell.
  public let alphas = Parameters()
  private let hidden: Int
  private let dropout: Dropout
  private let genotype: RecurrentGenotype?
  private let alpha: Parameter?
  private let embedding: Parameter
  private let decoder: WordDecoder
  private let cell: RecurrentCellWeights

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - words: Size of the vocabulary.
  ///   - hidden: Units of the hidden state, and width of the embedding.
  ///   - genotype: The cell; `nil` for the supernet.
  public init(words: Int, hidden: Int, genotype: RecurrentGenotype?, dropout: Dropout) {
    let (parameters, uniform) = (parameters, Initializer.uniform(bound: 0.04))
    (self.hidden, self.genotype, self.dropout) = (hidden, genotype, dropout)
    embedding = parameters.declare("embed", [words, hidden], uniform)
    decoder = WordDecoder(
      weights: embedding, isTied: true,
      bias: parameters.declare("decoder_bias", [words], .constant(0)))
    let nodes = genotype?.nodes.count ?? Self.supernetNodes
    cell = RecurrentCellWeights(
      initial: parameters.declare("w0", [2 * hidden, 2 * hidden], uniform),
      nodes: (0..<nodes).map { parameters.declare("ws.\($0)", [hidden, 2 * hidden], uniform) })
    alpha =
      genotype == nil
      ? alphas.declare("alphas", [nodes * (nodes + 1) / 2, 5], .normal(deviation: 1e-3)) : nil
  }

  /// The state before a text: zeros.
  public func initialState(batch: Int, on tape: Tape) -> Tensor {
    tape.zeros(Shape(rows: batch, columns: hidden))
  }

  /// Predicts each word of a text from those before it.
  ///
  /// - Parameters:
  ///   - state: State after the text before this one; no gradient flows into it.
  ///   - key: Of this text's dropout masks.
  ///   - slowness: Weight of the penalty on moves of the state; 0 for none.
  /// - Returns: The mean cross-entropy, the loss with the penalty, and the state after this text.
  public func score(
    _ text: TextBatch, from state: Tensor, key: RandomKey, slowness: Float = 0, on tape: Tape
  ) -> (score: BatchScore, totalLoss: Double, state: Tensor) {
    func mask(_ name: String, _ share: Float, _ rows: Int, _ columns: Int) -> Tensor {
      tape.dropoutMask(
        Shape(rows: rows, columns: columns), keep: 1 - share, key: key.child(name))
    }
    func dropped(_ input: Tensor, _ name: String, _ share: Float) -> Tensor {
      guard tape.isTraining && share > 0 else { return input }
      return tape.masked(input, by: mask(name, share, text.batch, hidden))
    }
    let words =
      tape.isTraining && dropout.word > 0
      ? mask("word", dropout.word, embedding.sizes[0], 1) : nil
    let embedded = tape.embedding(
      text.tokens, count: text.steps * text.batch, table: embedding, factors: words,
      of: parameters)
    let input = dropped(dropped(embedded, "embedding", dropout.embedding), "input", dropout.input)
    let (states, last) = tape.recurrentCell(
      input, from: state, mask: mask("hidden", dropout.hidden, text.batch, hidden), cell,
      wiring: wiring(on: tape), of: parameters)
    let score = tape.scoreWords(
      dropped(states, "output", dropout.output), decoder, targets: text.targets, of: parameters)
    let penalty =
      slowness > 0 ? tape.slowness(states, batch: text.batch, weight: slowness) : 0
    return (score, score.loss + penalty, last)
  }

  private func wiring(on tape: Tape) -> RecurrentWiring {
    guard let alpha else {
      return genotype?.wiring ?? RecurrentWiring(nodes: [], isNormalized: true)
    }
    var mixtures = tape.softmaxRows(alpha, of: alphas)[...]
    return RecurrentWiring(
      nodes: (1...cell.nodes.count).map { node in
        defer { mixtures = mixtures.dropFirst(node) }
        return mixtures.prefix(node).enumerated().map { .init(from: $0, .mixture($1)) }
      }, isNormalized: true)
  }
}
