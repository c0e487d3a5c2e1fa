import Foundation

/// Files of `/proc` and `/sys`, which the kernel writes: nobody edits them, and they have no size
/// beforehand.
package struct KernelFile {
  private let url: URL

  /// Names a file by its absolute path.
  ///
  /// - Parameter root: Where the paths begin; tests have a folder of their own.
  package init(_ path: String, below root: URL = URL(filePath: "/")) {
    url = root.appending(path: path)
  }

  /// What stands in it, without blanks at both ends; `nil` if it cannot be read.
  package var text: String? {
    guard let handle = try? FileHandle(forReadingFrom: url) else { return nil }
    defer { try? handle.close() }
    guard let data = try? handle.readToEnd() else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Its lines; none if it cannot be read.
  package var lines: [Substring] { text?.split(separator: "\n") ?? [] }

  /// The number that stands in it alone.
  package var number: Int? { text.flatMap { Int($0) } }
}
