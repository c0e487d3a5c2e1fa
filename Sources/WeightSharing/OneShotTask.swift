import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// What a one-shot search works on, and what it may spend.
public struct OneShotTask {
  public let space: any SearchSpace
  /// Channels and cells of the network whose weights are shared.
  public let scale: TrainingProtocol.Scale
  public let data: any MinibatchSource
  /// What charges are modelled for.
  public let device: DeviceProfile
  /// What may be spent, the choice at the end included.
  public let budget: Budget
  /// What is computed on; never changes a charge.
  public let context: ComputeContext
  /// All of the search's randomness.
  public let key: RandomKey

  /// Puts a task together.
  public init(
    space: any SearchSpace, scale: TrainingProtocol.Scale, data: any MinibatchSource,
    device: DeviceProfile, budget: Budget, context: ComputeContext, key: RandomKey
  ) {
    self.space = space
    self.scale = scale
    self.data = data
    self.device = device
    self.budget = budget
    self.context = context
    self.key = key
  }
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
    DARTS.self, ENAS.self, RandomSearchWithWeightSharing.self,
  ]

  /// Names of the spaces that have shared weights.
  static let spaces = SearchSpaceCatalog.all.filter { $0 is any WeightSharingSearchSpace }.map {
    type(of: $0).name
  }
}
