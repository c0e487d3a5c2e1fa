import Foundation
import TestSupport

/// The text files of this checkout.
enum SourceTree {
  struct File: CustomStringConvertible, Sendable {
    /// Path below the repository's root, with slashes.
    let path: String
    let lines: [String]
    var description: String { path }
  }

  /// Files below some folders of the root with one of these endings, in order of their paths.
  static func files(in folders: [String], endings: Set<String>) -> [File] {
    folders.flatMap { folder -> [File] in
      let base = SharedFolder.repository.appending(path: folder)
      let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
      return (paths ?? []).filter { endings.contains(URL(filePath: $0).pathExtension) }.sorted()
        .compactMap { path in
          guard
            let text = try? String(contentsOf: base.appending(path: path), encoding: .utf8)
          else { return nil }
          return File(
            path: "\(folder)/\(path)",
            lines: text.split(
              separator: "\n", omittingEmptySubsequences: false
            ).map { String($0) })
        }
    }
  }

  static let swiftSources = files(in: ["Sources"], endings: ["swift"])
  static let swiftTests = files(in: ["Tests"], endings: ["swift"])
  static let all = files(
    in: ["Sources", "Tests", "Benchmarks", "datasets"],
    endings: ["swift", "c", "h", "inc", "py", "yaml", "md", "modulemap"])
}
