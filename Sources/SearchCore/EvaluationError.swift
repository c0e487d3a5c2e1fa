/// Why something cannot be trained, scored or gone on with, in one line.
public struct EvaluationError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  public init(_ description: String) { self.description = description }
}
