import Datasets
import NeuralNetworks
import TensorCore

/// What a network says of a set of images, image by image.
public struct NetworkEvaluation: Hashable, Sendable {
  /// How bytes become the network's input: the channels' means and deviations of values from 0 to
  /// 1.
  public struct Normalization: Hashable, Sendable {
    /// Of each channel.
    public let mean: [Float]
    /// Of each channel, above 0.
    public let deviation: [Float]

    /// Takes one number a channel of each; deviations are above 0.
    public init(mean: [Float], deviation: [Float]) {
      (self.mean, self.deviation) = (mean, deviation)
    }

    /// The moments of ImageNet that common re-implementations use on CIFAR too.
    public static let imageNet = Normalization(
      mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
  }

  /// The likeliest class of each image.
  public let predictions: [UInt8]
  /// The right class of each image.
  public let labels: [UInt8]

  /// Number of images whose likeliest class is not the right one.
  public var wrong: Int { zip(predictions, labels).count { $0 != $1 } }

  /// Scores images; the same numbers for any number of threads.
  public init(
    of network: any Network, on images: LabeledImages, normalization: Normalization,
    context: ComputeContext
  ) {
    var predictions: [UInt8] = []
    predictions.reserveCapacity(images.count)
    for start in stride(from: 0, to: images.count, by: 250) {
      let range = start..<min(start + 250, images.count)
      let tape = Tape(context, isTraining: false)
      let batch = tape.images(
        images.pixels, size: (images.height, images.width, images.channels),
        indices: range.map { Int32($0) },
        placements: Array(repeating: Placement(), count: range.count),
        mean: normalization.mean, deviation: normalization.deviation)
      let logits = network.logits(of: batch, on: tape)
      predictions += Self.largest(logits.values(), classes: logits.shape.channels)
    }
    self.predictions = predictions
    labels = images.labels
  }

  /// The position of the largest value of each row, the first of equal ones.
  private static func largest(_ values: [Float], classes: Int) -> [UInt8] {
    stride(from: 0, to: values.count, by: classes).map { start in
      var best = 0
      for index in 1..<classes where values[start + index] > values[start + best] { best = index }
      return UInt8(best)
    }
  }

  /// A line of names, then a line an image: its number, its class, the likeliest class.
  public var csv: String {
    var lines = ["image,label,prediction"]
    for (index, label) in labels.enumerated() {
      lines.append("\(index),\(label),\(predictions[index])")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
