import Datasets
import Randomness
import SearchCore
import TensorCore

/// The order, crops and flips of training images: all of it a function of a key.
public struct Minibatches {
  public let images: LabeledImages
  public let indices: [Int]
  public let batchSize: Int

  /// Cuts some of the images into minibatches; the last may be smaller.
  public init(images: LabeledImages, indices: [Int], batchSize: Int) {
    self.images = images
    self.indices = indices
    self.batchSize = batchSize
  }

  /// Minibatches of an epoch; the last may be smaller.
  public var count: Int { (indices.count + batchSize - 1) / batchSize }

  /// Images of one of an epoch's minibatches.
  public func size(of batch: Int) -> Int { min(batchSize, indices.count - batch * batchSize) }

  /// The images of an epoch in the order that they are trained on.
  public func order(epoch: Int, key: RandomKey) -> [Int32] {
    var generator = key.child("order", epoch).generator()
    return generator.permutation(indices.count).map { Int32(indices[$0]) }
  }

  /// The images in the split's own order.
  public var plainOrder: [Int32] { indices.map { Int32($0) } }

  /// One of an epoch's minibatches.
  public func slice(_ order: [Int32], batch: Int) -> [Int32] {
    Array(order[batch * batchSize..<batch * batchSize + size(of: batch)])
  }

  /// The classes of some images.
  public func labels(of indices: [Int32]) -> [Int32] {
    indices.map { Int32(images.labels[Int($0)]) }
  }

  /// Draws crop, flip and cutout for the images of a minibatch.
  ///
  /// Crop: a window of the image's size at a uniform place of the padded image; flip: with
  /// probability one half; cutout: a square around a uniform pixel, clipped at the border.
  public func placements(
    count: Int, step: Int, protocol training: TrainingProtocol, key: RandomKey
  ) -> [Placement] {
    let stepKey = key.child("augmentation", step)
    return (0..<count).map { sample in
      var generator = stepKey.child("sample", sample).generator()
      var placement = Placement()
      if training.cropPadding > 0 {
        let positions = 2 * training.cropPadding + 1
        placement.row = generator.integer(below: positions) - training.cropPadding
        placement.column = generator.integer(below: positions) - training.cropPadding
      }
      if training.horizontalFlip { placement.isFlipped = generator.bernoulli(0.5) }
      if training.cutoutLength > 0 {
        placement.cutoutRow = generator.integer(below: images.height)
        placement.cutoutColumn = generator.integer(below: images.width)
        placement.cutoutHalfSide = training.cutoutLength / 2
      }
      return placement
    }
  }
}
