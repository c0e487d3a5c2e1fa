import SearchCore

/// The search spaces that a suite can name.
public enum SearchSpaceCatalog {
  /// Every space, sorted by name; the conformance tests run over them.
  public static let all: [any SearchSpace] = [
    AmoebaNetCells(), DARTSCells(), DARTSRecurrent(), ENASLanguage(), ENASMacro(), ENASMicro(),
    ENASRecurrent(), NASBench201(), NASChain(), NASChainPooled(), NASChainStrided(), NASRecurrent(),
    NASNetCells(),
  ]

  /// The stable ids of the spaces, in order.
  public static var names: [String] { all.map { type(of: $0).name } }

  /// The space with a stable id, or `nil` if there is none.
  public static func named(_ name: String) -> (any SearchSpace)? {
    all.first { type(of: $0).name == name }
  }
}
