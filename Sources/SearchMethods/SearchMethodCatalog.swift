import SearchCore

/// The search methods that a suite can name.
public enum SearchMethodCatalog {
  /// Every method, sorted by name; the conformance tests run over them.
  public static let all: [any SearchMethod.Type] = [
    AsynchronousSuccessiveHalving.self, NASController.self, ProximalPolicy.self,
    RandomSampling.self, RandomSearch.self, RegularizedEvolution.self, Reinforce.self,
  ]

  /// The stable ids of the methods, in order.
  // A key path to a static member of an existential metatype crashes the compiler.
  public static var names: [String] { all.map { $0.name } }

  /// The method with a stable id, or `nil` if there is none.
  public static func named(_ name: String) -> (any SearchMethod.Type)? {
    all.first { $0.name == name }
  }
}
