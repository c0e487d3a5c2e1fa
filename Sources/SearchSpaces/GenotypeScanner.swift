import SearchCore

/// Reads a genotype as DARTS' code prints it, from left to right.
struct GenotypeScanner {
  private let space: String
  private var rest: Substring

  /// - Parameter space: Stable id, for messages.
  init(_ text: String, of space: String) { (self.space, rest) = (space, Substring(text)) }

  func isAt(_ part: String) -> Bool { rest.hasPrefix(part) }

  mutating func expect(_ part: String) throws(ArchitectureError) {
    guard rest.hasPrefix(part) else {
      throw ArchitectureError("\(space): found '\(rest.prefix(20))'; expected '\(part)'")
    }
    rest.removeFirst(part.count)
  }

  mutating func expectOneOf(_ first: String, _ second: String) throws(ArchitectureError) {
    try expect(rest.hasPrefix(second) ? second : first)
  }

  mutating func take(while isWanted: (Character) -> Bool) -> String {
    let part = rest.prefix(while: isWanted)
    rest.removeFirst(part.count)
    return String(part)
  }

  func expectEnd() throws(ArchitectureError) {
    guard rest.isEmpty else {
      throw ArchitectureError("\(space): found '\(rest.prefix(20))' behind the genotype")
    }
  }
}
