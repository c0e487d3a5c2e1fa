import Foundation
import SearchCore
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
    self.init(EditedText(text), file: file)
  }

  private init(_ text: EditedText, file: String) {
    self.text = text.text
    self.file = file
  }

  /// Reads a file.
  ///
  /// - Parameter name: The file's name for messages.
  /// - Throws: `YAMLError` if there is no such file, or if it is too large or no UTF-8.
  public init(contentsOf url: URL, shownAs name: String) throws(YAMLError) {
    do throws(EditedText.Problem) {
      self.init(try EditedText(contentsOf: url, limitBytes: Self.sizeLimit), file: name)
    } catch {
      let problem =
        switch error {
        case .absent: "there is no such file; expected a YAML file there"
        case .noFile: "is no file; expected a YAML file there"
        case .unreadable: "cannot be read; expected a YAML file there"
        case .tooLarge: "larger than 1 MiB; expected a small YAML file"
        case .notUTF8: "is not UTF-8 text; expected a YAML file"
        }
      throw YAMLError(file: name, problem)
    }
  }

  /// Reads the text's only document.
  ///
  /// - Throws: `YAMLError` with the line where it stops being YAML.
  public func parsed() throws(YAMLError) -> YAMLValue {
    try refuseAliases()
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw YAMLError(file: file, "is empty; expected a YAML mapping")
      }
      if text.utf8.contains(UInt8(ascii: "&")),
        let line = firstAnchor(node, EditedText(text).lines)
      {
        throw anchor(line: line)
      }
      return YAMLValue(node: node, file: file, path: "")
    } catch let error as YAMLError {
      throw error
    } catch {
      throw syntaxError(error)
    }
  }

  /// Refuses what may be anchors with aliases, before anything is composed of them: a few lines of
  /// anchors within anchors stand for more values than any memory holds.
  ///
  /// An ampersand alone, in a comment or in quotes, is none: no alias takes it up.
  private func refuseAliases() throws(YAMLError) {
    let aliases = Set(names(behind: "*").map(\.name))
    guard let anchor = names(behind: "&").first(where: { aliases.contains($0.name) }) else {
      return
    }
    throw self.anchor(line: anchor.line)
  }

  /// The names that stand directly behind a sign, but for lines that are comments and signs within
  /// a word, where it begins none.
  private func names(behind sign: Unicode.Scalar) -> [(name: [UInt8], line: Int)] {
    var names: [(name: [UInt8], line: Int)] = []
    for (index, line) in EditedText(text).lines.enumerated() {
      guard line.first(where: { $0 != " " }) != "#" else { continue }
      var (isName, previous): (Bool, UInt8) = (false, 0)
      for byte in line.utf8 {
        if isName, byte.isNameCharacter {
          names[names.count - 1].name.append(byte)
        } else {
          isName = byte == UInt8(ascii: sign) && !previous.isNameCharacter
          if isName { names.append(([], index + 1)) }
        }
        previous = byte
      }
    }
    return names.filter { !$0.name.isEmpty }
  }

  /// The line of the first value with an anchor, which no file here needs; the parser keeps where a
  /// value begins, and not its anchor.
  private func firstAnchor(_ node: Node, _ lines: [Substring]) -> Int? {
    if let mark = node.mark, lines.indices.contains(mark.line - 1) {
      var rest = lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1)
      // A tag may stand in front of it.
      if rest.first == "!" { rest = rest.drop { $0 != " " }.drop { $0 == " " } }
      if rest.first == "&" { return mark.line }
    }
    switch node {
    case .mapping(let mapping):
      return mapping.lazy.compactMap { pair in
        firstAnchor(pair.key, lines) ?? firstAnchor(pair.value, lines)
      }.first
    case .sequence(let sequence):
      return sequence.lazy.compactMap { firstAnchor($0, lines) }.first
    case .scalar, .alias: return nil
    }
  }

  private func anchor(line: Int) -> YAMLError {
    YAMLError(
      file: file, line: line,
      "found '&', which begins an anchor; write the value out, or put a space behind '&'")
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
