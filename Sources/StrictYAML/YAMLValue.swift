import SearchCore
import Yams

/// A value of a YAML file, read strictly: each value must be of its type and in its range, and
/// every refusal names the file, the line and the place within it.
public struct YAMLValue {
  let node: Node
  /// File name as the user gave it.
  let file: String
  /// Place within the file, as `studies[0].budget`; empty at the top.
  let path: String

  init(node: Node, file: String, path: String) {
    self.node = node
    self.file = file
    self.path = path
  }

  /// An error at this place.
  public func error(_ message: String) -> YAMLError {
    YAMLError(
      file: file, line: node.mark?.line, path.isEmpty ? message : "\(path): \(message)")
  }

  /// What stands here, in words for an error.
  public var found: String {
    switch node {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .scalar(let scalar): Self.found(scalar)
    case .alias: "an alias"
    }
  }

  private static func found(_ scalar: Node.Scalar) -> String {
    if scalar.string.isEmpty { return "nothing" }
    let shown = "'\(scalar.string.prefix(60))\(scalar.string.count > 60 ? "…" : "")'"
    // A number in quotes is none.
    let isPlain = scalar.style == .plain || scalar.style == .any
    return isPlain ? shown : "the text \(shown)"
  }

  // MARK: Mappings and lists

  /// Whether keys with values stand here.
  public var isMapping: Bool { node.mapping != nil }

  /// The entries of a mapping.
  ///
  /// - Parameter keys: The keys that may be there; `nil` if any may.
  public func mapping(keys known: [String]? = nil) throws(YAMLError) -> YAMLMapping {
    guard case .mapping(let mapping) = node else {
      let keys = known.map { " with \($0.joined(separator: ", "))" } ?? ""
      throw error("found \(found); expected a mapping\(keys)")
    }
    var entries: [(key: String, value: YAMLValue)] = []
    for (key, value) in mapping {
      let place = YAMLValue(node: key, file: file, path: path)
      guard case .scalar(let scalar) = key else {
        throw place.error("found a key that is \(place.found); expected a word")
      }
      if let known, !known.contains(scalar.string) {
        throw place.error(Self.unknown("key", scalar.string, among: known))
      }
      entries.append((scalar.string, child(value, scalar.string)))
    }
    return YAMLMapping(whole: self, entries: entries)
  }

  func child(_ node: Node, _ key: String) -> YAMLValue {
    YAMLValue(node: node, file: file, path: path.isEmpty ? key : "\(path).\(key)")
  }

  /// The elements of a list.
  public func list(counts: ClosedRange<Int>) throws(YAMLError) -> [YAMLValue] {
    guard case .sequence(let sequence) = node, counts.contains(sequence.count) else {
      let number = node.sequence.map { "a list of \($0.count)" } ?? found
      throw error(
        "found \(number); expected a list of \(counts.lowerBound) to \(counts.upperBound)")
    }
    return sequence.enumerated().map {
      YAMLValue(node: $0.element, file: file, path: "\(path)[\($0.offset)]")
    }
  }

  // MARK: Texts

  /// A text of bounded length.
  public func text(longest: Int = 200) throws(YAMLError) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty,
      scalar.string.utf8.count <= longest
    else { throw error("found \(found); expected a text of 1 to \(longest) bytes") }
    return scalar.string
  }

  /// A name that can also be a folder: lower kebab case.
  public func identifier() throws(YAMLError) -> String {
    let text = try text(longest: 64)
    let good = text.utf8.allSatisfy { byte in
      (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || byte == 45
    }
    guard good, text.utf8.first != 45 else {
      throw error("found \(found); expected lower-case letters, digits and '-'")
    }
    return text
  }

  /// One of several known names.
  ///
  /// - Parameter what: What the names are of, for the error.
  public func name(_ what: String, among known: [String]) throws(YAMLError) -> String {
    let text = try text()
    guard known.contains(text) else { throw error(Self.unknown(what, text, among: known)) }
    return text
  }

  /// One line about a name that is not known.
  private static func unknown(_ what: String, _ name: String, among known: [String]) -> String {
    let hint = NearestName.of(name, among: known).map { "did you mean '\($0)'?" }
    let list = known.isEmpty ? "there is none" : "expected one of \(known.joined(separator: ", "))"
    return "unknown \(what) '\(name.prefix(60))'; \(hint ?? list)"
  }

  // MARK: Numbers

  /// A whole number within bounds.
  public func integer(in range: ClosedRange<Int>) throws(YAMLError) -> Int {
    guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any,
      let value = Int(scalar.string), range.contains(value)
    else {
      throw error(
        "found \(found); expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A number within bounds.
  public func number(in range: ClosedRange<Double>) throws(YAMLError) -> Double {
    guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any,
      let value = Double(scalar.string), range.contains(value)
    else {
      throw error(
        "found \(found); expected a number from \(range.lowerBound.shortText) to "
          + range.upperBound.shortText)
    }
    return value
  }

  /// Whether this is the word `none`, for a number that is taken away.
  public var isNone: Bool { node.string == "none" }

  /// `true` or `false`.
  public func boolean() throws(YAMLError) -> Bool {
    guard case .scalar(let scalar) = node, ["true", "false"].contains(scalar.string) else {
      throw error("found \(found); expected true or false")
    }
    return scalar.string == "true"
  }
}
