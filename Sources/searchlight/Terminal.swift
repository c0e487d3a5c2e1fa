import Foundation

/// What can be drawn over on an output: a terminal that knows how, and its size now.
package struct Terminal: Sendable {
  private let descriptor: Int32
  /// Whether lines can be drawn over: it is a terminal, and `TERM` does not say that it is a dumb
  /// one.
  package let canRedraw: Bool

  /// Looks at an output.
  ///
  /// - Parameter descriptor: 1 for standard output, 2 for standard error.
  package init(
    _ descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.descriptor = descriptor
    let kind = environment["TERM"] ?? ""
    canRedraw = isatty(descriptor) == 1 && !["", "dumb", "unknown"].contains(kind)
  }

  /// Columns and rows; asked anew each time, since windows are resized. 80 and 24 if unknown.
  package var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// A line cut to a width, so that it takes one row; what is cut off is said by `…`.
  ///
  /// Characters other than ASCII count as two columns, which is the most that one takes.
  package static func cut(_ line: String, to columns: Int) -> String {
    func width(_ character: Character) -> Int { character.isASCII ? 1 : 2 }
    let whole = line.reduce(0) { $0 + width($1) }
    guard whole > columns else { return line }
    var (kept, used) = ("", 0)
    for character in line {
      used += width(character)
      guard used <= columns - 2 else { break }
      kept.append(character)
    }
    return kept + "…"
  }
}
