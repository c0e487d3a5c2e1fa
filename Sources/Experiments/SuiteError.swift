import StrictYAML

/// A suite, or the results of one, that cannot be used: one line that says what, where, what was
/// found, what was expected, and what to type next.
public struct SuiteError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  /// Makes an error from its one line.
  public init(_ description: String) { self.description = description }

  /// Reads YAML; what is wrong with it becomes the one line.
  static func reading<Value>(
    _ body: () throws(YAMLError) -> Value
  ) throws(SuiteError) -> Value {
    do {
      return try body()
    } catch {
      throw SuiteError(error.description)
    }
  }
}
