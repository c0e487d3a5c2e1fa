import Randomness

/// Independent categorical distributions, one a decision, given by their logits.
package struct CategoricalPolicy {
  /// One row a decision, one logit a choice.
  package var logits: [[Double]]

  /// Makes a policy from its logits.
  package init(logits: [[Double]]) { self.logits = logits }

  /// The probabilities of a decision's choices.
  package func probabilities(of decision: Int) -> [Double] {
    let row = logits[decision]
    let largest = row.max() ?? 0
    let weights = row.map { PortableMath.exp($0 - largest) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  /// Draws one choice a decision.
  package func sample(using generator: inout KeyedGenerator) -> [Int] {
    logits.indices.map { generator.categorical(weights: probabilities(of: $0)) }
  }

  /// Natural logarithm of the probability of a sequence of choices.
  package func logProbability(of choices: [Int]) -> Double {
    var total = 0.0
    for (decision, choice) in choices.enumerated() {
      total += PortableMath.log(max(probabilities(of: decision)[choice], 1e-300))
    }
    return total
  }

  /// Derivative of the log-probability by each logit: one at the choice, minus the probabilities.
  package func logProbabilityGradient(of choices: [Int]) -> [[Double]] {
    choices.enumerated().map { decision, choice in
      probabilities(of: decision).enumerated().map { ($0 == choice ? 1 : 0) - $1 }
    }
  }
}

/// Adam on a policy's logits.
///
/// Source: Kingma & Ba, arXiv 1412.6980, with its defaults for both decays and epsilon.
package struct PolicyAdam {
  private let learningRate: Double
  private var first: [[Double]]
  private var second: [[Double]]
  // Powers of the decays, kept as running products: `pow` differs between C libraries.
  private var firstPower = 1.0
  private var secondPower = 1.0

  /// Makes an optimizer.
  ///
  /// - Parameter shape: Number of logits of each decision.
  package init(learningRate: Double, shape: [Int]) {
    self.learningRate = learningRate
    first = shape.map { [Double](repeating: 0, count: $0) }
    second = first
  }

  /// Moves the logits against the gradient of a loss.
  package mutating func step(_ logits: inout [[Double]], gradient: [[Double]]) {
    firstPower *= 0.9
    secondPower *= 0.999
    for decision in gradient.indices {
      for (choice, slope) in gradient[decision].enumerated() {
        let mean = 0.9 * first[decision][choice] + 0.1 * slope
        let square = 0.999 * second[decision][choice] + 0.001 * slope * slope
        first[decision][choice] = mean
        second[decision][choice] = square
        let scale = (square / (1 - secondPower)).squareRoot() + 1e-8
        logits[decision][choice] -= learningRate * (mean / (1 - firstPower)) / scale
      }
    }
  }
}
