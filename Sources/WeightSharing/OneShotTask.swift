import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// What a one-shot search works on, and what it may spend.
public struct OneShotTask {
  public let space: any SearchSpace
  /// What scores mean.
  public let objective: Objective
  /// Channels and cells of the network whose weights are shared.
  public let scale: TrainingProtocol.Scale
  /// Images or texts.
  public let data: any ExampleSource
  /// Trains architectures by themselves.
  public let trainer: any ArchitectureTrainer
  /// What charges are modelled for.
  public let device: DeviceProfile
  /// What may be spent, the choice at the end included.
  public let budget: Budget
  /// What is computed on; never changes a charge.
  public let context: ComputeContext
  /// All of the search's randomness.
  public var key: RandomKey

  /// Puts a task together.
  public init(
    space: any SearchSpace, objective: Objective, scale: TrainingProtocol.Scale,
    data: any ExampleSource, trainer: any ArchitectureTrainer, device: DeviceProfile,
    budget: Budget,
    context: ComputeContext, key: RandomKey
  ) {
    self.space = space
    self.objective = objective
    self.scale = scale
    self.data = data
    self.trainer = trainer
    self.device = device
    self.budget = budget
    self.context = context
    self.key = key
  }
}

extension OneShotTask {
  /// The images of a search that trains networks.
  ///
  /// - Throws: `MethodError` if the task has texts.
  func images(for method: any OneShotMethod.Type) throws(MethodError) -> any MinibatchSource {
    guard let images = data as? any MinibatchSource else {
      throw MethodError(
        "method '\(method.name)' cannot train '\(type(of: space).name)' on texts; expected images, "
          + "or a space of recurrent cells")
    }
    return images
  }

  /// The texts of a search that trains language models.
  ///
  /// - Parameter batches: The largest number of sequences side by side in each part.
  /// - Throws: `MethodError` if the task has images, or texts that are too short.
  func texts(
    for method: any OneShotMethod.Type, _ batches: [SplitPart: Int]
  ) throws(MethodError) -> any TextSource {
    guard let texts = data as? any TextSource else {
      throw MethodError(
        "method '\(method.name)' cannot train '\(type(of: space).name)' on images; expected texts, "
          + "or a space of networks for images")
    }
    for part in SplitPart.allCases {
      let (count, batch) = (texts.tokens(of: part).count, batches[part] ?? 1)
      guard count < TextStream.leastCount(batch: batch) else { continue }
      throw MethodError(
        "method '\(method.name)': the \(part.rawValue) text has \(count) words; a batch of \(batch) "
          + "sequences expects at least \(TextStream.leastCount(batch: batch))")
    }
    return texts
  }
}

extension MinibatchSource {
  /// Networks for these images, without regularisation.
  var plainOptions: NetworkOptions {
    NetworkOptions(imageSize: image.height, imageChannels: image.channels)
  }
}

/// Trains an architecture from scratch on the training split and scores it on the validation split,
/// as the study's trials are trained; it never sees the test split.
public protocol ArchitectureTrainer: AnyObject {
  /// Starts a training, whose steps are charged to the selection.
  ///
  /// - Parameter epochs: Passes over the training split, at least 1; the schedule ends with them.
  /// - Throws: One line, if the study's recipe cannot train the space's networks.
  func training(
    of architecture: Architecture, epochs: Int, key: RandomKey
  ) throws -> any Evaluation & Checkpointable

  /// Prices such a training without doing it: to the last operation what its steps are charged.
  ///
  /// - Returns: The memory is without the images themselves, as it is of a search.
  func forecastTraining(
    of architecture: Architecture, epochs: Int
  ) throws -> EvaluationForecast
}

/// A one-shot method that works on networks of this project.
public protocol WeightSharingMethod: OneShotMethod {
  /// Prepares a search; its settings are checked against their ranges.
  ///
  /// - Throws: `MethodError` if the space does not suit the method.
  static func search(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> any Evaluation & Checkpointable

  /// Prices a search without doing it.
  ///
  /// - Throws: `MethodError` if the space does not suit the method.
  static func forecast(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> OneShotForecast
}

extension WeightSharingMethod {
  /// What to say of a space that does not suit.
  static func unsuitable(_ space: any SearchSpace, expected names: [String]) -> MethodError {
    MethodError(
      "method '\(name)' cannot search space '\(type(of: space).name)'; expected "
        + names.joined(separator: " or "))
  }
}

/// The one-shot methods that a suite can name.
public enum WeightSharingCatalog {
  /// Every method, sorted by name; the conformance tests run over them.
  public static let all: [any WeightSharingMethod.Type] = [
    DARTS.self, ENAS.self, GDAS.self, RandomSearchWithWeightSharing.self,
  ]

  /// Names of the spaces that have shared weights.
  static let spaces = SearchSpaceCatalog.all.filter {
    $0 is any WeightSharingSearchSpace || $0 is any WeightSharingLanguageSpace
  }.map { type(of: $0).name }

  /// Names of the spaces that have a continuous relaxation.
  static let relaxableSpaces = SearchSpaceCatalog.all.filter {
    $0 is any RelaxableSearchSpace || $0 is DARTSRecurrent
  }.map { type(of: $0).name }
}

/// A space of which it is known what its trainings cost at most.
protocol PricedSpace: SearchSpace {
  /// The architecture that costs most to train.
  static var dearest: Architecture { get }
  /// The architecture that needs most memory to train.
  static var largest: Architecture { get }
}
