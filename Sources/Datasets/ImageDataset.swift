import Foundation

/// A dataset of labelled images, with its test split behind a gate.
///
/// Not `Sendable`: the record of test reads belongs to the one run that opened the dataset.
public final class ImageDataset {
  /// Name of the dataset.
  public let name: String
  public let version: String
  /// Names of the classes; a label is an index into them.
  public let classes: [String]
  /// The images of the training files, in the manifest's order.
  public let training: LabeledImages
  /// Mean of each channel over the training images, with pixels from 0 to 1.
  public let channelMeans: [Double]
  /// Standard deviation of each channel over the training images (of the population, not of a
  /// sample), with pixels from 0 to 1.
  public let channelStandardDeviations: [Double]
  /// Training images held out for validation unless a suite says otherwise.
  public let validationCount: Int
  /// Images of the test split, by the manifest.
  public let testCount: Int
  /// SHA-256 of each training file as read, and the manifest's checksum of each test file.
  public let checksums: [FileChecksum]
  /// Each reading of the test split since the last `drainTestReads()`, in order.
  public var testReads: [TestRead] { test.reads }

  private var test: TestGate<LabeledImages>

  /// Puts a dataset together.
  ///
  /// - Parameters:
  ///   - testCount: Images that `readTest` gives.
  ///   - readTest: Reads and verifies the test split; called at the first `openTest(reason:)`.
  public init(
    name: String, version: String, classes: [String], training: LabeledImages,
    validationCount: Int, testCount: Int, checksums: [FileChecksum],
    readTest: @escaping () throws(DatasetError) -> LabeledImages
  ) {
    self.name = name
    self.version = version
    self.classes = classes
    self.training = training
    self.validationCount = validationCount
    self.testCount = testCount
    self.checksums = checksums
    test = TestGate(dataset: name, read: readTest)
    (channelMeans, channelStandardDeviations) = Self.moments(training)
  }

  /// Gives the test split, for the final evaluation of a selected architecture and nothing else.
  ///
  /// Each call is recorded in `testReads`; before the first one the test files are not even read.
  ///
  /// - Parameter reason: Why, as it shall stand in the journal.
  /// - Throws: `damaged` if the test files are not what the manifest says.
  public func openTest(reason: String) throws(DatasetError) -> LabeledImages {
    try test.open(reason: reason)
  }

  /// Gives the readings recorded since the last call, and forgets them.
  public func drainTestReads() -> [TestRead] { test.drain() }

  private static func moments(_ images: LabeledImages) -> (means: [Double], deviations: [Double]) {
    // Sums of bytes and of their squares are whole numbers, exact in any order.
    var sums = [Int](repeating: 0, count: images.channels)
    var squares = sums
    images.pixels.withUnsafeBufferPointer { pixels in
      for channel in 0..<images.channels {
        var sum = 0
        var square = 0
        for index in stride(from: channel, to: pixels.count, by: images.channels) {
          let value = Int(pixels[index])
          sum += value
          square += value * value
        }
        sums[channel] = sum
        squares[channel] = square
      }
    }
    let count = Double(max(1, images.count * images.height * images.width))
    let means = sums.map { Double($0) / count }
    let deviations = zip(squares, means).map { square, mean in
      max(0, Double(square) / count - mean * mean).squareRoot() / 255
    }
    return (means.map { $0 / 255 }, deviations)
  }
}
