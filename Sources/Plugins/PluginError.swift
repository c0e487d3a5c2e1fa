/// Why a plug-in cannot be used, in one line.
public struct PluginError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  /// Says what is wrong.
  public init(_ description: String) { self.description = description }
}
