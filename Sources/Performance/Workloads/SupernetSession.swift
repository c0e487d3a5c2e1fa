import NeuralNetworks
import OperationCosts
import Randomness
import SearchSpaces
import TensorCore

/// First-order steps of the DARTS search on synthetic images: an α step on a validation batch, then
/// a weight step on a training batch.
///
/// Source: Liu et al., arXiv 1806.09055, Algorithm 1 with ξ = 0, and the released settings.
final class SupernetSession: WorkloadSession {
  private let supernet: DARTSSupernet
  private let weightOptimizer: SGD
  private let alphaOptimizer: Adam
  private let training: Batch
  private let validation: Batch
  private let context: ComputeContext

  private struct Batch {
    let images: Tensor
    let labels: [Int32]

    init(_ size: Int, key: RandomKey, in context: ComputeContext) {
      let shape = Shape(size, 32, 32, 3)
      var generator = key.generator()
      images = Tape(context, isTraining: false).constant(
        (0..<shape.count).map { _ in Float(generator.normal()) }, shape)
      labels = (0..<size).map { _ in Int32(generator.integer(below: 10)) }
    }
  }

  init(_ supernet: DARTSSupernet, batch: Int, in context: ComputeContext) {
    self.supernet = supernet
    self.context = context
    supernet.parameters.allocate(in: context, key: RandomKey(seed: 1))
    supernet.alphas.allocate(in: context, key: RandomKey(seed: 1))
    weightOptimizer = SGD(
      supernet.parameters, momentum: 0.9, isNesterov: false, weightDecay: 3e-4, clipNorm: 5,
      in: context)
    alphaOptimizer = Adam(
      supernet.alphas, decays: (0.5, 0.999), weightDecay: 1e-3, in: context)
    let key = RandomKey(seed: 2)
    training = Batch(batch, key: key.child("training"), in: context)
    validation = Batch(batch, key: key.child("validation"), in: context)
  }

  var parameters: Parameters { supernet.parameters }

  func step() -> Double {
    _ = backward(validation, to: supernet.alphas)
    alphaOptimizer.step(learningRate: 3e-4)
    let loss = backward(training, to: supernet.parameters)
    weightOptimizer.step(learningRate: 0.025)
    return loss
  }

  private func backward(_ batch: Batch, to parameters: Parameters) -> Double {
    parameters.clearGradients()
    let tape = Tape(context, isTraining: true, differentiating: parameters)
    let (score, _) = supernet.score(batch.images, labels: batch.labels, on: tape)
    tape.backward()
    return score.loss
  }

  var operations: [LogicalOperation] {
    let passes = [supernet.alphas, supernet.parameters].flatMap { parameters in
      let tape = Tape.dry(isTraining: true, differentiating: parameters)
      let images = tape.empty(training.images.shape, requiresGradient: false)
      _ = supernet.score(images, labels: [], on: tape)
      return tape.operations
    }
    return passes + Adam.operations(supernet.alphas)
      + SGD.operations(supernet.parameters, clips: true)
  }
}
