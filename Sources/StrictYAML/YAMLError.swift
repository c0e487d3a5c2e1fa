import SearchCore

/// What is wrong with a YAML file, as one line for the person who wrote it.
public struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's name as the user gave it.
  public let file: String
  /// The line in it, from 1; `nil` if the fault is the whole file's.
  public let line: Int?
  /// What was found, and what was expected.
  public let problem: String

  /// Names a fault and its place.
  public init(file: String, line: Int? = nil, _ problem: String) {
    self.file = file
    self.line = line
    self.problem = problem
  }

  /// One line, whatever the file holds that is quoted.
  public var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(problem)".onOneLine }
}
