import Checks
import Randomness
import SearchCore
import TensorCore

/// A recurrent layer of a language model.
public protocol RecurrentLayer {
  /// Width of its output and of what it carries.
  var units: Int { get }
  /// How many matrices `[batch, units]` it carries from step to step.
  var stateCount: Int { get }

  /// Runs over all time steps.
  ///
  /// - Parameters:
  ///   - input: Rows by time, then by sequence.
  ///   - state: What the stretch before this one left, `stateCount` matrices.
  ///   - pass: What drops out in training; `nil` where nothing does.
  func run(
    _ input: Tensor, from state: [Tensor], on tape: Tape, during pass: TrainingPass?
  ) -> (output: Tensor, state: [Tensor])
}

/// Recurrent layers between an embedding and a decoder: what all language models here are.
///
/// In training, words, embedded words, inputs and outputs drop out and activations are penalised
/// as the recipe says. Released code of AWD-LSTM and DARTS: the squares of the dropped-out output,
/// the moves of the output before its dropout (Merity et al. 2018, arXiv 1708.02182, section 4).
public final class RecurrentLanguageModel: LanguageModel {
  public let parameters: Parameters
  private let training: TextTraining
  private let embedding: Parameter
  private let decoder: WordDecoder
  private let layers: [any RecurrentLayer]

  /// The place of a layer: what it reads and how wide it is.
  public struct Place {
    public let index: Int
    public let inputs: Int
    public let units: Int
  }

  /// First values of the words' layers where the recipe has no bound for all.
  public struct WordInitializers: Sendable {
    public let embedding: Initializer
    public let decoder: Initializer
    public let bias: Initializer

    public init(embedding: Initializer, decoder: Initializer, bias: Initializer) {
      (self.embedding, self.decoder, self.bias) = (embedding, decoder, bias)
    }

    /// Uniform in ±0.04 and a bias of zeros: the released code of DARTS and ENAS.
    public static let darts = WordInitializers(
      embedding: .uniform(bound: 0.04), decoder: .uniform(bound: 0.04), bias: .constant(0))
  }

  /// Declares a model.
  ///
  /// The last layer of a model with tied embeddings is as wide as they are.
  ///
  /// - Parameters:
  ///   - words: Size of the vocabulary.
  ///   - initializers: Of embedding and decoder, where `training` has no bound for all.
  ///   - layer: Declares a layer's weights; called for each, lowest first.
  public init(
    words: Int, training: TextTraining, initializers: WordInitializers,
    layer: (Place, Parameters) -> any RecurrentLayer
  ) {
    let parameters = Parameters()
    let isTied = training.tiedEmbeddings
    embedding = parameters.declare(
      "embed.weight", [words, training.embedding],
      training.initializer(or: initializers.embedding), isSparse: !isTied)
    layers = (0..<training.layers).map { index in
      let isLast = index + 1 == training.layers
      return layer(
        Place(
          index: index, inputs: index == 0 ? training.embedding : training.hidden,
          units: isLast && isTied ? training.embedding : training.hidden), parameters)
    }
    let weights =
      isTied
      ? embedding
      : parameters.declare(
        "decoder.weight", [training.hidden, words], training.initializer(or: initializers.decoder))
    let bias = parameters.declare(
      "decoder.bias", [words], training.initializer(or: initializers.bias))
    decoder = WordDecoder(weights: weights, isTied: isTied, bias: bias)
    (self.parameters, self.training) = (parameters, training)
  }

  /// A model of other layers over the parameters of one: a path through shared weights.
  public init(sharing model: RecurrentLanguageModel, layers: [any RecurrentLayer]) {
    (parameters, training) = (model.parameters, model.training)
    (embedding, decoder) = (model.embedding, model.decoder)
    self.layers = layers
  }

  public func initialState(batch: Int, on tape: Tape) -> [Tensor] {
    layers.flatMap { layer in
      (0..<layer.stateCount).map { _ in tape.zeros(Shape(rows: batch, columns: layer.units)) }
    }
  }

  public func score(
    _ text: TextBatch, from state: [Tensor], on tape: Tape, during pass: TrainingPass?
  ) -> LanguageScore {
    check(
      state.count == layers.reduce(0) { $0 + $1.stateCount },
      "score: \(state.count) matrices carried, another model's")
    let dropout = SequenceDropout(
      pass: pass, isVariational: training.variationalDropout, batch: text.batch, tape: tape)
    var features = tape.embedding(
      text.tokens, count: text.steps * text.batch, table: embedding,
      factors: dropout.words(embedding.sizes[0], training.wordDropout), of: parameters)
    features = dropout(features, "embedding", training.embeddingDropout)
    features = dropout(features, "input", training.inputDropout)
    var rest = state[...]
    var carried: [Tensor] = []
    for (index, layer) in layers.enumerated() {
      if index > 0 { features = dropout(features, "hidden \(index)", training.hiddenDropout) }
      let (output, after) = layer.run(
        features, from: Array(rest.prefix(layer.stateCount)), on: tape,
        during: pass?.layer(index))
      rest = rest.dropFirst(layer.stateCount)
      features = output
      carried += after
    }
    let output = dropout(features, "output", training.outputDropout)
    let weight = training.sumsOverSteps ? Float(text.steps) : 1
    let score = tape.scoreWords(
      output, decoder, targets: text.targets, weight: weight, of: parameters)
    let penalty =
      pass?.penalizes ?? false ? penalty(raw: features, dropped: output, text.batch, on: tape) : 0
    return LanguageScore(
      score: score, totalLoss: Double(weight) * score.loss + penalty, state: carried)
  }

  private func penalty(raw: Tensor, dropped: Tensor, _ batch: Int, on tape: Tape) -> Double {
    let (alpha, beta) = (training.activationRegularization, training.temporalRegularization)
    var penalty = 0.0
    if alpha > 0 { penalty += tape.activationPenalty(dropped, weight: Float(alpha)) }
    if beta > 0 { penalty += tape.slowness(raw, batch: batch, weight: Float(beta)) }
    return penalty
  }
}

extension TextTraining {
  /// The recipe's bound for all first weights, or else the layer's own.
  public func initializer(or own: Initializer) -> Initializer {
    initialBound.map { .uniform(bound: Float($0)) } ?? own
  }
}

extension TrainingPass {
  /// The pass through one of several layers: other masks.
  fileprivate func layer(_ index: Int) -> TrainingPass {
    TrainingPass(key: key.child("layer", index), progress: progress, penalizes: penalizes)
  }
}

/// What drops out of sequences during a pass.
private struct SequenceDropout {
  let pass: TrainingPass?
  let isVariational: Bool
  let batch: Int
  let tape: Tape

  /// Factors of whole words; `nil` for none.
  func words(_ count: Int, _ share: Double) -> Tensor? {
    guard let pass, share > 0 else { return nil }
    return tape.dropoutMask(
      Shape(rows: count, columns: 1), keep: Float(1 - share), key: pass.key.child("word"))
  }

  /// Drops units, by one mask for all steps or by one a step.
  func callAsFunction(_ input: Tensor, _ name: String, _ share: Double) -> Tensor {
    guard let pass, share > 0 else { return input }
    let (keep, key) = (Float(1 - share), pass.key.child(name))
    guard isVariational else { return tape.dropout(input, keep: keep, key: key) }
    let shape = Shape(rows: batch, columns: input.shape.channels)
    return tape.masked(input, by: tape.dropoutMask(shape, keep: keep, key: key))
  }
}
