import Controllers
import Randomness
import SearchCore
import TensorCore

/// The recurrent controller of the first neural architecture search, trained by REINFORCE.
///
/// Children come in batches of m. After a batch the controller moves along
///
///     1/m Σₖ ∇ log P(sequence k) (Rₖ - b)
///
/// by Adam; R is the validation accuracy raised to a power, b an exponential moving average of
/// earlier rewards. A failed child has reward 0.
///
/// One controller replica; the paper's hundred replicas with their stale weights, and its growing
/// depth, are not simulated. Its decay of the baseline is not given: 0.95, as NASNet has it.
///
/// Source: Zoph & Le, arXiv 1611.01578, sections 3.2 and 4.1.
public struct NASController: SearchMethod {
  public static let name = "nas"

  public static let settings = [
    MethodSetting(
      name: "learning-rate", defaultValue: 0.0006, range: 1e-7...1, source: "arXiv 1611.01578"),
    MethodSetting(
      name: "batch-size", defaultValue: 8, range: 1...1000, isInteger: true,
      source: "m, children of a replica, arXiv 1611.01578"),
    MethodSetting(
      name: "reward-power", defaultValue: 3, range: 1...10, isInteger: true,
      source: "the paper's text cubes the accuracy; the authors' slides square it"),
    MethodSetting(
      name: "baseline-momentum", defaultValue: 0.95, range: 0...0.9999,
      source: "not in the paper; NASNet, arXiv 1707.07012"),
    MethodSetting(
      name: "layers", defaultValue: 2, range: 1...4, isInteger: true, source: "arXiv 1611.01578"),
    MethodSetting(
      name: "hidden-units", defaultValue: 35, range: 1...1000, isInteger: true,
      source: "arXiv 1611.01578"),
    MethodSetting(
      name: "initial-range", defaultValue: 0.08, range: 1e-4...1, source: "arXiv 1611.01578"),
  ]

  private let controller: RecurrentController
  private let optimizer: Adam
  private let learningRate: Float
  private let rewardPower: Int
  private var batch: ControllerBatch
  private var baseline: RewardBaseline

  public init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    let key = key.child(Self.name)
    controller = RecurrentController(
      ControllerLayout(of: space),
      shape: .init(
        layers: Int(settings["layers"]), hidden: Int(settings["hidden-units"]),
        initialRange: Float(settings["initial-range"])), key: key.child("initialization"))
    optimizer = Adam(controller.parameters, in: controller.context)
    learningRate = Float(settings["learning-rate"])
    rewardPower = Int(settings["reward-power"])
    batch = ControllerBatch(
      space: type(of: space).name, size: Int(settings["batch-size"]), key: key.child("actions"))
    baseline = RewardBaseline(momentum: settings["baseline-momentum"])
    minimumTrials = 2 * Int(settings["batch-size"])
  }

  /// Two batches: the second is drawn from a controller that has learned.
  public let minimumTrials: Int

  public mutating func ask() -> Architecture { batch.next(from: controller) }

  public mutating func tell(_ observation: Observation) {
    let accuracy = observation.validationError.map { 1 - $0 } ?? 0
    let reward = (0..<rewardPower).reduce(1.0) { power, _ in power * accuracy }
    guard let children = batch.take(observation.architecture, reward: reward) else { return }
    let advantages = baseline.advantages(of: children.rewards)
    let count = Double(children.sequences.count)
    controller.parameters.clearGradients()
    // The loss is minus the expected reward.
    controller.score(children.sequences).differentiate(
      logProbability: advantages.map { -$0 / count }, entropy: advantages.map { _ in 0 })
    optimizer.step(learningRate: learningRate)
  }
}
