import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import TensorCore

/// Shared weights with the examples that they are trained on: what a search along sampled paths
/// steps, scores and prices, be it on images or on texts.
protocol PathWeights: AnyObject {
  /// What scores add up to.
  var measure: ScoreMeasure { get }
  /// Weights, momenta and whatever else a checkpoint keeps.
  var arrays: ParameterArrays { get }

  /// Makes the buffers and draws the first weights; the rest of a search needs it, prices do not.
  func allocate()

  /// Where a minibatch of the training stream stands.
  func place(_ index: Int) -> StreamPlace

  /// Minibatches of a usual epoch.
  var usualBatches: Int { get }

  /// Trains a path on a minibatch of the training stream.
  ///
  /// - Parameter progress: The part of the training that is done, from 0 to 1.
  func step(
    _ architecture: Architecture, minibatch index: Int, learningRate: Double, progress: Double
  ) -> BatchScore

  /// What that is charged.
  func chargeOfStep(_ architecture: Architecture, minibatch index: Int) -> Charge

  /// Minibatches of the validation split.
  ///
  /// - Parameter size: Images of one, or sequences side by side.
  func validationBatches(size: Int) -> Int

  /// Scores a path on a minibatch of the validation split.
  ///
  /// - Parameter key: Of a stream of minibatches, each for itself; `nil` for the split in its own
  ///   order, in which a text's hidden state is carried on.
  func score(
    _ architecture: Architecture, minibatch index: Int, size: Int, key: RandomKey?
  ) -> BatchScore

  /// What that is charged.
  func chargeOfScore(_ architecture: Architecture, minibatch index: Int, size: Int) -> Charge

  /// What ENAS' controller is rewarded with for a score.
  func reward(of value: Double) -> Double

  /// Most bytes in use in a step of a path on the stream's usual minibatch, with weights, gradients
  /// and momenta of all paths.
  func peakBytes(_ architecture: Architecture) -> Int
}
