import TensorCore

/// The probability of sequences under a policy, ready to be differentiated.
public final class PolicyScores {
  /// Natural logarithm of each sequence's probability.
  public let logProbabilities: [Double]
  /// Sum of the entropies of each sequence's decisions, in nats.
  public let entropies: [Double]
  /// Σ -p log p over each sequence's choices alone: an estimate of less than its entropy.
  public let choiceEntropies: [Double]
  /// For each sequence the divergence of its skip connections from their prior, summed over a
  /// layer's and averaged over the layers that have any; 0 where nothing is skipped.
  public let skipPenalties: [Double]
  private let choices: [ChoiceScores]
  private let skips: [SkipScores]
  private let tape: Tape

  init(
    _ choices: [ChoiceScores], skips: [SkipScores] = [], sequences: Int, on tape: Tape
  ) {
    self.choices = choices
    self.skips = skips
    self.tape = tape
    func sums(
      _ choice: (ChoiceScores) -> [Double], _ skip: (SkipScores) -> [Double]
    ) -> [Double] {
      let parts = choices.map(choice) + skips.map(skip)
      return (0..<sequences).map { index in parts.reduce(0) { $0 + $1[index] } }
    }
    logProbabilities = sums({ $0.logProbabilities }, { $0.logProbabilities })
    entropies = sums({ $0.entropies }, { $0.entropies })
    choiceEntropies = sums({ $0.choiceEntropies }, { $0.answerEntropies })
    skipPenalties = (0..<sequences).map { index in
      skips.reduce(0) { $0 + $1.divergences[index] } / Double(max(1, skips.count))
    }
  }

  /// Adds a loss's gradient to that of the parameters; once.
  ///
  /// - Parameters:
  ///   - logProbability: The loss's derivative by each sequence's log-probability.
  ///   - entropy: Its derivative by each sequence's entropy.
  ///   - skipPenalty: Its derivative by each sequence's skip penalty; 0 by default.
  public func differentiate(
    logProbability: [Double], entropy: [Double], skipPenalty: [Double]? = nil
  ) {
    for choice in choices { choice.seed(logProbability: logProbability, entropy: entropy) }
    let divergence = (skipPenalty ?? logProbability.map { _ in 0 }).map { $0 / Double(skips.count) }
    for skip in skips {
      skip.seed(logProbability: logProbability, entropy: entropy, divergence: divergence)
    }
    tape.backward()
  }
}
