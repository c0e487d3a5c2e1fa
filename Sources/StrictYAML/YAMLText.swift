import Foundation
import Yams

/// The text of a small YAML file, bounded before it is read and checked before it is parsed.
public struct YAMLText: Sendable {
  /// The file's content.
  public let text: String
  /// The file's name as the user gave it.
  public let file: String

  /// Largest file that is read, in bytes.
  static let sizeLimit = 1 << 20

  /// Takes a text.
  public init(_ text: String, file: String) {
    self.text = text
    self.file = file
  }

  /// Reads a file.
  ///
  /// - Parameter name: The file's name for messages.
  /// - Throws: `YAMLError` if there is no such file, or if it is too large or no UTF-8.
  public init(contentsOf url: URL, shownAs name: String) throws(YAMLError) {
    var status = stat()
    guard stat(url.path, &status) == 0 else {
      throw YAMLError(file: name, "there is no such file; expected a YAML file there")
    }
    // A pipe would be waited for; a folder has no bytes.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw YAMLError(file: name, "is no file; expected a YAML file there")
    }
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      data = try handle.read(upToCount: Self.sizeLimit + 1) ?? Data()
    } catch {
      throw YAMLError(file: name, "cannot be read; expected a YAML file there")
    }
    guard data.count <= Self.sizeLimit else {
      throw YAMLError(file: name, "larger than 1 MiB; expected a small YAML file")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw YAMLError(file: name, "is not UTF-8 text; expected a YAML file")
    }
    self.init(text, file: name)
  }

  /// Reads the text's only document.
  ///
  /// - Throws: `YAMLError` with the line where it stops being YAML.
  public func parsed() throws(YAMLError) -> YAMLValue {
    try refuseAnchors()
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw YAMLError(file: file, "is empty; expected a YAML mapping")
      }
      return YAMLValue(node: node, file: file, path: "")
    } catch let error as YAMLError {
      throw error
    } catch {
      throw syntaxError(error)
    }
  }

  /// Refuses anchors: a few lines of anchors within anchors stand for more values than any memory
  /// holds, and no file here needs one.
  private func refuseAnchors() throws(YAMLError) {
    var line = 1
    var previous: UInt8 = 0
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      if byte == UInt8(ascii: "\n") { line += 1 }
      // Within a word, as in `AT&T` or an address, it is no anchor.
      if previous == UInt8(ascii: "&"), byte.isNameCharacter {
        throw YAMLError(
          file: file, line: line,
          "found '&', which begins an anchor; write the value out, or put a space behind '&'")
      }
      previous = byte == UInt8(ascii: "&") && previous.isNameCharacter ? 0 : byte
    }
  }

  private func syntaxError(_ error: any Error) -> YAMLError {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return YAMLError(
        file: file, line: mark.line, "cannot be read as YAML: \(Self.own[problem] ?? problem)")
    case .reader(let problem, _, _, _):
      return YAMLError(file: file, "cannot be read as YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.sorted().map { "'\($0.prefix(60))'" }.joined(separator: ", ")
      return YAMLError(
        file: file, line: context.mark.line, "found twice: key \(names); expected it once")
    default:
      return YAMLError(file: file, "cannot be read as YAML")
    }
  }

  /// Problems that the parser says in words for programmers.
  private static let own = [
    "Maximum nesting level reached, set with yaml_set_max_nest_level())":
      "more than 1000 values inside each other",
    "but found another document": "found another document; expected one",
  ]
}

extension UInt8 {
  /// Whether the byte may stand in the name of an anchor.
  fileprivate var isNameCharacter: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
