import Controllers
import Randomness
import SearchCore
import TensorCore

/// NASNet's recurrent controller, trained by proximal policy optimization.
///
/// A minibatch of children is updated on several times by Adam, along the gradient of
///
///     mean of min(ρ A, clip(ρ, 1 - ε, 1 + ε) A) + entropy weight · entropy
///
/// where ρ is the probability of a child now, divided by that when it was drawn, and A its
/// validation accuracy less an exponential moving average of earlier ones. A failed child has
/// reward 0. The paper gives neither ε nor the number of epochs.
///
/// Source: Zoph et al., arXiv 1707.07012, appendix A.2 and A.3; Schulman et al., arXiv 1707.06347.
public struct ProximalPolicy: SearchMethod {
  public static let name = "ppo"

  public static let settings = [
    MethodSetting(
      name: "learning-rate", defaultValue: 0.00035, range: 1e-7...1, source: "arXiv 1707.07012"),
    MethodSetting(
      name: "batch-size", defaultValue: 20, range: 1...1000, isInteger: true,
      source: "architectures of a gradient, arXiv 1707.07012"),
    MethodSetting(
      name: "entropy-weight", defaultValue: 1e-5, range: 0...10, source: "arXiv 1707.07012"),
    MethodSetting(
      name: "baseline-momentum", defaultValue: 0.95, range: 0...0.9999,
      source: "arXiv 1707.07012"),
    MethodSetting(
      name: "clip", defaultValue: 0.2, range: 0.001...1,
      source: "not in NASNet's paper; arXiv 1707.06347"),
    MethodSetting(
      name: "epochs", defaultValue: 4, range: 1...100, isInteger: true,
      source: "not in NASNet's paper; of the order of arXiv 1707.06347"),
    MethodSetting(
      name: "hidden-units", defaultValue: 100, range: 1...1000, isInteger: true,
      source: "arXiv 1707.07012"),
    MethodSetting(
      name: "initial-range", defaultValue: 0.1, range: 1e-4...1, source: "arXiv 1707.07012"),
  ]

  private var training: ControllerTraining
  private let clip: Double
  private let epochs: Int
  private let entropyWeight: Double

  public init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    clip = settings["clip"]
    epochs = Int(settings["epochs"])
    entropyWeight = settings["entropy-weight"]
    minimumTrials = 2 * Int(settings["batch-size"])
    training = ControllerTraining(
      space: space, settings: settings, layers: 1, key: key.child(Self.name))
  }

  /// Two minibatches: the second is drawn from a controller that has learned.
  public let minimumTrials: Int

  public mutating func ask() -> Proposal { training.ask() }

  public mutating func tell(_ observation: Observation) {
    guard let batch = training.take(observation, reward: observation.reward) else { return }
    var drawn: [Double] = []
    for epoch in 0..<epochs {
      training.step { controller in
        let scores = controller.score(batch.sequences)
        // The controller has not moved since the children were drawn.
        if epoch == 0 { drawn = scores.logProbabilities }
        let ratios = zip(scores.logProbabilities, drawn).map { PortableMath.exp($0 - $1) }
        let count = Double(ratios.count)
        scores.differentiate(
          logProbability: zip(ratios, batch.advantages).map { ratio, advantage in
            -Self.slope(ratio: ratio, advantage: advantage, clip: clip) / count
          }, entropy: ratios.map { _ in -entropyWeight / count })
      }
    }
  }

  /// Derivative of the clipped objective by the log-probability: ρ A, or 0 where clipping holds.
  package static func slope(ratio: Double, advantage: Double, clip: Double) -> Double {
    let isClipped = advantage > 0 ? ratio > 1 + clip : ratio < 1 - clip
    return isClipped ? 0 : ratio * advantage
  }
}
