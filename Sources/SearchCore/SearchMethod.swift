import Randomness

/// A black-box search method: it proposes architectures and learns from what they scored.
///
/// No clock, no budget, no printing, no file: the runner has those. Calls alternate: one `ask`,
/// then one `tell` with the observation of that architecture.
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

  /// Proposes the next architecture.
  mutating func ask() -> Architecture

  /// Learns what the proposed architecture scored.
  mutating func tell(_ observation: Observation)
}

/// What a method is told of a trial.
public struct Observation: Hashable, Codable, Sendable {
  public let architecture: Architecture
  /// Share of validation examples classified wrongly, from 0 to 1; `nil` if the trial failed.
  public let validationError: Double?

  public init(architecture: Architecture, validationError: Double?) {
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
