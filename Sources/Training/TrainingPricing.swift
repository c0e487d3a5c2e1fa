import OperationCosts
import Randomness
import SearchCore
import TensorCore

/// What the steps of a training are charged, learnt from dry tapes.
public struct TrainingPricing {
  private let trainee: any Trainee
  private let device: DeviceProfile
  private let rule: UpdateRule
  private var charges: [Step: Charge] = [:]

  private struct Step: Hashable {
    let rows: Int
    let steps: Int
    let isTraining: Bool
  }

  /// Prices a trainee for a device.
  public init(_ trainee: any Trainee, rule: UpdateRule, device: DeviceProfile) {
    self.trainee = trainee
    self.rule = rule
    self.device = device
  }

  /// The charge of an optimizer update on a minibatch: forward, loss, backward, update.
  public mutating func update(_ size: MinibatchSize) -> Charge {
    charge(size, isTraining: true)
  }

  /// The charge of evaluating a minibatch.
  public mutating func evaluation(_ size: MinibatchSize) -> Charge {
    charge(size, isTraining: false)
  }

  /// The charge of the updates of an epoch.
  public mutating func epoch(_ number: Int, key: RandomKey) throws -> Charge {
    try trainee.minibatches(of: .training(epoch: number), key: key)
      .reduce(.zero) { $0 + update($1) }
  }

  /// About what the updates of the first epochs are charged: exactly so where all epochs are alike,
  /// and where their stretches of text vary in length, as the first 16 are on average.
  public mutating func epochs(_ count: Int, key: RandomKey) throws -> Charge {
    let priced = min(count, Self.epochsPriced)
    var charge = Charge.zero
    for number in 0..<priced { charge += try epoch(number, key: key) }
    return count > priced ? charge * count / priced : charge
  }

  /// Recurrent networks are trained for thousands of epochs, which a plan prices for many of them.
  private static let epochsPriced = 16

  /// The charge of one evaluation on the validation split.
  public mutating func validation() throws -> Charge {
    try trainee.minibatches(of: .validation, key: RandomKey(seed: 0))
      .reduce(.zero) { $0 + evaluation($1) }
  }

  /// Canonical operations of one example's forward pass.
  public var flopsPerExample: Int {
    run(MinibatchSize(rows: 1), isTraining: false).operations.reduce(0) { $0 + $1.flops }
  }

  /// Most bytes of tensors that an update on a minibatch holds at once.
  public func peakBytes(_ size: MinibatchSize) -> Int {
    let tape = run(size, isTraining: true)
    tape.backward()
    // Weights, gradients and the optimizer's state beside the tensors.
    return tape.peakBytes + 4 * (2 + rule.statesPerParameter) * trainee.parameters.count
  }

  private mutating func charge(_ size: MinibatchSize, isTraining: Bool) -> Charge {
    let step = Step(rows: size.rows, steps: size.steps, isTraining: isTraining)
    if let charge = charges[step] { return charge }
    var operations = run(size, isTraining: isTraining).operations
    if isTraining { operations += rule.operations(trainee.parameters) }
    let charge = device.charge(
      for: operations, examples: size.examples,
      trainingExamples: isTraining ? size.examples : 0)
    charges[step] = charge
    return charge
  }

  private func run(_ size: MinibatchSize, isTraining: Bool) -> Tape {
    let tape = Tape.dry(isTraining: isTraining)
    trainee.rehearse(size, on: tape)
    return tape
  }
}
