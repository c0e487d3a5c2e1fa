import OperationCosts
import Randomness
import TensorCore

/// A probability distribution over sequences of choices, that learns.
public protocol SequencePolicy: AnyObject {
  var parameters: Parameters { get }
  var context: ComputeContext { get }

  /// Draws sequences of choices, one for each generator.
  ///
  /// - Returns: For each sequence one choice a decision of the space.
  func sample(using generators: inout [KeyedGenerator]) -> [[Int]]

  /// Scores given sequences under the policy as it is now.
  func score(_ sequences: [[Int]]) -> PolicyScores

  /// The logical operations of drawing sequences, or of scoring them with the gradient.
  func operations(sequences: Int, isTraining: Bool) -> [LogicalOperation]
}
