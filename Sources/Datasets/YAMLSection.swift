import SearchCore
import Yams

/// A mapping of a YAML file, read strictly: each key must be known, each value of its type and in
/// its range, and every refusal names the file and the line.
package struct YAMLSection {
  /// Name of the file for messages.
  let file: String
  /// Place in the file, as `files[2]`; empty for the whole.
  let path: String
  /// Line of the mapping, from 1.
  let line: Int?
  private let pairs: [(key: String, keyLine: Int?, value: Node)]

  /// Reads a YAML text whose top is a mapping.
  package init(yaml: String, file: String) throws(DatasetError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      throw Self.syntaxError(error, file: file)
    } catch {
      throw .manifest(file: file, line: nil, problem: "cannot be read as YAML")
    }
    guard let root else { throw .manifest(file: file, line: nil, problem: "is empty") }
    try self.init(root, file: file, path: "")
  }

  private init(_ node: Node, file: String, path: String) throws(DatasetError) {
    guard case .mapping(let mapping) = node else {
      let name = path.isEmpty ? "the top of the file" : path
      throw .manifest(
        file: file, line: node.mark?.line,
        problem: "\(name): found \(Self.kind(of: node)), expected keys with values")
    }
    self.file = file
    self.path = path
    line = mapping.mark?.line
    var pairs: [(key: String, keyLine: Int?, value: Node)] = []
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        throw .manifest(
          file: file, line: key.mark?.line, problem: "found a key that is not a word")
      }
      pairs.append((scalar.string, scalar.mark?.line, value))
    }
    self.pairs = pairs
  }

  /// The keys in the order of the file.
  package var keys: [String] { pairs.map { $0.key } }

  /// Refuses keys that are not among the known ones.
  package func checkKeys(_ known: [String]) throws(DatasetError) {
    for pair in pairs where !known.contains(pair.key) {
      let hint =
        NearestName.of(pair.key, among: known).map { "did you mean '\($0)'?" }
        ?? "known here: \(known.joined(separator: ", "))"
      throw .manifest(
        file: file, line: pair.keyLine, problem: "unknown key '\(place(pair.key))'; \(hint)")
    }
  }

  /// Whether the mapping has a key.
  package func has(_ key: String) -> Bool { pairs.contains { $0.key == key } }

  /// A text; empty texts are refused.
  package func text(_ key: String) throws(DatasetError) -> String {
    let node = try value(key)
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
      throw wrongType(key, node, expected: "a text")
    }
    return scalar.string
  }

  /// A text, or `nil` if the key is not there.
  package func optionalText(_ key: String) throws(DatasetError) -> String? {
    has(key) ? try text(key) : nil
  }

  /// One of several words.
  package func word(_ key: String, among known: [String]) throws(DatasetError) -> String {
    let found = try text(key)
    guard !known.contains(found) else { return found }
    let hint =
      NearestName.of(found, among: known).map { "did you mean '\($0)'?" }
      ?? "expected one of \(known.joined(separator: ", "))"
    throw problem(key, "found '\(found)'; \(hint)")
  }

  /// A whole number in a range.
  package func integer(_ key: String, in range: ClosedRange<Int>) throws(DatasetError) -> Int {
    let node = try value(key)
    guard case .scalar(let scalar) = node, let number = node.int else {
      throw wrongType(key, node, expected: "a whole number")
    }
    guard range.contains(number) else {
      throw problem(
        key, "found \(scalar.string), expected from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The list of mappings under a key.
  package func sections(_ key: String) throws(DatasetError) -> [YAMLSection] {
    var sections: [YAMLSection] = []
    for (index, node) in try list(key).enumerated() {
      sections.append(try YAMLSection(node, file: file, path: "\(place(key))[\(index + 1)]"))
    }
    return sections
  }

  /// The mapping under a key.
  package func section(_ key: String) throws(DatasetError) -> YAMLSection {
    try YAMLSection(value(key), file: file, path: place(key))
  }

  /// The list of texts under a key.
  package func texts(_ key: String) throws(DatasetError) -> [String] {
    var texts: [String] = []
    for node in try list(key) {
      guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
        throw wrongType(key, node, expected: "a list of texts")
      }
      texts.append(scalar.string)
    }
    return texts
  }

  /// An error at a key's line.
  package func problem(_ key: String, _ text: String) -> DatasetError {
    let pair = pairs.first { $0.key == key }
    return .manifest(
      file: file, line: pair?.keyLine ?? line, problem: "\(place(key)): \(text)")
  }

  private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func value(_ key: String) throws(DatasetError) -> Node {
    guard let pair = pairs.first(where: { $0.key == key }) else {
      throw .manifest(file: file, line: line, problem: "\(place(key)) is missing")
    }
    return pair.value
  }

  private func list(_ key: String) throws(DatasetError) -> [Node] {
    let node = try value(key)
    guard case .sequence(let sequence) = node else {
      throw wrongType(key, node, expected: "a list")
    }
    return Array(sequence)
  }

  private func wrongType(_ key: String, _ node: Node, expected: String) -> DatasetError {
    .manifest(
      file: file, line: node.mark?.line,
      problem: "\(place(key)): found \(Self.kind(of: node)), expected \(expected)")
  }

  private static func kind(of node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "'\(scalar.string)'"
    case .mapping: "keys with values"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  private static func syntaxError(_ error: YamlError, file: String) -> DatasetError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return .manifest(file: file, line: mark.line, problem: "cannot be read as YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.sorted().map { "'\($0)'" }.joined(separator: ", ")
      return .manifest(
        file: file, line: context.mark.line, problem: "found twice: key \(names)")
    default:
      return .manifest(file: file, line: nil, problem: "cannot be read as YAML")
    }
  }
}
