import SearchCore

/// A figure that a paper printed, with where it comes from.
public struct PublishedResult: Hashable, Codable, Sendable {
  /// What the figure measures.
  public enum Metric: String, CaseIterable, Codable, Sendable {
    /// Percent of validation images classified rightly.
    case validationAccuracy = "validation-accuracy"
    /// Percent of test images classified rightly.
    case testAccuracy = "test-accuracy"
  }

  /// How sure it is that the paper printed this figure.
  public enum Status: String, CaseIterable, Codable, Sendable {
    /// Read in the paper or its authors' material.
    case verified
    /// Read in another work that quotes it.
    case quoted
    /// Not read again since it was written down.
    case fromMemory = "from memory"
  }

  /// Stable id, never renamed: `nas-bench-201/random-search/test`.
  public let id: String
  /// Our id of the method; `nil` for a figure of a single architecture.
  public let method: String?
  /// Id of the search space.
  public let space: String
  /// Id of the dataset as a study names it; `nasbench201` is the CIFAR-10 part of that table.
  public let dataset: String
  /// What the figure measures.
  public let metric: Metric
  /// As printed, in percent.
  public let value: Double
  /// Standard deviation over runs, in percentage points; `nil` if not stated.
  public let spread: Double?
  /// Number of runs behind the mean; `nil` if not stated.
  public let runs: Int?
  /// How it was measured, as `protocolText` writes it for a study of ours; a text that starts
  /// with `reference` is a figure of a single architecture.
  public let measuredUnder: String
  /// The paper, and who quotes it.
  public let source: String
  /// How sure it is that this was printed.
  public let status: Status

  public init(
    id: String, method: String?, space: String, dataset: String, metric: Metric, value: Double,
    spread: Double?, runs: Int?, measuredUnder: String, source: String, status: Status
  ) {
    self.id = id
    self.method = method
    self.space = space
    self.dataset = dataset
    self.metric = metric
    self.value = value
    self.spread = spread
    self.runs = runs
    self.measuredUnder = measuredUnder
    self.source = source
    self.status = status
  }

  /// The figure in the sense of the objective that it is of, the classification error.
  public var score: Double { Objective.classificationError(ofAccuracyInPercent: value) }

  /// Standard deviation of the score over runs; `nil` if not stated.
  public var scoreSpread: Double? {
    spread.map { $0 / Objective.classificationError.printedScale }
  }
}
