import SearchCore

/// Reads a genotype as DARTS' code prints it, or as those who build on it do, from left to right.
struct GenotypeScanner {
  private let space: String
  private var rest: Substring

  /// Takes what Python would make of a text: without blanks, comments and commas behind the last
  /// item, in one kind of quotes, and without the name that it is assigned to.
  ///
  /// - Parameter space: Stable id, for messages.
  init(_ text: String, of space: String) {
    self.space = space
    let lines = EditedText(text).lines.map { $0.prefix { $0 != "#" } }
    var compact = lines.joined().filter { !$0.isWhitespace }
    for quote in ["\"", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}"] {
      compact = compact.replacing(quote, with: "'")
    }
    for (written, meant) in [(",]", "]"), (",)", ")")] {
      compact = compact.replacing(written, with: meant)
    }
    compact.replace(/list\((range\(\d+,\d+\))\)/) { $0.1 }
    rest = compact[...]
    if let name = rest.prefixMatch(of: /[^='"()\[\]]*=/) { rest = rest[name.range.upperBound...] }
  }

  func isAt(_ part: String) -> Bool { rest.hasPrefix(part) }

  mutating func expect(_ part: String) throws(ArchitectureError) {
    guard skip(part) else {
      throw ArchitectureError("\(space): found '\(rest.prefix(20))'; expected '\(part)'")
    }
  }

  /// Goes past a part if it comes next.
  mutating func skip(_ part: String) -> Bool {
    guard rest.hasPrefix(part) else { return false }
    rest.removeFirst(part.count)
    return true
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
