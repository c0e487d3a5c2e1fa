import Controllers
import Randomness
import SearchCore

/// REINFORCE with one independent categorical distribution a decision, and no recurrent controller.
///
/// Each trial is one sample and one update: the reward is the validation accuracy in percent, the
/// baseline a bias-corrected moving average that already contains the current reward. A failed
/// trial has reward 0, so that the policy moves away from it. All arithmetic is portable, so a
/// trajectory has the same bits on every machine.
///
/// Source: Williams 1992, doi:10.1007/BF00992696, as the authors of NAS-Bench-201 (Dong & Yang,
/// arXiv 2001.00326) ran it; their later NATS-Bench uses a learning rate of 0.01, and a comment in
/// the script of NAS-Bench-201 names 0.001. Their program keeps the best of all trials, the one past
/// the budget too, as every method here does but for that one; a line that is commented out there
/// kept what the policy prefers, and which of the two the published row is of is not said.
public struct Reinforce: SearchMethod {
  public static let name = "reinforce"

  public static let settings = [
    MethodSetting(
      name: "learning-rate", defaultValue: 0.5, range: 1e-6...10,
      source: "documented command of NAS-Bench-201's code; NATS-Bench uses 0.01"),
    MethodSetting(
      name: "baseline-momentum", defaultValue: 0.9, range: 0...0.9999,
      source: "NAS-Bench-201's code"),
  ]

  private let space: any SearchSpace
  private var generator: KeyedGenerator
  package private(set) var policy: CategoricalPolicy
  private var baseline: RewardBaseline
  private var optimizer: PolicyAdam

  public init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    let key = key.child(Self.name)
    generator = key.child("actions").generator()
    var initialization = key.child("initialization").generator()
    policy = CategoricalPolicy(
      logits: space.decisions.map { decision in
        decision.options.map { _ in 1e-3 * initialization.normal() }
      })
    baseline = RewardBaseline(momentum: settings["baseline-momentum"], .correctedUpToItself)
    optimizer = PolicyAdam(
      learningRate: settings["learning-rate"], shape: space.decisions.map(\.options.count))
  }

  /// The first update only sets the baseline; the second is the first that learns.
  public var minimumTrials: Int { 2 }

  public mutating func ask() -> Proposal {
    Proposal(
      Architecture(space: type(of: space).name, choices: policy.sample(using: &generator)))
  }

  public mutating func tell(_ observation: Observation) {
    let reward = observation.printedReward
    let advantage = baseline.advantages(of: [reward])[0]
    let gradient = policy.logProbabilityGradient(of: observation.architecture.choices)
    // The loss is minus the advantage times the log-probability.
    optimizer.step(&policy.logits, gradient: gradient.map { $0.map { -advantage * $0 } })
  }
}
