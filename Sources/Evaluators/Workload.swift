import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// A step of training or inference with fixed synthetic input, to be timed.
///
/// The networks are the ones that the suite trains, and a training step is a whole one: forward,
/// loss, backward and optimizer.
public struct Workload: Sendable {
  /// Stable id: `resnet20`, `resnet20-infer`.
  public let name: String
  /// Images of a step unless another number is asked for.
  public let defaultBatch: Int
  public let isTraining: Bool
  private let makeNetwork: @Sendable () throws -> any Network
  private let learningRate: Float
  private let isNesterov: Bool
  private let weightDecay: Float

  /// All workloads, sorted by name.
  public static let all: [Workload] = [
    Workload(
      name: "nb201", defaultBatch: 256, isTraining: true,
      makeNetwork: {
        let space = NASBench201()
        let cell = try space.parse(
          "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"
        )
        return space.network(of: cell, scale: TrainingProtocol.Scale(), classes: 10)
      }, learningRate: 0.1, isNesterov: true, weightDecay: 5e-4),
    Workload(
      name: "resnet20", defaultBatch: 128, isTraining: true, makeNetwork: { ResNet(depth: 20) },
      learningRate: 0.1, isNesterov: false, weightDecay: 1e-4),
    Workload(
      name: "resnet20-infer", defaultBatch: 250, isTraining: false,
      makeNetwork: { ResNet(depth: 20) }, learningRate: 0, isNesterov: false, weightDecay: 0),
  ]

  /// What timing a workload gave; names as the peer's benchmark prints them.
  public struct Timing: Codable, Sendable {
    /// Milliseconds of each timed step, in order.
    public var stepMilliseconds: [Double]
    /// Trainable parameters.
    public var parameters: Int
    /// Canonical floating-point operations and bytes of a step.
    public var flops: Int
    public var bytes: Int
    /// Floating-point operations that the kernels of a step executed, padding included.
    public var kernelFlops: Int
    /// Bytes held by tensors, free blocks and scratch after the last step.
    public var memoryBytes: Int
  }

  /// Times steps on synthetic images.
  ///
  /// - Parameters:
  ///   - batch: Images of a step, at least 1.
  ///   - warmup: Steps before the timed ones; at least 1, since the first touches fresh memory.
  ///   - clock: Seconds from any origin, read before and after each step.
  public func time(
    in context: ComputeContext, batch: Int, warmup: Int, steps: Int, clock: () -> Double
  ) throws -> Timing {
    let network = try makeNetwork()
    let parameters = network.parameters
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    let optimizer = SGD(
      parameters, momentum: 0.9, isNesterov: isNesterov, weightDecay: weightDecay, clipNorm: nil,
      in: context)
    let shape = Shape(batch, 32, 32, 3)
    var generator = RandomKey(seed: 2).generator()
    let pixels = (0..<shape.count).map { _ in Float(generator.normal()) }
    let labels = (0..<batch).map { _ in Int32(generator.integer(below: 10)) }
    var timing = Timing(
      stepMilliseconds: [], parameters: parameters.count, flops: 0, bytes: 0, kernelFlops: 0,
      memoryBytes: 0)
    for operation in operations(of: network, shape) {
      timing.flops += operation.flops
      timing.bytes += operation.bytes
    }
    let counted = context.counters.flops
    for step in 0..<warmup + steps {
      let images = Tape(context, isTraining: false).constant(pixels, shape)
      let start = clock()
      let tape = Tape(context, isTraining: isTraining)
      if isTraining { parameters.clearGradients() }
      _ = tape.softmaxCrossEntropy(network.logits(of: images, on: tape), labels: labels)
      if isTraining {
        tape.backward()
        optimizer.step(learningRate: learningRate)
      }
      if step >= warmup { timing.stepMilliseconds.append(1000 * (clock() - start)) }
    }
    timing.kernelFlops = (context.counters.flops - counted) / (warmup + steps)
    timing.memoryBytes = context.memoryBytes
    return timing
  }

  private func operations(of network: any Network, _ shape: Shape) -> [LogicalOperation] {
    let tape = Tape.dry(isTraining: isTraining)
    let images = tape.empty(shape, requiresGradient: false)
    _ = tape.softmaxCrossEntropy(network.logits(of: images, on: tape), labels: [])
    return tape.operations
      + (isTraining ? SGD.operations(network.parameters, clips: false) : [])
  }
}
