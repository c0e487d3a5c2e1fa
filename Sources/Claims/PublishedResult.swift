import SearchCore

/// A figure that a paper printed: what it is of, how it came about and where it stands.
public struct PublishedResult: Hashable, Codable, Sendable {
  /// What the figure is a claim about.
  public enum Subject: String, CaseIterable, Codable, Sendable {
    /// A searched architecture: another search need not find it again.
    case cell
    /// A method: what its next search finds.
    case method
    /// A network that a person designed.
    case network
  }

  /// How sure it is that the paper printed this figure.
  public enum Status: String, CaseIterable, Codable, Sendable {
    /// Read in the paper or its authors' material.
    case verified
    /// Read in another work that quotes it.
    case quoted
    /// From memory; never decides a verdict.
    case unverified
  }

  /// A figure beside the value that can be unverified alone.
  public enum Figure: String, CaseIterable, Codable, Sendable {
    case value, spread, parameters, cost
  }

  /// How the value comes from its runs.
  public enum Statistic: String, CaseIterable, Codable, Sendable {
    case mean, median, best, single
    /// The best epoch of a training, chosen by its validation score.
    case bestEpoch = "best-epoch"
    case lastEpoch = "last-epoch"
    /// The paper does not say.
    case unstated

    /// Whether the value is the best of several rather than what one run gives.
    public var isBestOfSeveral: Bool { self == .best || self == .bestEpoch }
  }

  /// What it takes to check a figure, cheapest first.
  public enum Level: String, CaseIterable, Codable, Sendable {
    /// A network is built and its parameters are counted.
    case architecture
    /// Archived weights score the test images.
    case checkpoint
    /// A method searches a recorded table.
    case replay
    /// A network is trained from scratch in a stated budget.
    case training
    /// The paper's whole protocol.
    case paper
  }

  /// Stable id, never renamed: `nas-bench-201/random-search/test`.
  public var id: String
  /// What it is a claim about.
  public var subject = Subject.method
  /// Our id of the method where we have it, else the paper's name of it; `nil` for a figure of a
  /// recorded table's own architecture.
  public var method: String?
  /// Our name of the network; `nil` if we have none.
  public var network: String?
  /// Id of the search space; empty if it is none of ours.
  public var space: String
  /// Id of the dataset as a study names it; `nasbench201` is the CIFAR-10 part of that table.
  public var dataset: String
  /// What the figure measures.
  public var metric: Metric
  /// As printed, in the metric's unit.
  public var value: Double
  /// Standard deviation over runs, in the same unit; `nil` if not stated.
  public var spread: Double?
  /// Number of runs behind the value; `nil` if not stated.
  public var runs: Int?
  /// How the value comes from its runs.
  public var statistic = Statistic.unstated
  /// Number of searches of which the subject is the best; `nil` if not stated.
  public var searches: Int?
  /// How it was measured, as `protocolText` writes it for a study of ours; a text that starts
  /// with `reference` is a figure of a single architecture.
  public var measuredUnder: String
  /// Parameters in millions, as printed; `nil` if not stated.
  public var parameters: String?
  /// What the search cost, in GPU-days as printed; `nil` if not stated.
  public var cost: String?
  /// On which device; `nil` if not stated.
  public var gpu: String?
  /// The paper, and who quotes it.
  public var source: String
  /// How sure it is that this was printed.
  public var status: Status
  /// Which of the figures are from memory.
  public var unverified: [Figure] = []
  /// Known errors and contradictions; `nil` for none.
  public var errata: String?
  /// What it takes to check it.
  public var level = Level.paper
  /// What the check needs beside the network or method: the name of an archived file, or a
  /// method's settings as `name=value`, separated by spaces; `nil` for nothing.
  public var check: String?
  /// Largest difference that still counts as none, in the metric's unit; `nil` if no verdict is
  /// to be drawn.
  public var margin: Double?
  /// The verdict that is known to come; `nil` for `reproduced`.
  public var expected: Verdict?
  /// Why another verdict is expected.
  public var reason: String?
  /// Name of the file that the claim is in, for messages.
  public var file = ""
  /// Its line there, from 1.
  public var line = 0

  /// Makes a claim of what every one has.
  public init(
    id: String, method: String?, space: String, dataset: String, metric: Metric, value: Double,
    spread: Double?, runs: Int?, measuredUnder: String, source: String, status: Status
  ) {
    (self.id, self.method, self.space, self.dataset) = (id, method, space, dataset)
    (self.metric, self.value, self.spread, self.runs) = (metric, value, spread, runs)
    (self.measuredUnder, self.source, self.status) = (measuredUnder, source, status)
  }

  /// The figure in the sense of the objective that it is of: an accuracy as the error that
  /// belongs to it.
  public var score: Double { metric.score(of: value) }

  /// Standard deviation of the score over runs; `nil` if not stated.
  public var scoreSpread: Double? { spread.map { $0 / (metric.objective?.printedScale ?? 1) } }

  /// What it is of, in words: the method or network, and the dataset.
  public var title: String {
    let name = method ?? network ?? measuredUnder
    return "\(name) on \(dataset)"
  }
}
