import Controllers
import OperationCosts
import Randomness
import SearchCore
import TensorCore

/// ENAS' controller in training: draws architectures, and learns from their rewards by REINFORCE.
///
/// The reward of a sample is its accuracy and a weight times its entropy. A moving average of the
/// rewards is moved first and then subtracted, one sample after another; an update averages the
/// loss over its samples:
///
///     -log P · (R - b) + skip weight · divergence of the skips from their prior
///
/// Source: Pham et al., arXiv 1802.03268, section 2.2, and the released code, whose Adam has β₁ = 0
/// and ε = 10⁻³ in TensorFlow's convention by default; that of NAS-Bench-201 (D-X-Y/AutoDL-Projects)
/// has them in PyTorch's, clips the gradient, and moves the average once an epoch.
package final class ENASController {
  /// What an update has learnt from.
  package struct Lesson {
    /// Rewards of the samples.
    package let rewards: [Double]
    /// How much better they are than what they are compared with.
    package let advantages: [Double]
    /// In nats.
    package let entropies: [Double]
  }

  package let policy: any SequencePolicy
  let optimizer: Adam
  private let plan: ENAS.ControllerPlan
  private let task: OneShotTask
  private let space: String
  private var prices: [Price: Charge] = [:]

  /// What is charged.
  private enum Price: Hashable {
    case draw
    case update(samples: Int)
  }

  /// Makes a controller that has learnt nothing.
  package init(_ plan: ENAS.ControllerPlan, for task: OneShotTask) {
    self.plan = plan
    self.task = task
    space = type(of: task.space).name
    policy = plan.shape.policy(for: task.space, key: task.key.child("controller"))
    optimizer = Adam(
      policy.parameters, decays: (plan.decay, 0.999), epsilon: plan.epsilon,
      convention: plan.epsilonConvention, in: policy.context)
  }

  /// What the first rewards are compared with.
  package var freshBaseline: RewardBaseline { plan.baseline }

  /// Draws architectures; each depends on its own key alone.
  package func draw(_ keys: [RandomKey]) -> [Architecture] {
    var generators = keys.map { $0.generator() }
    return policy.sample(using: &generators).map { Architecture(space: space, choices: $0) }
  }

  /// Learns from some samples, drawn from the controller as it is.
  ///
  /// - Parameters:
  ///   - accuracies: Of each sample, the share of a validation minibatch that it got right.
  ///   - baseline: b, moved on.
  package func update(
    _ samples: [Architecture], accuracies: [Double], baseline: inout RewardBaseline
  ) -> Lesson {
    let scores = policy.score(samples.map(\.choices))
    let bonuses = plan.countsChosenEntropy ? scores.choiceEntropies : scores.entropies
    let rewards = zip(accuracies, bonuses).map { $0 + plan.entropyWeight * $1 }
    // NAS-Bench-201's first epoch compares with the accuracies.
    let advantages = baseline.advantages(of: rewards, first: accuracies)
    let count = Double(samples.count)
    policy.parameters.clearGradients()
    scores.differentiate(
      logProbability: advantages.map { -$0 / count }, entropy: advantages.map { _ in 0 },
      skipPenalty: advantages.map { _ in plan.skipWeight / count })
    if let norm = plan.clipNorm { policy.parameters.clipGradients(norm: norm) }
    optimizer.step(learningRate: plan.learningRate)
    return Lesson(rewards: rewards, advantages: advantages, entropies: scores.entropies)
  }

  // MARK: Charges

  /// What drawing one architecture is charged.
  package var chargeOfDraw: Charge {
    price(.draw) { policy.operations(sequences: 1, isTraining: false) }
  }

  /// What an update is charged: its samples forwards and backwards in one batch, and Adam.
  package func chargeOfUpdate(samples: Int) -> Charge {
    price(.update(samples: samples)) {
      policy.operations(sequences: samples, isTraining: true)
        + Adam.operations(policy.parameters, clips: plan.clipNorm != nil)
    }
  }

  private func price(_ price: Price, _ operations: () -> [LogicalOperation]) -> Charge {
    if let charge = prices[price] { return charge }
    let charge = task.device.charge(for: operations(), examples: 0, trainingExamples: 0)
    prices[price] = charge
    return charge
  }
}
