import Randomness
import TensorCore

/// What the scores of a kind of network add up to.
package enum ScoreMeasure: String, Codable, Sendable {
  /// The share of examples that are classified wrongly.
  case error
  /// e to the mean loss in nats.
  case perplexity
}

/// Scores of minibatches, added up; part of a checkpoint.
package struct ScoreSum: Codable, Hashable {
  /// Images, or words.
  package private(set) var count = 0
  package private(set) var wrong = 0
  /// In nats, of all examples together.
  private(set) var loss = 0.0

  /// Whether a checkpoint's sums can be those of scores.
  var isSound: Bool { (0...max(0, count)).contains(wrong) && count >= 0 && loss >= 0 }

  package init() {}

  init(_ score: BatchScore) { add(score) }

  /// Adds a score; an exploded loss counts as the least that is one.
  mutating func add(_ score: BatchScore) {
    count += score.count
    wrong += score.wrong
    loss += (score.isSane ? score.loss : BatchScore.explodedLoss) * Double(score.count)
  }

  /// Mean loss of an example, in nats.
  var meanLoss: Double { loss / Double(max(1, count)) }

  /// The score of all examples together.
  package func value(_ measure: ScoreMeasure) -> Double {
    switch measure {
    case .error: Double(wrong) / Double(max(1, count))
    // A number for any loss.
    case .perplexity: PortableMath.exp(min(meanLoss, 700))
    }
  }
}
