import NeuralNetworks
import Randomness
import TensorCore

/// A network with most kinds of layers, small enough for the generic kernels.
final class SmallNetwork: Network {
  let parameters = Parameters()
  /// Shapes of the features along the way, of the last pass.
  private(set) var shapes: [Shape] = []
  private let stem: Convolution
  private let stemNormalization: BatchNormalization
  private let depthwise: Convolution
  private let pointwise: Convolution
  private let normalization: BatchNormalization
  private let strided: Convolution
  private let classifier: Linear

  static let image = Shape(8, 9, 10, 3)
  static let classes = 5

  init() {
    let parameters = parameters
    stem = Convolution("stem", from: 3, to: 12, window: Window(3), in: parameters)
    stemNormalization = BatchNormalization("bn1", channels: 12, in: parameters)
    depthwise = Convolution(
      "depthwise", from: 12, to: 12, window: Window(5, dilation: 2), groups: 12, in: parameters)
    pointwise = Convolution("pointwise", from: 12, to: 12, window: Window(1), in: parameters)
    normalization = BatchNormalization("bn2", channels: 12, isAffine: false, in: parameters)
    strided = Convolution("strided", from: 36, to: 20, window: Window(3, stride: 2), in: parameters)
    classifier = Linear("linear", from: 20, to: SmallNetwork.classes, in: parameters)
  }

  func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs {
    let first = stemNormalization(stem(images, on: tape), rectified: true, on: tape)
    let second = normalization(
      pointwise(depthwise(tape.relu(first), on: tape), on: tape), on: tape)
    let sum = tape.add(first, second, rectified: true)
    let joined = tape.concatenate([
      sum, tape.maxPool(sum, window: Window(3)), tape.averagePool(first, window: Window(3)),
    ])
    let last = tape.dropout(strided(joined, on: tape), keep: 0.8, key: RandomKey(seed: 5))
    let logits = classifier(tape.globalAveragePool(last), on: tape)
    shapes = [first, second, sum, joined, last, logits].map { $0.shape }
    return NetworkOutputs(logits: logits)
  }
}

/// Steps of training the small network on fixed random images.
final class SmallTraining {
  let context: ComputeContext
  let network = SmallNetwork()
  private let optimizer: SGD
  private var steps = 0

  init(_ context: ComputeContext) {
    self.context = context
    network.parameters.allocate(in: context, key: RandomKey(seed: 1))
    optimizer = SGD(
      network.parameters, momentum: 0.9, isNesterov: true, weightDecay: 5e-4, clipNorm: 5,
      in: context)
  }

  /// Makes one update.
  ///
  /// - Returns: Most bytes in use before and during the step.
  @discardableResult
  func step() -> (before: Int, peak: Int) {
    var generator = RandomKey(seed: 2).child("batch", steps).generator()
    steps += 1
    let tape = Tape(context, isTraining: true)
    let before = tape.peakBytes
    let shape = SmallNetwork.image
    let images = tape.constant(
      (0..<shape.count).map { _ in Float(generator.normal()) }, shape)
    let labels = (0..<shape.batch).map { _ in
      Int32(generator.integer(below: SmallNetwork.classes))
    }
    network.parameters.clearGradients()
    _ = tape.softmaxCrossEntropy(
      network.logits(of: images, on: tape), labels: labels, smoothing: 0.1)
    tape.backward()
    optimizer.step(learningRate: 0.1)
    return (before, tape.peakBytes)
  }

  /// Weights and running statistics after some steps.
  static func state(after steps: Int, in context: ComputeContext) -> [Float] {
    let training = SmallTraining(context)
    for _ in 0..<steps { training.step() }
    let parameters = training.network.parameters
    return [parameters.flatValues, parameters.flatStatistics].flatMap { $0.map { Array($0) } ?? [] }
  }
}
