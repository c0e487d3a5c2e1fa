import Foundation

/// A folder that goes away with its test.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "datasets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// All files and folders below, sorted, without lock files.
  func contents() -> [String] {
    let all = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
    return all.filter { !$0.hasSuffix("lock") }.sorted()
  }

  /// An error's text with the folder's own path left out.
  func text(_ error: any Error) -> String {
    "\(error)".replacingOccurrences(of: url.path + "/", with: "")
  }
}
