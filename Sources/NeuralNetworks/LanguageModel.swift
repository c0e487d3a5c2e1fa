import TensorCore

/// A network that predicts each word of a text from those before it.
public protocol LanguageModel: AnyObject {
  var parameters: Parameters { get }

  /// What is carried before a text begins: zeros, matrices `[batch, units]`.
  func initialState(batch: Int, on tape: Tape) -> [Tensor]

  /// Scores a stretch of text; on a training tape, also seeds the gradient of the loss.
  ///
  /// - Parameters:
  ///   - text: Words and the words after them; unwritten on a dry tape.
  ///   - state: What the stretch before this one left; no gradient flows into it.
  ///   - pass: What drops out in training; `nil` where nothing does.
  func score(
    _ text: TextBatch, from state: [Tensor], on tape: Tape, during pass: TrainingPass?
  ) -> LanguageScore
}

/// What a language model says of a stretch of text.
public struct LanguageScore {
  /// Mean cross-entropy of the words, in nats.
  public let score: BatchScore
  /// The loss with the penalties on activations, which its gradient is of.
  public let totalLoss: Double
  /// What is carried to the stretch after this one, in the order of `initialState`.
  public let state: [Tensor]

  public init(score: BatchScore, totalLoss: Double? = nil, state: [Tensor]) {
    self.score = score
    self.totalLoss = totalLoss ?? score.loss
    self.state = state
  }
}
