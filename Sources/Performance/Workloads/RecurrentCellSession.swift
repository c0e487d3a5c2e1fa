import NeuralNetworks
import OperationCosts
import Randomness
import SearchSpaces
import TensorCore

/// Steps of the DARTS language model on synthetic text: of training, or for the supernet an α step
/// on a validation text and then a weight step.
///
/// Source: Liu et al., arXiv 1806.09055, Algorithm 1 with ξ = 0, and the released settings.
final class RecurrentCellSession: WorkloadSession {
  private let model: DARTSRecurrentModel
  private let weightOptimizer: SGD
  private let alphaOptimizer: Adam?
  private let text: TextBatch
  private let validationText: TextBatch
  private var state: [Tensor]
  private var validationState: [Tensor]
  private var key = RandomKey(seed: 3)
  private var steps = 0
  private let context: ComputeContext

  /// - Parameter isSearch: Whether the model is the supernet.
  init(_ model: DARTSRecurrentModel, isSearch: Bool, batch: Int, in context: ComputeContext) {
    self.model = model
    self.context = context
    model.parameters.allocate(in: context, key: RandomKey(seed: 1))
    model.alphas.allocate(in: context, key: RandomKey(seed: 1))
    weightOptimizer = SGD(
      model.parameters, momentum: 0, isNesterov: false, weightDecay: 5e-7, clipNorm: 0.25,
      in: context)
    alphaOptimizer = isSearch ? Adam(model.alphas, weightDecay: 1e-3, in: context) : nil
    text = LSTMSession.text(batch: batch, "text")
    validationText = LSTMSession.text(batch: batch, "validation")
    let tape = Tape(context, isTraining: false)
    state = model.initialState(batch: batch, on: tape)
    validationState = model.initialState(batch: batch, on: tape)
  }

  var parameters: Parameters { model.parameters }

  func step() -> Double {
    steps += 1
    if let alphaOptimizer {
      model.alphas.clearGradients()
      let tape = Tape(context, isTraining: true, differentiating: model.alphas)
      validationState =
        model.score(
          validationText, from: validationState, on: tape,
          during: pass("validation", penalizes: false)
        ).state
      tape.backward()
      alphaOptimizer.step(learningRate: 3e-3)
    }
    model.parameters.clearGradients()
    let tape = Tape(context, isTraining: true, differentiating: model.parameters)
    let scored = model.score(text, from: state, on: tape, during: pass("training", penalizes: true))
    state = scored.state
    tape.backward()
    weightOptimizer.step(learningRate: 20)
    return scored.totalLoss
  }

  private func pass(_ purpose: String, penalizes: Bool) -> TrainingPass {
    TrainingPass(key: key.child(purpose, steps), progress: 0, penalizes: penalizes)
  }

  var operations: [LogicalOperation] {
    func operations(of parameters: Parameters, penalizes: Bool) -> [LogicalOperation] {
      let tape = Tape.dry(isTraining: true, differentiating: parameters)
      _ = model.score(
        .unwritten(batch: text.batch, steps: text.steps),
        from: model.initialState(batch: text.batch, on: tape), on: tape,
        during: pass("price", penalizes: penalizes))
      return tape.operations
    }
    let training =
      operations(of: model.parameters, penalizes: true)
      + SGD.operations(model.parameters, clips: true)
    guard alphaOptimizer != nil else { return training }
    return operations(of: model.alphas, penalizes: false) + Adam.operations(model.alphas) + training
  }
}
