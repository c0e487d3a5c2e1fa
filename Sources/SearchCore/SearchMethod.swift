import Randomness

/// A black-box search method: it proposes architectures and learns from what they scored.
///
/// No clock, no budget, no printing, no file: the runner has those. Calls alternate: one `ask`,
/// then one `tell` with the observation of that architecture.
public protocol SearchMethod: MethodDescription {
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
