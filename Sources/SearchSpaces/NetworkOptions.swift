import NeuralNetworks
import SearchCore
import TensorCore

/// What a recipe asks of the networks that are built for it.
public struct NetworkOptions: Hashable, Sendable {
  /// Whether a second classifier trains along.
  public var hasAuxiliaryHead = false
  /// Height and width of the images, which an auxiliary head is built for.
  public var imageSize: Int
  /// Channels of the images, which the first convolution reads.
  public var imageChannels: Int
  /// What cells leave out in training.
  public var dropPath = DropPath.none
  /// Chance of each feature before the classifier to be zero in training, from 0 to below 1.
  public var dropout: Float = 0

  /// Images of a size, and no regularization.
  public init(imageSize: Int = 32, imageChannels: Int = 3) {
    self.imageSize = imageSize
    self.imageChannels = imageChannels
  }

  /// What a recipe says.
  public init(_ numbers: TrainingProtocol, imageSize: Int, imageChannels: Int = 3) {
    self.init(imageSize: imageSize, imageChannels: imageChannels)
    hasAuxiliaryHead = numbers.auxiliaryWeight > 0
    dropPath = DropPath(
      finalProbability: Float(numbers.dropPath),
      growsWithDepth: numbers.dropPathSchedule == .depthAndProgress)
    dropout = Float(numbers.dropout)
  }

  /// Height and width of feature maps behind a number of halvings.
  public func featureSize(halvings: Int) -> Int {
    (0..<halvings).reduce(imageSize) { size, _ in (size + 1) / 2 }
  }
}

extension AuxiliaryHead {
  /// Declares the head that the options ask for; `nil` if they ask for none.
  ///
  /// - Parameters:
  ///   - channels: Of the features it reads.
  ///   - halvings: How often their size was halved.
  init?(
    _ options: NetworkOptions, channels: Int, halvings: Int, classes: Int,
    in parameters: Parameters
  ) {
    guard options.hasAuxiliaryHead else { return nil }
    self.init(
      "auxiliary", channels: channels, size: options.featureSize(halvings: halvings),
      classes: classes, in: parameters)
  }
}

extension TrainableSearchSpace {
  /// Two halvings leave the 5 pixels that an auxiliary head's pooling reads.
  private var smallestImageOfAuxiliaryHead: Int { 17 }

  /// What speaks against networks with some options, in one line; `nil` for nothing.
  ///
  /// - Parameters:
  ///   - height: Of the images, like `width`.
  ///   - place: Where the options were asked for: "the recipe".
  public func objection(
    to options: NetworkOptions, height: Int, width: Int, place: String
  ) -> String? {
    let networks = "networks of '\(Self.name)'"
    if options.hasAuxiliaryHead {
      let expected = "expected auxiliary-weight: 0 in \(place)"
      guard hasAuxiliaryHeads else { return "\(networks) have no auxiliary head; \(expected)" }
      guard height == width, height >= smallestImageOfAuxiliaryHead else {
        return "an auxiliary head reads square images of at least "
          + "\(smallestImageOfAuxiliaryHead) pixels, found \(height)x\(width); \(expected)"
      }
    }
    return options.dropPath.finalProbability == 0 || hasDropPath
      ? nil : "\(networks) leave no paths out; expected drop-path: 0 in \(place)"
  }
}
