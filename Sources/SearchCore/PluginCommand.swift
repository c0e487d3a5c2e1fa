/// A program that is a search method or an evaluator: how it is started, and what it is told to begin with.
public struct PluginCommand: Hashable, Sendable {
  /// The program and its arguments, as a suite has them: a word that names a file is a path from the
  /// project's root.
  public var arguments: [String]
  /// What the suite sets for it, by name.
  public var settings: [String: Setting]
  /// Seconds within which it must answer each request, above 0.
  public var deadlineSeconds: Double
  /// SHA-256 of the files among the arguments when the suite was read, in hexadecimal, by argument.
  public var checksums: [String: String]

  /// A value that a suite sets.
  public enum Setting: Hashable, Sendable {
    case number(Double)
    case text(String)
  }

  /// Seconds that a request may take where a suite does not say.
  public static let standardDeadlineSeconds = 60.0
  /// The same, of an evaluator's.
  public static let standardTrainingSeconds = 86_400.0

  /// Describes a command.
  public init(
    arguments: [String], settings: [String: Setting] = [:],
    deadlineSeconds: Double = standardDeadlineSeconds, checksums: [String: String] = [:]
  ) {
    self.arguments = arguments
    self.settings = settings
    self.deadlineSeconds = deadlineSeconds
    self.checksums = checksums
  }

  /// The command as one would type it, on one line.
  public var line: String {
    arguments.map { word in
      let isPlain = word.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || [45, 46, 47, 61, 95].contains(byte)
      }
      return isPlain && !word.isEmpty
        ? word
        : "'"
          + word.split(separator: "'", omittingEmptySubsequences: false)
          .joined(separator: "'\\''") + "'"
    }.joined(separator: " ")
  }
}
