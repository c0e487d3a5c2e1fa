import Randomness
import TensorCore

/// A network: its parameters, and how images become logits.
public protocol Network: AnyObject {
  var parameters: Parameters { get }

  /// How many of the parameters belong to an auxiliary head, which is no part of the classifier.
  var auxiliaryParameterCount: Int { get }

  /// Scores a batch.
  ///
  /// - Parameters:
  ///   - images: Normalised images, shape `[N, H, W, C]`.
  ///   - pass: What drops out in training; `nil` where nothing does.
  func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs
}

extension Network {
  public var auxiliaryParameterCount: Int { 0 }

  /// Scores a batch without dropout or drop-path.
  ///
  /// - Returns: A matrix `[N, classes]`.
  public func logits(of images: Tensor, on tape: Tape) -> Tensor {
    outputs(of: images, on: tape, during: nil).logits
  }

  /// Scores a batch against labels; on a training tape, also seeds the gradient of the loss.
  ///
  /// - Parameters:
  ///   - labels: One class an image; empty on a dry tape.
  ///   - pass: What drops out in training; `nil` where nothing does.
  ///   - smoothing: Share of the target spread evenly over all classes.
  ///   - auxiliaryWeight: Factor of the auxiliary head's loss; 0.4 in Szegedy et al. 2016 (arXiv
  ///     1512.00567), NASNet, ENAS and DARTS.
  /// - Returns: The classifier's score, and the loss with the auxiliary head's part.
  public func score(
    _ images: Tensor, labels: [Int32], on tape: Tape, during pass: TrainingPass? = nil,
    smoothing: Float = 0, auxiliaryWeight: Float = 0.4
  ) -> (score: BatchScore, totalLoss: Double) {
    let outputs = outputs(of: images, on: tape, during: pass)
    let score = tape.softmaxCrossEntropy(outputs.logits, labels: labels, smoothing: smoothing)
    guard let auxiliary = outputs.auxiliaryLogits else { return (score, score.loss) }
    let auxiliaryScore = tape.softmaxCrossEntropy(
      auxiliary, labels: labels, smoothing: smoothing, weight: auxiliaryWeight)
    return (score, score.loss + Double(auxiliaryWeight) * auxiliaryScore.loss)
  }
}

/// What a network says of a batch.
public struct NetworkOutputs {
  /// A matrix `[N, classes]`.
  public let logits: Tensor
  /// The auxiliary head's matrix `[N, classes]`; `nil` without one and in inference.
  public let auxiliaryLogits: Tensor?

  public init(logits: Tensor, auxiliaryLogits: Tensor? = nil) {
    self.logits = logits
    self.auxiliaryLogits = auxiliaryLogits
  }
}

/// Where in the training a pass is, and the key of what it drops.
public struct TrainingPass {
  /// Key of this pass's masks; another for every update.
  public let key: RandomKey
  /// The part of the training that is done, from 0 to 1: scheduled drop-path grows with it.
  public let progress: Float
  /// Whether a language model's penalties on activations count; not in a step of DARTS'
  /// architecture, as released.
  public let penalizes: Bool

  public init(key: RandomKey, progress: Float, penalizes: Bool = true) {
    self.key = key
    self.progress = progress
    self.penalizes = penalizes
  }

  /// Zeroes features before a classifier at random.
  ///
  /// - Parameter probability: Chance of each to be zero, from 0 to below 1.
  ///
  /// Source: Srivastava et al., JMLR 2014.
  public func dropout(_ features: Tensor, probability: Float, on tape: Tape) -> Tensor {
    tape.dropout(features, keep: 1 - probability, key: key.child("dropout"))
  }

  /// Draws which images' feature maps drop-path leaves out: a factor of 0 or 1 / keep for each.
  ///
  /// - Parameters:
  ///   - name: What tells this map from the pass's others.
  ///   - probability: Chance of an image's map to be zero, from 0 to below 1.
  /// - Returns: `nil` where nothing is dropped.
  ///
  /// Source: Larsson et al., FractalNet, arXiv 1605.07648, as NASNet and DARTS have it.
  public func dropPathFactors(_ name: String, images: Int, probability: Float) -> [Float]? {
    guard probability > 0 else { return nil }
    var generator = key.child(name).generator()
    let keep = 1 - probability
    return (0..<images).map { _ in generator.bernoulli(Double(keep)) ? 1 / keep : 0 }
  }
}
