import Randomness
import SearchCore

/// How a run comes to the architecture that it selects.
public enum SearchProcedure {
  /// Begins a search.
  public typealias MakeSearcher = (SearcherRequest) throws -> any Searcher

  /// Architectures are proposed and scored one by one.
  case proposals(MakeSearcher)
  /// Weights are trained that all architectures share.
  case oneShot(any OneShotMethod.Type)
  /// It does not search: its architecture is given.
  case none

  /// The procedure of one of this project's methods.
  public init(of method: any MethodDescription.Type, settings: MethodSettings) {
    switch method {
    case let method as any SearchMethod.Type:
      self = .proposals { method.init(space: $0.space, settings: settings, key: $0.key) }
    case let method as any OneShotMethod.Type: self = .oneShot(method)
    default: self = .none
    }
  }

  var isOneShot: Bool { if case .oneShot = self { true } else { false } }
}

/// What a search is begun from.
public struct SearcherRequest {
  /// The run's stable id.
  public let run: String
  public let space: any SearchSpace
  /// What is measured of trials.
  public let objective: Objective
  public let budget: Budget
  /// All of the search's randomness.
  public let key: RandomKey
}
