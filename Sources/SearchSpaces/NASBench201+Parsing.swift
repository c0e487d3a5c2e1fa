import SearchCore

extension NASBench201 {
  /// Longest text that is looked at, in bytes; the longest cell has 128.
  private static let longestText = 200

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text.utf8.count <= Self.longestText else {
      throw ArchitectureError(
        "nas-bench-201: text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    // Names have no blanks: those between the parts, and ends of lines, say nothing.
    let nodes = text.filter { !$0.isWhitespace }.split(
      separator: "+", omittingEmptySubsequences: false)
    guard nodes.count == 3 else {
      throw ArchitectureError(
        "nas-bench-201: found \(nodes.count) node(s) in '\(text)'; expected 3 joined by '+'")
    }
    var choices: [Int] = []
    for (index, node) in nodes.enumerated() {
      choices += try operations(of: node, target: index + 1)
    }
    return Architecture(space: Self.name, choices: choices)
  }

  private func operations(of node: Substring, target: Int) throws(ArchitectureError) -> [Int] {
    let parts = node.split(separator: "|", omittingEmptySubsequences: false)
    guard parts.count == target + 2, parts[0].isEmpty, parts[target + 1].isEmpty else {
      throw ArchitectureError(
        "nas-bench-201: node \(target) is '\(node)'; expected \(target) edge(s) between '|'")
    }
    var choices: [Int] = []
    for (source, part) in parts[1...target].enumerated() {
      choices.append(try operation(of: part, target: target, source: source))
    }
    return choices
  }

  private func operation(
    of part: Substring, target: Int, source: Int
  ) throws(ArchitectureError) -> Int {
    let suffix = "~\(source)"
    guard part.hasSuffix(suffix) else {
      throw ArchitectureError(
        "nas-bench-201: edge \(target)←\(source) is '\(part)'; expected it to end in '\(suffix)'")
    }
    let name = String(part.dropLast(suffix.count))
    guard let choice = Self.operations.firstIndex(of: name) else {
      throw ArchitectureError(
        "nas-bench-201: edge \(target)←\(source) has operation '\(name)'; expected one of "
          + Self.operations.joined(separator: ", "))
    }
    return choice
  }
}
