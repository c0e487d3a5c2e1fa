import Claims
import SearchCore
import Statistics

/// A training from scratch that a claim asks for.
public struct TrainingRequest: Hashable, Sendable {
  /// Name of the network.
  public var network: String
  /// Name of the dataset, which may be a copy of the claim's.
  public var dataset: String
  /// Name of the recipe; `nil` for that of the network's paper.
  public var recipe: String?
  /// Fields of the recipe that the claim replaces, `key=value`, in its order.
  public var changes: [String] = []
  /// Whether it trains on the validation split as well.
  public var usesValidation = false
  /// From 1.
  public var seed: UInt64

  /// Asks for a training by the recipe as it is.
  public init(network: String, dataset: String, recipe: String?, seed: UInt64) {
    (self.network, self.dataset, self.recipe, self.seed) = (network, dataset, recipe, seed)
  }
}

/// A training, prepared or on record.
public protocol PreparedTraining {
  /// What it takes on the reference device, in words.
  var price: String { get }
  /// Whether it is on record.
  var isRecorded: Bool { get }
  /// What to type to have it done.
  var command: String { get }

  /// Expected time here, in seconds, from a few steps that are run; 0 for one on record.
  func seconds() throws -> Double

  /// The scores of what was trained; trains first unless it is on record.
  func measurement() throws -> Measurement
}

/// Trains a network from scratch, once for each seed, or takes what is on record.
public struct TrainingCheck: ClaimCheck {
  public let seconds: Double
  private let trainings: [any PreparedTraining]
  private let dataset: String
  private let mayTrain: Bool

  /// Prepares the trainings; nothing is trained yet.
  ///
  /// - Parameters:
  ///   - dataset: The claim's, or a copy of it.
  ///   - runs: Number of trainings, each with its own seed; by default 1.
  ///   - mayTrain: Whether what is not on record is trained: a paper's full protocol is not.
  public init(
    _ claim: PublishedResult, dataset: String, runs: Int?, mayTrain: Bool,
    prepare: (TrainingRequest) throws -> any PreparedTraining
  ) throws {
    guard let network = claim.network else {
      throw CheckFailure("no network of this project goes with the claim")
    }
    guard claim.metric.objective != nil else {
      throw CheckFailure("no training here measures \(claim.metric.rawValue)")
    }
    var request = TrainingRequest(
      network: network, dataset: dataset, recipe: claim.setting("recipe"), seed: 1)
    let settings = (claim.check ?? "").split(separator: " ").map(String.init)
    request.usesValidation = settings.contains("on=training-and-validation")
    request.changes = settings.filter { !$0.hasPrefix("recipe=") && !$0.hasPrefix("on=") }
    trainings = try (1...(runs ?? 1)).map { seed in
      request.seed = UInt64(seed)
      return try prepare(request)
    }
    self.dataset = dataset
    self.mayTrain = mayTrain
    seconds = mayTrain ? try trainings.reduce(0) { $0 + (try $1.seconds()) } : 0
  }

  public func judge(_ claim: PublishedResult, by rule: VerdictRule) throws -> Judgement {
    if !mayTrain, let first = trainings.first(where: { !$0.isRecorded }) {
      throw CheckFailure("a training takes \(first.price); type '\(first.command)'")
    }
    var figures: [Double] = []
    for training in trainings {
      let found = try training.measurement()
      let score = claim.metric.isOfValidation ? found.validation : found.test
      if let score { figures.append(claim.metric.printed(score)) }
    }
    var judgement = rule.judge(claim, runs: Sample(figures))
    if figures.count == 1 {
      let excess = claim.metric.isHigherBetter ? claim.value - figures[0] : figures[0] - claim.value
      judgement.reason +=
        "; it is \(Self.text(figures[0])) against \(Self.text(claim.value)), "
        + (excess <= 0 ? "no worse than published" : "worse by \(Self.text(excess))")
    }
    if dataset != claim.dataset { judgement.reason += "; on \(dataset)" }
    return judgement
  }

  /// Three decimals at most.
  private static func text(_ value: Double) -> String {
    ((value * 1_000).rounded() / 1_000).shortText
  }
}

extension PublishedResult.Metric {
  /// Whether it is of the split that searches may see.
  fileprivate var isOfValidation: Bool {
    [.validationAccuracy, .validationError, .validationPerplexity].contains(self)
  }
}
