import Randomness
import SearchCore
import TensorCore

/// What a training trains, with the data that it is trained and scored on.
///
/// A training loop knows no more of its task than this: parameters, passes over the data as rows of
/// minibatches, and what a minibatch scores on a tape. The same calls on a dry tape price it.
public protocol Trainee: AnyObject {
  /// What is trained.
  var parameters: Parameters { get }
  /// How many of the parameters are no part of what is scored: an auxiliary head.
  var auxiliaryParameterCount: Int { get }
  /// What scores mean.
  var objective: Objective { get }
  /// Size of the training split, in examples: images, or words to predict.
  var examplesPerEpoch: Int { get }

  /// Sizes of a pass's minibatches, in order.
  ///
  /// - Parameter key: All that the training draws.
  /// - Throws: One line, if the data cannot be read.
  func minibatches(of pass: DataPass, key: RandomKey) throws -> [MinibatchSize]

  /// Begins a pass: draws its order, and forgets what was carried from minibatch to minibatch.
  func begin(_ pass: DataPass, key: RandomKey) throws

  /// Scores a minibatch of the pass that was begun; on a training tape, also seeds the gradient.
  ///
  /// - Parameters:
  ///   - index: Place in the pass, from 0; minibatches come in order.
  ///   - step: Where in the training this is; `nil` in an evaluation.
  func score(
    _ index: Int, of pass: DataPass, during step: TrainingStep?, on tape: Tape
  ) -> MinibatchScore

  /// Runs a minibatch of a size on a dry tape, as `score` runs one.
  func rehearse(_ size: MinibatchSize, on tape: Tape)

  /// What is carried from minibatch to minibatch, for checkpoints; empty if nothing is.
  var carried: [[Float]] { get set }

  /// The score of a pass, from sums over its minibatches.
  func score(sum: Double, count: Int) -> Double
}

extension Trainee {
  public var auxiliaryParameterCount: Int { 0 }
  public var carried: [[Float]] {
    get { [] }
    set {}
  }
}

/// A pass over a part of the data.
public enum DataPass: Hashable, Sendable {
  /// A pass over the training split, by number from 0.
  case training(epoch: Int)
  case validation
  /// The test split, which a trainee opens with this.
  case test(reason: String)
}

/// The size of a minibatch, which its cost is a function of.
public struct MinibatchSize: Hashable, Sendable {
  /// Images, or sequences side by side; at least 1.
  public var rows: Int
  /// Time steps of each; 1 for images.
  public var steps: Int
  /// Factor of the learning rate: for minibatches that are shorter than most.
  public var rateFactor: Double

  public init(rows: Int, steps: Int = 1, rateFactor: Double = 1) {
    self.rows = rows
    self.steps = steps
    self.rateFactor = rateFactor
  }

  /// Images, or words to predict.
  public var examples: Int { rows * steps }
}

/// Where in a training an update is.
public struct TrainingStep: Sendable {
  /// All that the training draws.
  public let key: RandomKey
  /// Updates before this one.
  public let updates: Int
  /// The part of the training that is done, from 0 to 1.
  public let progress: Double
}

/// What a minibatch scored.
public struct MinibatchScore: Sendable {
  /// Mean loss, in nats.
  public let loss: Double
  /// Sum over the examples of what the objective counts: wrong images, cross-entropies.
  public let sum: Double
  /// Examples.
  public let count: Int

  public init(loss: Double, sum: Double, count: Int) {
    self.loss = loss
    self.sum = sum
    self.count = count
  }
}
