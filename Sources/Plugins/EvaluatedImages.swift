import Datasets
import Foundation

/// The images that a program trains and scores architectures on, and the answers that it is not given:
/// it gets the test split's images with its last request of a run, and never their classes.
public struct EvaluatedImages {
  /// Files of one split.
  struct Files: Encodable {
    /// Bytes, count x height x width x channels.
    let images: String
    /// Bytes, one an image; `nil` where the program is to say them.
    let labels: String?
    let count: Int
  }

  /// What a program is told of the data.
  struct Description: Encodable {
    let name: String
    let classes: [String]
    let height, width, channels: Int
    /// Over all training images, with pixels from 0 to 1.
    let channel_means, channel_standard_deviations: [Double]
    let training, validation: Files
  }

  let data: ImageDataset
  let split: DataSplit

  /// Some images to train on, some to validate on.
  public init(_ data: ImageDataset, split: DataSplit) { (self.data, self.split) = (data, split) }

  /// Writes the files of training and validation.
  func describe(in folder: URL) throws(PluginError) -> Description {
    let images = data.training
    return Description(
      name: data.name, classes: data.classes, height: images.height, width: images.width,
      channels: images.channels, channel_means: data.channelMeans,
      channel_standard_deviations: data.channelStandardDeviations,
      training: try files("training", of: images, split.training, in: folder),
      validation: try files("validation", of: images, split.validation, in: folder))
  }

  /// Writes the images of the test split, without their classes.
  func testFiles(in folder: URL, reason: String) throws -> Files {
    let test = try data.openTest(reason: reason)
    return try files("test", of: test, Array(0..<test.count), labelled: false, in: folder)
  }

  private func files(
    _ name: String, of images: LabeledImages, _ indices: [Int], labelled: Bool = true,
    in folder: URL
  ) throws(PluginError) -> Files {
    let (pixels, labels) = (
      folder.appending(path: "\(name)-images.npy"), folder.appending(path: "\(name)-labels.npy")
    )
    do {
      try images.writeImages(indices, to: pixels)
      if labelled { try images.writeLabels(indices, to: labels) }
    } catch {
      throw PluginError(
        "the \(name) images cannot be written to \(folder.path); free some space there".onOneLine)
    }
    return Files(
      images: pixels.path, labels: labelled ? labels.path : nil, count: indices.count)
  }

  /// Part of the validation images whose classes are not those given.
  func validationError(of classes: [Int]) throws(PluginError) -> Double {
    try Self.error(of: classes, split.validation.map { data.training.labels[$0] }, "validation")
  }

  /// Part of the test images whose classes are not those given.
  func testError(of classes: [Int], reason: String) throws -> Double {
    try Self.error(of: classes, data.openTest(reason: reason).labels, "test")
  }

  private static func error(
    of classes: [Int], _ labels: [UInt8], _ name: String
  ) throws(PluginError) -> Double {
    guard classes.count == labels.count else {
      throw PluginError(
        "found \(classes.count) \(name) classes; expected one for each of \(labels.count) images")
    }
    let wrong = zip(classes, labels).count { $0 != Int($1) }
    return Double(wrong) / Double(max(1, labels.count))
  }
}
