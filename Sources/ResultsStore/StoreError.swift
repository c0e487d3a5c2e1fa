/// A store that cannot be used: one line that says which and what to do.
public struct StoreError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  /// Makes an error from its one line.
  public init(_ description: String) { self.description = description }
}
