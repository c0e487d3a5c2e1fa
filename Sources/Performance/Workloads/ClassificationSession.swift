import NeuralNetworks
import OperationCosts
import Randomness
import TensorCore

/// Steps of a network that classifies synthetic images of CIFAR-10's size.
final class ClassificationSession: WorkloadSession {
  /// SGD with momentum 0.9, as all peers here use it.
  struct Optimizer {
    var learningRate: Float
    var isNesterov: Bool
    var weightDecay: Float
    var clipNorm: Float?
  }

  private let network: any Network
  private let optimizer: (sgd: SGD, learningRate: Float)?
  private let images: Tensor
  private let labels: [Int32]
  private let context: ComputeContext
  private var steps = 0

  /// - Parameter optimizer: `nil` for inference.
  init(_ network: any Network, batch: Int, optimizer: Optimizer?, in context: ComputeContext) {
    self.network = network
    self.context = context
    network.parameters.allocate(in: context, key: RandomKey(seed: 1))
    self.optimizer = optimizer.map {
      let sgd = SGD(
        network.parameters, momentum: 0.9, isNesterov: $0.isNesterov, weightDecay: $0.weightDecay,
        clipNorm: $0.clipNorm, in: context)
      return (sgd, $0.learningRate)
    }
    let shape = Shape(batch, 32, 32, 3)
    var generator = RandomKey(seed: 2).generator()
    let pixels = (0..<shape.count).map { _ in Float(generator.normal()) }
    images = Tape(context, isTraining: false).constant(pixels, shape)
    labels = (0..<batch).map { _ in Int32(generator.integer(below: 10)) }
  }

  var parameters: Parameters { network.parameters }

  func step() -> Double {
    let tape = Tape(context, isTraining: optimizer != nil)
    guard let optimizer else {
      return network.score(images, labels: labels, on: tape).totalLoss
    }
    parameters.clearGradients()
    let loss = network.score(images, labels: labels, on: tape, during: pass()).totalLoss
    tape.backward()
    optimizer.sgd.step(learningRate: optimizer.learningRate)
    return loss
  }

  /// Other masks in every step, at the end of the training, where most drops out.
  private func pass() -> TrainingPass {
    steps += 1
    return TrainingPass(key: RandomKey(seed: 3).child("step", steps), progress: 1)
  }

  var operations: [LogicalOperation] {
    let tape = Tape.dry(isTraining: optimizer != nil)
    let images = tape.empty(images.shape, requiresGradient: false)
    guard let optimizer else {
      _ = network.score(images, labels: [], on: tape)
      return tape.operations
    }
    let pass = TrainingPass(key: RandomKey(seed: 3), progress: 1)
    _ = network.score(images, labels: [], on: tape, during: pass)
    return tape.operations + SGD.operations(parameters, clips: optimizer.sgd.clipNorm != nil)
  }
}
