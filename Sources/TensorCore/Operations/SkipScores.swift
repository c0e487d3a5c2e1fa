import Checks
import OperationCosts
import Randomness

/// The share of skip connections that a policy is pulled to.
public struct SkipPrior: Hashable, Sendable {
  /// ρ, the wanted probability of a skip connection, above 0 and below 1.
  public var probability: Double
  /// What the tempered score q is multiplied with before its logistic is compared with ρ: 2 for the
  /// probability that skips are drawn with; 1 in the released code of ENAS.
  public var scale: Double

  public init(probability: Double, scale: Double = 2) {
    self.probability = probability
    self.scale = scale
  }
}

/// What a policy says of a layer's skip connections, a yes or a no each, in several sequences.
///
/// A no has the logit -q and a yes q, so that a yes has the probability 1 / (1 + exp(-2 q)).
///
/// Source: Pham et al., arXiv 1802.03268, section 2.3, and `general_controller.py` of the released
/// code.
public final class SkipScores {
  /// Natural logarithm of the probability of each sequence's answers.
  public let logProbabilities: [Double]
  /// Sum of the entropies of each sequence's answers, in nats.
  public let entropies: [Double]
  /// Σ -p log p of the answers given alone.
  public let answerEntropies: [Double]
  /// Sum over the skips of the divergence KL(P(yes) ‖ ρ), in nats.
  public let divergences: [Double]
  private let scores: Tensor
  private let tape: Tape
  // Sequence by sequence, a term a skip connection.
  private let terms: [[SkipTerm]]

  fileprivate init(
    _ scores: Tensor, _ answers: [[Int]], _ temper: ChoiceTemper, _ prior: SkipPrior, on tape: Tape
  ) {
    self.scores = scores
    self.tape = tape
    let (values, count) = (tape.isDry ? [] : scores.values(), scores.shape.channels)
    let terms = answers.enumerated().map { row, answers in
      answers.enumerated().map { column, answer in
        SkipTerm(temper.apply(Double(values[row * count + column])), answer: answer, prior)
      }
    }
    self.terms = terms
    func sums(_ part: (SkipTerm) -> Double) -> [Double] {
      terms.map { row in row.reduce(0) { $0 + part($1) } }
    }
    logProbabilities = sums { $0.logProbability }
    entropies = sums { $0.entropy }
    answerEntropies = sums { -PortableMath.exp($0.logProbability) * $0.logProbability }
    divergences = sums { $0.divergence }
  }

  /// Seeds the gradient of a loss, before the tape is played backwards; once.
  ///
  /// - Parameters:
  ///   - logProbability: The loss's derivative by each sequence's log-probability.
  ///   - entropy: Its derivative by each sequence's entropy.
  ///   - divergence: Its derivative by each sequence's divergence.
  public func seed(logProbability: [Double], entropy: [Double], divergence: [Double]) {
    let (rows, count) = (scores.shape.batch, scores.shape.channels)
    check(
      [logProbability, entropy, divergence].allSatisfy { $0.count == rows },
      "seed: derivatives of \(logProbability.count) sequences; \(rows) expected")
    let (sink, accumulates) = scores.gradientSink(tape)
    for (row, terms) in terms.enumerated() {
      for (column, term) in terms.enumerated() {
        let sum =
          logProbability[row] * term.slopes.logProbability + entropy[row] * term.slopes.entropy
          + divergence[row] * term.slopes.divergence
        let place = row * count + column
        sink.floats[place] = (accumulates ? sink.floats[place] : 0) + Float(sum)
      }
    }
  }
}

/// One skip connection of one sequence, with the derivatives by its score.
private struct SkipTerm {
  let logProbability: Double
  let entropy: Double
  let divergence: Double
  let slopes: (logProbability: Double, entropy: Double, divergence: Double)

  init(_ score: (value: Double, slope: Double), answer: Int, _ prior: SkipPrior) {
    // The log-odds of a yes are z = 2 q; what is compared with the prior is the logistic of y.
    let (z, y) = (2 * score.value, prior.scale * score.value)
    let (yes, compared) = (Logistic(z), Logistic(y))
    logProbability = answer == 1 ? yes.logarithm : yes.logarithmOfRest
    entropy = -(yes.value * yes.logarithm + yes.rest * yes.logarithmOfRest)
    let (wanted, unwanted) = (
      PortableMath.log(prior.probability), PortableMath.log(1 - prior.probability)
    )
    divergence =
      compared.value * (compared.logarithm - wanted)
      + compared.rest * (compared.logarithmOfRest - unwanted)
    // d log P/dz = answer - p;  dH/dz = -z p (1 - p);  dKL/dy = (y - log-odds of ρ) s (1 - s).
    slopes = (
      2 * score.slope * (Double(answer) - yes.value),
      -2 * score.slope * z * yes.value * yes.rest,
      prior.scale * score.slope * (y - (wanted - unwanted)) * compared.value * compared.rest
    )
  }
}

/// p = 1 / (1 + exp(-z)), without cancellation.
private struct Logistic {
  let value: Double
  /// 1 - p.
  let rest: Double
  /// log p and log(1 - p).
  let logarithm: Double
  let logarithmOfRest: Double

  init(_ z: Double) {
    let power = PortableMath.exp(-z.magnitude)
    let (larger, smaller) = (1 / (1 + power), power / (1 + power))
    let logarithm = -PortableMath.log(1 + power)
    (value, rest) = z < 0 ? (smaller, larger) : (larger, smaller)
    self.logarithm = z < 0 ? logarithm + z : logarithm
    logarithmOfRest = z < 0 ? logarithm : logarithm - z
  }
}

extension Tape {
  /// Scores the skip connections of several sequences at one layer of a policy.
  ///
  /// In double precision; charged 20 operations a skip connection.
  ///
  /// - Parameters:
  ///   - scores: q, a matrix `[sequences, skips]`.
  ///   - answers: For each sequence a 1 for yes or a 0 for no a skip; empty on a dry tape.
  public func scoreSkips(
    _ scores: Tensor, answers: [[Int]], temper: ChoiceTemper, prior: SkipPrior
  ) -> SkipScores {
    check(
      isDry
        || answers.count == scores.shape.batch && scores.isPacked
          && answers.allSatisfy { $0.count == scores.shape.channels },
      "scoreSkips: \(answers) of scores \(scores.shape)")
    chargeSkips(scores)
    return SkipScores(scores, answers, temper, prior, on: self)
  }

  /// The probability of a yes for each sequence and skip connection; nothing on a dry tape.
  public func skipProbabilities(_ scores: Tensor, temper: ChoiceTemper) -> [[Double]] {
    chargeSkips(scores)
    guard !isDry else { return [] }
    let (values, count) = (scores.values(), scores.shape.channels)
    return (0..<scores.shape.batch).map { row in
      (0..<count).map { Logistic(2 * temper.apply(Double(values[row * count + $0])).value).value }
    }
  }

  private func chargeSkips(_ scores: Tensor) {
    let cost = LogicalOperation(
      .memoryBound, flops: 20 * scores.shape.count, bytes: 8 * scores.shape.count)
    charge(cost)
    if scores.requiresGradient { chargeBackward(cost) }
  }
}
