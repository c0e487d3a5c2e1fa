import Foundation

/// Real data that some tests use when it is there: the folder named by `$SEARCHLIGHT_TEST_DATA`, or
/// `../shared` beside the checkout.
public enum SharedFolder {
  /// The checkout's root.
  public static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The place of a file below the folder, or `nil` if it is not there.
  public static func path(_ relative: String) -> URL? {
    let root =
      ProcessInfo.processInfo.environment["SEARCHLIGHT_TEST_DATA"].map { URL(filePath: $0) }
      ?? repository.deletingLastPathComponent().appending(path: "shared")
    let file = root.appending(path: relative)
    return FileManager.default.fileExists(atPath: file.path) ? file : nil
  }
}
