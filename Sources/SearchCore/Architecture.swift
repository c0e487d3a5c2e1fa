/// A point of a search space: the sequence of choices that defines it.
///
/// Plain data, the same for images and token sequences; what the choices mean is the space's.
public struct Architecture: Hashable, Codable, Sendable {
  /// Stable id of the search space.
  public let space: String
  /// One choice a decision, in the order of the space's `decisions`.
  public let choices: [Int]

  public init(space: String, choices: [Int]) {
    self.space = space
    self.choices = choices
  }
}

/// One decision of a search space.
public struct Decision: Hashable, Codable, Sendable {
  /// What is decided, unique within the space: `edge 1←0`.
  public let name: String
  /// Names of the choices; a choice is an index into them.
  public let options: [String]

  public init(name: String, options: [String]) {
    self.name = name
    self.options = options
  }
}
