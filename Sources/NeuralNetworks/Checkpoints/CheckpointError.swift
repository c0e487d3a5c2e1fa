/// A checkpoint that cannot be used, in one line.
public struct CheckpointError: Error, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
