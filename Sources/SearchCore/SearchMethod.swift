import Randomness

/// A black-box search method: it proposes architectures and learns from what they scored.
///
/// No clock, no budget, no printing, no file: the runner has those. It asks whenever a worker is
/// free, and tells in the order in which trials end, which need not be that of asking: up to
/// `workers` proposals are under way at once. All that has ended by then is told before the next
/// `ask`. With one worker, calls alternate. What is under way when a search ends is never told.
public protocol SearchMethod: SendableMetatype {
  /// Stable id, lower kebab case of the type's name.
  static var name: String { get }

  /// What a suite may set, with the defaults of the paper.
  static var settings: [MethodSetting] { get }

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - space: The space to search.
  ///   - settings: A value for every entry of `settings`, already checked against its range.
  ///   - key: All of the method's randomness.
  init(space: any SearchSpace, settings: MethodSettings, key: RandomKey)

  /// Number of trials below which the method has not begun to work: `plan` refuses less.
  var minimumTrials: Int { get }

  /// Largest number of proposals under way, at least 1.
  var workers: Int { get }

  /// The trainings it asks for, with their shares of a run's first `minimumTrials` trials; shares
  /// sum to 1.
  var fidelities: [Fidelity] { get }

  /// Proposes the next architecture.
  mutating func ask() -> Proposal

  /// Learns what a proposed architecture scored.
  mutating func tell(_ observation: Observation)
}

extension SearchMethod {
  /// One: calls alternate.
  public var workers: Int { 1 }

  /// The study's own training alone.
  public var fidelities: [Fidelity] { [Fidelity(epochs: nil, share: 1)] }
}

/// An architecture that a method wants to have scored.
public struct Proposal: Hashable, Sendable {
  public let architecture: Architecture
  /// Passes over the training split, at least 1; `nil` for as many as the study's protocol has.
  public let epochs: Int?

  public init(_ architecture: Architecture, epochs: Int? = nil) {
    self.architecture = architecture
    self.epochs = epochs
  }
}

/// How long a method has some of its trials trained.
public struct Fidelity: Hashable, Sendable {
  /// Passes over the training split, at least 1; `nil` for as many as the study's protocol has.
  public let epochs: Int?
  /// Part of the trials, from 0 to 1.
  public let share: Double

  public init(epochs: Int?, share: Double) {
    self.epochs = epochs
    self.share = share
  }
}

/// What a method is told of a trial.
public struct Observation: Hashable, Codable, Sendable {
  /// Which proposal it is of, counted from 0 in the order of asking.
  public let trial: Int
  public let architecture: Architecture
  /// Share of validation examples classified wrongly, from 0 to 1; `nil` if the trial failed.
  public let validationError: Double?

  public init(trial: Int, architecture: Architecture, validationError: Double?) {
    self.trial = trial
    self.architecture = architecture
    self.validationError = validationError
  }
}

/// A number that a suite may set for a method.
public struct MethodSetting: Hashable, Codable, Sendable {
  /// Stable id, lower kebab case: `population-size`.
  public let name: String
  public let defaultValue: Double
  /// Values that make sense.
  public let range: ClosedRange<Double>
  /// Whether the value is a count.
  public let isInteger: Bool
  /// Where the default comes from.
  public let source: String

  public init(
    name: String, defaultValue: Double, range: ClosedRange<Double>, isInteger: Bool = false,
    source: String
  ) {
    self.name = name
    self.defaultValue = defaultValue
    self.range = range
    self.isInteger = isInteger
    self.source = source
  }
}

/// The values of a method's settings: the defaults, with what a suite changes.
public struct MethodSettings: Hashable, Codable, Sendable {
  public let values: [String: Double]

  /// Takes the defaults and replaces some of them.
  public init(of settings: [MethodSetting], replacing changes: [String: Double] = [:]) {
    var values: [String: Double] = [:]
    for setting in settings { values[setting.name] = changes[setting.name] ?? setting.defaultValue }
    self.values = values
  }

  /// The value of a declared setting.
  ///
  /// - Precondition: The method declares a setting of this name.
  public subscript(name: String) -> Double {
    guard let value = values[name] else { preconditionFailure("setting \(name) is not declared") }
    return value
  }
}
