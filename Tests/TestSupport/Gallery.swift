import Foundation

/// Keeps what tests draw, for looking at: set `$SEARCHLIGHT_GALLERY` to a folder.
public enum Gallery {
  /// Writes a drawing into the folder, if one is named.
  public static func keep(_ bytes: [UInt8], as name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["SEARCHLIGHT_GALLERY"] else { return }
    let file = URL(filePath: folder).appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }
}
