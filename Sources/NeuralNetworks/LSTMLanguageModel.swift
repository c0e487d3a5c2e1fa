import TensorCore

/// A language model of long short-term memory layers between an embedding and a decoder.
///
/// Names of parameters are those of a PyTorch module with `embed`, `lstm` and `decoder`; matrices
/// are `[in, out]` here. Initial values are PyTorch's: the embedding normal, the rest uniform in
/// ±1/√hidden.
///
/// Source: Zaremba et al. 2014, arXiv 1409.2329, without dropout.
public final class LSTMLanguageModel {
  public let parameters = Parameters()
  private let hidden: Int
  private let embedding: Parameter
  private let layers: [LSTMWeights]
  private let decoder: WordDecoder

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - words: Size of the vocabulary.
  ///   - hidden: Units of each layer, and width of the embedding.
  public init(words: Int, hidden: Int, layers: Int) {
    let parameters = parameters
    self.hidden = hidden
    embedding = parameters.declare(
      "embed.weight", [words, hidden], .normal(deviation: 1), isSparse: true)
    self.layers = (0..<layers).map { layer in
      LSTMWeights(
        input: parameters.declare(
          "lstm.weight_ih_l\(layer)", [hidden, 4 * hidden], .uniformFanIn(hidden)),
        hidden: parameters.declare(
          "lstm.weight_hh_l\(layer)", [hidden, 4 * hidden], .uniformFanIn(hidden)),
        inputBias: parameters.declare(
          "lstm.bias_ih_l\(layer)", [4 * hidden], .uniformFanIn(hidden)),
        hiddenBias: parameters.declare(
          "lstm.bias_hh_l\(layer)", [4 * hidden], .uniformFanIn(hidden)))
    }
    decoder = WordDecoder(
      weights: parameters.declare("decoder.weight", [hidden, words], .uniformFanIn(hidden)),
      isTied: false, bias: parameters.declare("decoder.bias", [words], .uniformFanIn(hidden)))
  }

  /// The state before a text: zeros, one a layer.
  public func initialState(batch: Int, on tape: Tape) -> [LSTMState] {
    layers.map { _ in tape.zeroLSTMState(batch: batch, hidden: hidden) }
  }

  /// Predicts each word of a text from those before it.
  ///
  /// - Parameter state: State after the text before this one; no gradient flows into it.
  /// - Returns: The mean cross-entropy, and the state after this text.
  public func score(
    _ text: TextBatch, from state: [LSTMState], on tape: Tape
  ) -> (score: BatchScore, state: [LSTMState]) {
    var features = tape.embedding(
      text.tokens, count: text.steps * text.batch, table: embedding, of: parameters)
    var last: [LSTMState] = []
    for (weights, before) in zip(layers, state) {
      let (output, after) = tape.lstm(features, from: before, weights, of: parameters)
      features = output
      last.append(after)
    }
    return (tape.scoreWords(features, decoder, targets: text.targets, of: parameters), last)
  }
}
