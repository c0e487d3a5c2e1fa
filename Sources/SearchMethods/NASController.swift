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
/// by Adam; R is the objective's reward (the validation accuracy) raised to a power, b an
/// exponential moving average of earlier rewards. A failed child has reward 0.
///
/// With several replicas each takes the gradient at the weights that it drew its children from, and
/// it is applied to those of now; the paper's shards of the weights are one here. In a space that
/// has a depth, children grow during the search. The decay of the paper's baseline is not given:
/// 0.95, as NASNet has it.
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
    MethodSetting(
      name: "replicas", defaultValue: 1, range: 1...10_000, isInteger: true,
      source: "asynchronous, simulated; K = 100 in arXiv 1611.01578"),
    MethodSetting(
      name: "initial-layers", defaultValue: 6, range: 0...1000, isInteger: true,
      source: "layers of the first children, arXiv 1611.01578; 0 for the space's full depth"),
    MethodSetting(
      name: "layers-step", defaultValue: 2, range: 0...1000, isInteger: true,
      source: "layers added at a time, arXiv 1611.01578"),
    MethodSetting(
      name: "children-per-depth", defaultValue: 1600, range: 1...1_000_000_000, isInteger: true,
      source: "children before layers are added, arXiv 1611.01578"),
  ]

  private var training: ControllerTraining
  private let rewardPower: Int
  private let curriculum: DepthCurriculum?

  public init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    workers = Int(settings["replicas"])
    rewardPower = Int(settings["reward-power"])
    minimumTrials = 2 * workers * Int(settings["batch-size"])
    curriculum = Self.curriculum(of: space, settings)
    training = ControllerTraining(
      space: space, settings: settings, layers: Int(settings["layers"]), replicas: workers,
      curriculum: curriculum, key: key.child(Self.name))
  }

  private static func curriculum(
    of space: any SearchSpace, _ settings: MethodSettings
  ) -> DepthCurriculum? {
    guard let space = space as? any DepthSearchSpace, settings["initial-layers"] > 0 else {
      return nil
    }
    return DepthCurriculum(
      of: space, initialLayers: Int(settings["initial-layers"]),
      step: Int(settings["layers-step"]), childrenPerDepth: Int(settings["children-per-depth"]))
  }

  /// Two batches of each replica: the second is drawn from a controller that has learned.
  public let minimumTrials: Int

  /// One a replica.
  public let workers: Int

  public func fidelities(ofTrials count: Int) -> [Fidelity] {
    guard let curriculum else { return [.own] }
    return curriculum.stages(ofChildren: count).map { layers, children in
      Fidelity(epochs: nil, layers: layers, share: Double(children) / Double(count))
    }
  }

  /// Updates by other replicas between drawing a batch and its own update, one a batch.
  package var staleness: [Int] { training.staleness }

  public mutating func ask() -> Proposal { training.ask() }

  public mutating func tell(_ observation: Observation) {
    let reward = (0..<rewardPower).reduce(1.0) { power, _ in power * observation.reward }
    guard let batch = training.take(observation, reward: reward) else { return }
    let count = Double(batch.sequences.count)
    training.step(at: batch.weights) { controller in
      // The loss is minus the expected reward.
      controller.score(batch.sequences).differentiate(
        logProbability: batch.advantages.map { -$0 / count },
        entropy: batch.advantages.map { _ in 0 })
    }
  }
}
