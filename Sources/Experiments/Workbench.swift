import Foundation
import OperationCosts
import Randomness
import SearchCore

/// The concrete things that a suite names: this module only ever sees them through here.
public protocol Workbench {
  /// The search spaces, sorted by name.
  var spaces: [any SearchSpace] { get }
  /// The search methods, sorted by name.
  var methods: [any MethodDescription.Type] { get }
  /// The kinds of evaluators, sorted by name.
  var evaluators: [EvaluatorKind] { get }
  /// What a program that a suite names as its evaluator can score.
  var evaluatorPrograms: EvaluatorKind { get }
  /// Names of the datasets that need no path, sorted.
  var datasetNames: [String] { get }
  /// Names of the device profiles, sorted.
  var deviceNames: [String] { get }

  /// Loads a device profile.
  func device(named name: String) throws -> DeviceProfile

  /// Prepares the scoring of a study's architectures: loads its data.
  func evaluator(for request: EvaluatorRequest) throws -> any Evaluator

  /// Starts a search method that is a program of its own.
  ///
  /// - Throws: If commands may not be started, or this one does not answer as it should.
  func searcher(of plugin: PluginCommand, for request: SearcherRequest) throws -> any Searcher

  /// SHA-256 of those words of a command that are files, by word.
  func checksums(ofFilesIn arguments: [String]) -> [String: String]

  /// What the work is computed with, beyond what the operating system says: BLAS and its kernel,
  /// instruction set of the core.
  func environmentFacts() -> [EnvironmentFact]
}

extension Workbench {
  /// Serves no space.
  public var evaluatorPrograms: EvaluatorKind {
    EvaluatorKind(name: "program", trains: true, spaces: [])
  }

  /// Starts nothing.
  public func searcher(
    of plugin: PluginCommand, for request: SearcherRequest
  ) throws -> any Searcher {
    throw SuiteError("\(request.run): commands are not started here")
  }

  /// Looks at no file.
  public func checksums(ofFilesIn arguments: [String]) -> [String: String] { [:] }
}

/// A way to score architectures that a suite can name.
public struct EvaluatorKind: Hashable, Sendable {
  /// Stable id, lower kebab case.
  public let name: String
  /// Whether it trains: it then takes a recipe and a final budget, and each run is a process of
  /// its own. Otherwise all runs share one process.
  public let trains: Bool
  /// Names of the search spaces whose architectures it can score, sorted.
  public let spaces: [String]
  /// Names of those whose architectures are language models.
  public let languageSpaces: Set<String>

  /// Describes a kind.
  public init(name: String, trains: Bool, spaces: [String], languageSpaces: Set<String> = []) {
    self.name = name
    self.trains = trains
    self.spaces = spaces
    self.languageSpaces = languageSpaces
  }

  /// The same kind by another name.
  func named(_ name: String) -> EvaluatorKind {
    EvaluatorKind(name: name, trains: trains, spaces: spaces, languageSpaces: languageSpaces)
  }

  /// What speaks against training a space's architectures by a recipe; `nil` for nothing.
  public func objection(to recipe: TrainingProtocol, inSpace space: String) -> String? {
    let (needsText, isText) = (languageSpaces.contains(space), recipe.text != nil)
    guard needsText != isText else { return nil }
    func networks(_ isText: Bool) -> String { isText ? "language models" : "image networks" }
    let others = TrainingProtocol.presets.filter { ($0.text != nil) == needsText }
    return "recipe '\(recipe.recipe)' trains \(networks(isText)), and search space '\(space)' has "
      + "\(networks(needsText)); expected one of \(others.map(\.recipe).joined(separator: ", "))"
  }

  /// What speaks against scoring a space's architectures, in one line; `nil` for nothing.
  public func objection(toSpace space: String) -> String? {
    guard !spaces.contains(space) else { return nil }
    let expected =
      switch spaces.count {
      case 0: "it serves none"
      case 1: "expected \(spaces[0])"
      default: "expected one of \(spaces.joined(separator: ", "))"
      }
    return "evaluator '\(name)' has no \(trains ? "networks" : "scores") for search space "
      + "'\(space)'; \(expected)"
  }
}

/// What an evaluator is made from.
public struct EvaluatorRequest: Sendable {
  public let study: Study
  /// Name of the search space: the study's, or a method's own.
  public let space: String
  public let device: DeviceProfile
  /// Splits the data into training and validation.
  public let splitKey: RandomKey
  /// Threads to compute on; never changes a result.
  public let threads: Int

  /// Describes a request.
  public init(
    study: Study, space: String, device: DeviceProfile, splitKey: RandomKey, threads: Int
  ) {
    self.study = study
    self.space = space
    self.device = device
    self.splitKey = splitKey
    self.threads = threads
  }
}

/// A named fact about the machine or the program, for the record.
public struct EnvironmentFact: Hashable, Codable, Sendable {
  public let name: String
  public let value: String

  /// Names a fact.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
