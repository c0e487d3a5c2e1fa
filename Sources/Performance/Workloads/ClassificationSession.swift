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
    guard let optimizer else { return loss(of: images, labels, on: tape) }
    parameters.clearGradients()
    let loss = loss(of: images, labels, on: tape)
    tape.backward()
    optimizer.sgd.step(learningRate: optimizer.learningRate)
    return loss
  }

  private func loss(of images: Tensor, _ labels: [Int32], on tape: Tape) -> Double {
    tape.softmaxCrossEntropy(network.logits(of: images, on: tape), labels: labels).loss
  }

  var operations: [LogicalOperation] {
    let tape = Tape.dry(isTraining: optimizer != nil)
    let images = tape.empty(images.shape, requiresGradient: false)
    _ = loss(of: images, [], on: tape)
    guard let optimizer else { return tape.operations }
    return tape.operations + SGD.operations(parameters, clips: optimizer.sgd.clipNorm != nil)
  }
}
