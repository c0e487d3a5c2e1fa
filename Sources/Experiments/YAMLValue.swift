import SearchCore
import Foundation
import Yams

/// A value of a YAML file, with its place, so that whatever is wrong can be said in one line.
struct YAMLValue {
  let node: Node
  /// File name as the user gave it.
  let file: String
  /// Place within the file in words: `studies[0].budget`; empty at the top.
  let path: String

  /// Largest file that is read, in bytes.
  static let sizeLimit = 1 << 20

  /// Reads a file as YAML.
  static func read(_ url: URL, shownAs name: String) throws(SuiteError) -> YAMLValue {
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      data = try handle.read(upToCount: sizeLimit + 1) ?? Data()
    } catch {
      throw SuiteError("\(name): cannot be read; expected a YAML file there")
    }
    guard data.count <= sizeLimit else {
      throw SuiteError("\(name): larger than 1 MiB; expected a small YAML file")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw SuiteError("\(name): is not UTF-8 text; expected a YAML file")
    }
    return try parse(text, file: name)
  }

  /// Reads a text as YAML.
  static func parse(_ text: String, file: String) throws(SuiteError) -> YAMLValue {
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw SuiteError("\(file): is empty; expected a YAML mapping")
      }
      return YAMLValue(node: node, file: file, path: "")
    } catch let error as SuiteError {
      throw error
    } catch {
      let line = "\(error)".split(whereSeparator: \.isNewline).first.map(String.init) ?? "no detail"
      throw SuiteError("\(file): is not valid YAML (\(line))")
    }
  }

  /// An error at this place.
  func error(_ message: String) -> SuiteError {
    let line = node.mark.map { ":\($0.line)" } ?? ""
    let place = path.isEmpty ? "" : "\(path): "
    return SuiteError("\(file)\(line): \(place)\(message)")
  }

  /// What stands here, in words for an error.
  var found: String {
    switch node {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .scalar(let scalar): "'\(scalar.string.prefix(60))'"
    case .alias: "an alias"
    }
  }

  /// The entries of a mapping, each key among those known.
  func mapping(keys: [String]) throws(SuiteError) -> [String: YAMLValue] {
    guard case .mapping(let mapping) = node else {
      throw error("found \(found); expected a mapping with \(keys.joined(separator: ", "))")
    }
    var entries: [String: YAMLValue] = [:]
    for (key, value) in mapping {
      guard let name = key.string, keys.contains(name) else {
        let place = YAMLValue(node: key, file: file, path: path)
        throw place.error(
          Self.unknown("key", key.string ?? "", among: keys))
      }
      entries[name] = YAMLValue(
        node: value, file: file, path: path.isEmpty ? name : "\(path).\(name)")
    }
    return entries
  }

  /// One line about a name that is not known.
  static func unknown(_ what: String, _ name: String, among known: [String]) -> String {
    let hint = NearestName.of(name, among: known).map { "did you mean '\($0)'?" }
    let list = known.isEmpty ? "there is none" : "expected one of \(known.joined(separator: ", "))"
    return "unknown \(what) '\(name.prefix(60))'; \(hint ?? list)"
  }

  /// The value of a required key.
  func required(_ key: String, in entries: [String: YAMLValue]) throws(SuiteError) -> YAMLValue {
    guard let value = entries[key] else { throw error("key '\(key)' is missing") }
    return value
  }

  /// The elements of a list.
  func list(counts: ClosedRange<Int>) throws(SuiteError) -> [YAMLValue] {
    guard case .sequence(let sequence) = node, counts.contains(sequence.count) else {
      let number = node.sequence.map { "a list of \($0.count)" } ?? found
      throw error(
        "found \(number); expected a list of \(counts.lowerBound) to \(counts.upperBound)")
    }
    return sequence.enumerated().map {
      YAMLValue(node: $0.element, file: file, path: "\(path)[\($0.offset)]")
    }
  }

  /// A text of bounded length.
  func text(longest: Int = 200) throws(SuiteError) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty,
      scalar.string.utf8.count <= longest
    else { throw error("found \(found); expected a text of 1 to \(longest) bytes") }
    return scalar.string
  }

  /// A name that can also be a folder: lower kebab case.
  func identifier() throws(SuiteError) -> String {
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
  func name(_ what: String, among known: [String]) throws(SuiteError) -> String {
    let text = try text()
    guard known.contains(text) else { throw error(Self.unknown(what, text, among: known)) }
    return text
  }

  /// A whole number within bounds.
  func integer(in range: ClosedRange<Int>) throws(SuiteError) -> Int {
    guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any,
      let value = Int(scalar.string), range.contains(value)
    else {
      throw error(
        "found \(found); expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A number within bounds.
  func number(in range: ClosedRange<Double>) throws(SuiteError) -> Double {
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
  var isNone: Bool { node.string == "none" }

  /// `true` or `false`.
  func boolean() throws(SuiteError) -> Bool {
    guard case .scalar(let scalar) = node, ["true", "false"].contains(scalar.string) else {
      throw error("found \(found); expected true or false")
    }
    return scalar.string == "true"
  }
}

extension Double {
  /// The number without a fraction of zero: `12000` rather than `12000.0`.
  package var shortText: String {
    self == rounded() && magnitude < 1e15 ? String(Int(self)) : String(self)
  }
}
