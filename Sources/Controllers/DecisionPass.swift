import Randomness
import TensorCore

/// One pass of a controller through its decisions, for several sequences at once: they are drawn on
/// the way, or given beforehand and scored. On a dry tape nothing is decided.
final class DecisionPass {
  /// Number of sequences.
  let count: Int
  let tape: Tape
  /// One choice a decision for each sequence; what is not yet drawn is 0.
  private(set) var sequences: [[Int]]
  private(set) var generators: [KeyedGenerator]
  private let isDrawn: Bool
  private var choices: [ChoiceScores] = []
  private var skips: [SkipScores] = []

  /// Starts a pass that draws, one sequence a generator.
  init(drawing generators: [KeyedGenerator], decisions: Int, on tape: Tape) {
    self.generators = generators
    self.tape = tape
    count = generators.count
    sequences = generators.map { _ in [Int](repeating: 0, count: decisions) }
    isDrawn = true
  }

  /// Starts a pass that scores given sequences.
  init(scoring sequences: [[Int]], on tape: Tape) {
    self.sequences = sequences
    self.tape = tape
    count = sequences.count
    generators = []
    isDrawn = false
  }

  /// Starts a pass on a dry tape, that only learns what it costs.
  init(pricing count: Int, on tape: Tape) {
    self.count = count
    self.tape = tape
    sequences = []
    generators = []
    isDrawn = !tape.isTraining
  }

  /// What was scored.
  var scores: PolicyScores {
    PolicyScores(choices, skips: skips, sequences: sequences.count, on: tape)
  }

  /// Makes a decision by a softmax over its options.
  ///
  /// - Parameter logits: A matrix `[sequences, options]`.
  /// - Returns: The choice of each sequence; none on a dry tape.
  func choose(_ decision: Int, logits: Tensor, temper: ChoiceTemper) -> [Int] {
    if isDrawn {
      let table = tape.choiceProbabilities(logits, temper: temper)
      for (index, weights) in table.enumerated() {
        sequences[index][decision] = generators[index].categorical(weights: weights)
      }
      return sequences.map { $0[decision] }
    }
    let given = sequences.map { $0[decision] }
    choices.append(tape.scoreChoices(logits, choices: given, temper: temper))
    return given
  }

  /// Decides on a layer's skip connections, each by itself.
  ///
  /// - Parameter scores: A matrix `[sequences, decisions]`.
  /// - Returns: For each sequence a 1 for yes or a 0 for no a decision; none on a dry tape.
  func skip(
    _ decisions: Range<Int>, scores: Tensor, temper: ChoiceTemper, prior: SkipPrior
  ) -> [[Int]] {
    if isDrawn {
      let table = tape.skipProbabilities(scores, temper: temper)
      for (index, probabilities) in table.enumerated() {
        for (decision, probability) in zip(decisions, probabilities) {
          sequences[index][decision] = generators[index].bernoulli(probability) ? 1 : 0
        }
      }
      return sequences.map { Array($0[decisions]) }
    }
    let given = sequences.map { Array($0[decisions]) }
    skips.append(tape.scoreSkips(scores, answers: given, temper: temper, prior: prior))
    return given
  }
}
