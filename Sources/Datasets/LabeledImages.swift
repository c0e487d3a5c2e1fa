import Checks

/// Images with their classes, as they are stored: one byte a channel.
public struct LabeledImages: Hashable, Sendable {
  public let height: Int
  public let width: Int
  public let channels: Int
  /// Number of classes; each label is below it.
  public let classCount: Int
  /// Pixels from 0 to 255 in N, H, W, C order.
  public let pixels: [UInt8]
  /// Class of each image.
  public let labels: [UInt8]

  /// Number of images.
  public var count: Int { labels.count }

  /// Bytes of one image.
  public var imageBytes: Int { height * width * channels }

  /// Puts images together.
  ///
  /// - Precondition: `pixels` holds `height * width * channels` bytes for each label, and each label
  ///   is below `classCount`.
  public init(
    height: Int, width: Int, channels: Int, classCount: Int, pixels: [UInt8], labels: [UInt8]
  ) {
    check(
      pixels.count == labels.count * height * width * channels,
      "LabeledImages: \(pixels.count) bytes; expected \(labels.count) images of "
        + "\(height)x\(width)x\(channels)")
    check(
      labels.allSatisfy { Int($0) < classCount },
      "LabeledImages: a label of \(labels.max() ?? 0); expected one below \(classCount)")
    self.height = height
    self.width = width
    self.channels = channels
    self.classCount = classCount
    self.pixels = pixels
    self.labels = labels
  }
}
