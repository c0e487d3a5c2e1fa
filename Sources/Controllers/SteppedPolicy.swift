import OperationCosts
import Randomness
import TensorCore

/// A policy that is one pass through its decisions, each step reading what was decided before.
///
/// The same pass draws, scores and prices, so the three cannot differ.
protocol SteppedPolicy: SequencePolicy {
  /// Number of decisions of a sequence.
  var decisionCount: Int { get }

  /// Runs through all decisions.
  func run(_ pass: DecisionPass)
}

extension SteppedPolicy {
  public func sample(using generators: inout [KeyedGenerator]) -> [[Int]] {
    let tape = Tape(context, isTraining: false)
    let pass = DecisionPass(drawing: generators, decisions: decisionCount, on: tape)
    run(pass)
    generators = pass.generators
    return pass.sequences
  }

  public func score(_ sequences: [[Int]]) -> PolicyScores {
    let pass = DecisionPass(scoring: sequences, on: Tape(context, isTraining: true))
    run(pass)
    return pass.scores
  }

  public func operations(sequences: Int, isTraining: Bool) -> [LogicalOperation] {
    let tape = Tape.dry(isTraining: isTraining)
    run(DecisionPass(pricing: sequences, on: tape))
    return tape.operations
  }
}
