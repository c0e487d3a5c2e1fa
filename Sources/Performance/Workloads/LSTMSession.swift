import NeuralNetworks
import OperationCosts
import Randomness
import TensorCore

/// Steps of an LSTM language model on synthetic text of Penn Treebank's vocabulary.
final class LSTMSession: WorkloadSession {
  static let words = 10_000
  static let steps = 35

  private let network: any LanguageModel
  private let optimizer: SGD
  private let text: TextBatch
  private var state: [Tensor]
  private let context: ComputeContext

  init(_ network: any LanguageModel, text: TextBatch, in context: ComputeContext) {
    self.network = network
    self.context = context
    self.text = text
    network.parameters.allocate(in: context, key: RandomKey(seed: 1))
    optimizer = SGD(
      network.parameters, momentum: 0, isNesterov: false, weightDecay: 0, clipNorm: 5, in: context)
    state = network.initialState(batch: text.batch, on: Tape(context, isTraining: false))
  }

  /// `steps + 1` words of each sequence, all equally likely.
  static func text(batch: Int, _ purpose: String) -> TextBatch {
    var generator = RandomKey(seed: 2).child(purpose).generator()
    let text = (0..<(steps + 1) * batch).map { _ in Int32(generator.integer(below: words)) }
    return TextBatch(text: text, batch: batch)
  }

  var parameters: Parameters { network.parameters }

  func step() -> Double {
    let tape = Tape(context, isTraining: true)
    parameters.clearGradients()
    let scored = network.score(text, from: state, on: tape, during: nil)
    state = scored.state
    tape.backward()
    optimizer.step(learningRate: 1)
    return scored.score.loss
  }

  var operations: [LogicalOperation] {
    let tape = Tape.dry(isTraining: true)
    let state = network.initialState(batch: text.batch, on: tape)
    _ = network.score(
      .unwritten(batch: text.batch, steps: text.steps), from: state, on: tape, during: nil)
    return tape.operations + SGD.operations(parameters, clips: true)
  }
}
