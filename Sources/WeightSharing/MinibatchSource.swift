import Randomness
import TensorCore

/// The two parts of the training images that a search may see; the test split is not among them.
public enum SplitPart: String, Codable, CaseIterable, Sendable {
  /// What weights are trained on.
  case training
  /// What α, controllers and choices are scored on.
  case validation
}

/// Images on a tape, with their classes.
public struct Minibatch {
  /// Normalised images, shape `[N, H, W, C]`.
  public let images: Tensor
  /// One class an image.
  public let labels: [Int32]

  public init(images: Tensor, labels: [Int32]) {
    self.images = images
    self.labels = labels
  }
}

/// Gives a one-shot search its minibatches.
public protocol MinibatchSource: ExampleSource {
  /// Size of an image.
  var image: (height: Int, width: Int, channels: Int) { get }
  /// Number of classes.
  var classes: Int { get }

  /// Number of images of a part.
  func count(of part: SplitPart) -> Int

  /// A minibatch of an endless stream over a part, shuffled anew each epoch.
  ///
  /// The last one of an epoch may be smaller: see `size(of:in:batchSize:)`.
  ///
  /// - Parameters:
  ///   - index: Place in the stream, from 0.
  ///   - isAugmented: Whether images are cropped, flipped and cut out as the study trains them.
  ///   - key: Of the stream: orders and crops are a function of it and of the place.
  func minibatch(
    _ index: Int, of part: SplitPart, size: Int, isAugmented: Bool, key: RandomKey, on tape: Tape
  ) -> Minibatch

  /// A minibatch of a part in its own order, as it is.
  func plainMinibatch(_ index: Int, of part: SplitPart, size: Int, on tape: Tape) -> Minibatch
}

extension MinibatchSource {
  /// Minibatches of an epoch over a part.
  public func batches(of part: SplitPart, size: Int) -> Int {
    (count(of: part) + size - 1) / size
  }

  /// Images of a minibatch in the stream over a part.
  public func size(of index: Int, in part: SplitPart, batchSize: Int) -> Int {
    let place = index % batches(of: part, size: batchSize)
    return min(batchSize, count(of: part) - place * batchSize)
  }
}
