import Experiments
import Foundation

/// A file that somebody named to be written.
///
/// It is replaced whole or not at all; a device or a pipe of that name is written into and stays
/// what it is, and so does a link. Folders are made by those who name them.
struct GivenFile {
  private let url: URL

  /// Names a file.
  init(_ path: String) { url = URL(filePath: path) }

  /// Writes the file.
  ///
  /// - Throws: One line that says what is in the way.
  func write(_ data: Data) throws {
    try check()
    var status = stat()
    if stat(url.path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      return try writeInto(data)
    }
    try RecordFile.write(data, to: url.resolvingSymlinksInPath())
  }

  /// Looks whether the file can be written, before the work that fills it.
  func check() throws {
    let path = url.relativePath
    guard !Self.isFolder(url) else {
      throw CommandFailure("\(path): is a folder; expected the name of a file")
    }
    let folder = url.resolvingSymlinksInPath().deletingLastPathComponent()
    guard Self.isFolder(folder) else {
      throw CommandFailure("\(path): there is no folder \(folder.path); make it first")
    }
  }

  private func writeInto(_ data: Data) throws {
    let descriptor = open(url.path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw RecordFile.failure("open", url) }
    defer { close(descriptor) }
    try RecordFile.writeAll(data, to: descriptor, of: url)
  }

  private static func isFolder(_ place: URL) -> Bool {
    var status = stat()
    return stat(place.path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
