/// Text that people may have edited, the same whatever editor or system saved it.
///
/// Lines end in LF, CRLF or CR (in Swift, CRLF is one `Character` that is no "\n"), a byte order
/// mark may stand in front, and the last line may have no end. Every file that people may edit is
/// read through here.
public struct EditedText: Hashable, Sendable {
  /// The text without a byte order mark; its lines end in LF.
  public let text: String

  /// Takes a text as it was saved.
  public init(_ text: String) {
    self.text = String(decoding: Self.normalized(Array(text.utf8)), as: UTF8.self)
  }

  /// Takes the bytes of a file; `nil` if they are no UTF-8.
  public init?(utf8 bytes: [UInt8]) {
    guard let text = String(validating: Self.normalized(bytes), as: UTF8.self) else { return nil }
    self.text = text
  }

  /// The lines without their ends; empty ones count, but for what follows the last end.
  public var lines: [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// The bytes without a byte order mark, with LF for each end of a line.
  public static func normalized(_ bytes: [UInt8]) -> [UInt8] {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let rest = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    guard rest.contains(0x0D) else { return Array(rest) }
    var normalized: [UInt8] = []
    normalized.reserveCapacity(rest.count)
    var isBehindReturn = false
    for byte in rest {
      if byte == 0x0D {
        normalized.append(0x0A)
      } else if byte != 0x0A || !isBehindReturn {
        normalized.append(byte)
      }
      isBehindReturn = byte == 0x0D
    }
    return normalized
  }
}

extension String {
  /// The text on one line, for messages that quote what somebody wrote: ends of lines and other
  /// control characters are shown as Swift writes them, `\n` or `\u{1B}`.
  public var onOneLine: String {
    // The separators of lines and paragraphs, and the marks that turn the direction of writing.
    let unseen: [ClosedRange<UInt32>] = [
      0...0x1F, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF...0xFEFF,
    ]
    var line = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      case "\t": line += "\\t"
      case _ where unseen.contains { $0.contains(scalar.value) }:
        line += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
