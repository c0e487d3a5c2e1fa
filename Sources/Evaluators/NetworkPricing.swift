import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import TensorCore

/// What the steps of training a network are charged, learnt from dry tapes.
struct NetworkPricing {
  private let network: any Network
  private let image: (height: Int, width: Int, channels: Int)
  private let device: DeviceProfile
  private let clips: Bool
  private var charges: [Step: Charge] = [:]

  private struct Step: Hashable {
    let examples: Int
    let isTraining: Bool
  }

  init(
    _ network: any Network, image: (height: Int, width: Int, channels: Int),
    device: DeviceProfile, clips: Bool
  ) {
    self.network = network
    self.image = image
    self.device = device
    self.clips = clips
  }

  /// The charge of an optimizer update on a minibatch: forward, loss, backward, update.
  mutating func update(examples: Int) -> Charge {
    charge(Step(examples: examples, isTraining: true))
  }

  /// The charge of evaluating a minibatch.
  mutating func evaluation(examples: Int) -> Charge {
    charge(Step(examples: examples, isTraining: false))
  }

  /// Canonical operations of one example's forward pass.
  var flopsPerExample: Int {
    run(examples: 1, isTraining: false).operations.reduce(0) { $0 + $1.flops }
  }

  /// Most bytes of tensors that an update on a minibatch holds at once.
  func peakBytes(examples: Int) -> Int {
    let tape = run(examples: examples, isTraining: true)
    tape.backward()
    // Weights, gradients and momenta beside the tensors.
    return tape.peakBytes + 12 * network.parameters.count
  }

  private mutating func charge(_ step: Step) -> Charge {
    if let charge = charges[step] { return charge }
    var operations = run(examples: step.examples, isTraining: step.isTraining).operations
    if step.isTraining { operations += SGD.operations(network.parameters, clips: clips) }
    let charge = device.charge(
      for: operations, examples: step.examples,
      trainingExamples: step.isTraining ? step.examples : 0)
    charges[step] = charge
    return charge
  }

  private func run(examples: Int, isTraining: Bool) -> Tape {
    let tape = Tape.dry(isTraining: isTraining)
    let images = tape.empty(
      Shape(examples, image.height, image.width, image.channels), requiresGradient: false)
    // At the end of a training, when all that drops out does.
    let pass = isTraining ? TrainingPass(key: RandomKey(seed: 0), progress: 1) : nil
    _ = network.score(images, labels: [], on: tape, during: pass)
    return tape
  }
}
