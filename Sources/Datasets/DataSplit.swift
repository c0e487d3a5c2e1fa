import Randomness

/// Which training images a search trains on and which it validates on.
///
/// Drawn once from a key of the suite, so that all runs of a study share it. The draw is plain, not
/// stratified, as in the papers that hold out images of CIFAR-10 at random; class shares of the two
/// parts differ by chance only.
public struct DataSplit: Hashable, Sendable, Codable {
  /// How many images a scaled-down suite uses.
  public struct Limit: Hashable, Sendable, Codable {
    /// Training images at most; `nil` for all.
    public let training: Int?
    /// Validation images at most; `nil` for all.
    public let validation: Int?

    public init(training: Int? = nil, validation: Int? = nil) {
      self.training = training
      self.validation = validation
    }
  }

  /// Indices of the images trained on, ascending.
  public let training: [Int]
  /// Indices of the images validated on, ascending; none of them is in `training`.
  public let validation: [Int]

  /// Draws a split.
  ///
  /// The images are put in random order; the first `validationCount` are validation images, the rest
  /// training images, and a limit keeps the first of each part. A smaller limit thus gives a subset
  /// of a larger one's images. A larger limit of validation images holds out more than the dataset's
  /// own rule: half of CIFAR-10 in DARTS.
  ///
  /// - Parameters:
  ///   - trainingCount: Images of the training files.
  ///   - validationCount: Images held out, from 1 to below `trainingCount`.
  ///   - limit: Fewer images, for scaled-down suites; each limit from 1 to what is left.
  ///   - key: Shared by all runs of a study.
  /// - Throws: `split` if the data cannot give this.
  public static func make(
    trainingCount: Int, validationCount: Int, limit: Limit? = nil, key: RandomKey
  ) throws(DatasetError) -> DataSplit {
    guard validationCount >= 1, validationCount < trainingCount else {
      throw .split(
        problem: "validation images: found \(validationCount), expected from 1 to "
          + "\(trainingCount - 1) (there are \(trainingCount) training images)")
    }
    if let wanted = limit?.validation { try check("validation", wanted, trainingCount - 1) }
    let validationCount = max(validationCount, limit?.validation ?? 0)
    let rest = trainingCount - validationCount
    if let wanted = limit?.training { try check("training", wanted, rest) }
    var generator = key.child("data-split").generator()
    let order = generator.permutation(trainingCount)
    return DataSplit(
      training: order[validationCount...].prefix(limit?.training ?? rest).sorted(),
      validation: order[..<validationCount].prefix(limit?.validation ?? validationCount).sorted())
  }

  /// All its images for training, none for validation.
  public var withoutValidation: DataSplit {
    DataSplit(training: (training + validation).sorted(), validation: [])
  }

  private static func check(_ part: String, _ wanted: Int, _ available: Int) throws(DatasetError) {
    guard (1...available).contains(wanted) else {
      throw .split(
        problem: "limit of \(part) images: found \(wanted), expected from 1 to \(available)")
    }
  }
}
