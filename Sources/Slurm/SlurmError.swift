/// What Slurm did not do, in one line.
public struct SlurmError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  /// Says what is wrong.
  public init(_ description: String) { self.description = description }
}
