import Foundation

/// Keeps two processes from filling the same dataset's folder at once; released when it goes away or
/// its process dies.
package final class FileLock: Sendable {
  private let descriptor: Int32

  /// Waits for the lock and takes it.
  ///
  /// - Parameter file: An empty file that stands for the lock; made, with its folder, if it is not
  ///   there.
  package init(_ file: URL) throws(DatasetError) {
    while true {
      let descriptor = try Self.locked(file)
      if Self.isStill(file, descriptor) {
        self.descriptor = descriptor
        return
      }
      // Somebody removed it in the meantime: this lock keeps nobody out.
      close(descriptor)
    }
  }

  private static func locked(_ file: URL) throws(DatasetError) -> Int32 {
    try DurableFile.makeFolder(file.deletingLastPathComponent())
    let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .fileSystem(
        path: file.path, problem: "cannot be written: \(DurableFile.systemMessage())")
    }
    while flock(descriptor, LOCK_EX) != 0 {
      if errno == EINTR { continue }
      let problem = "cannot be locked: \(DurableFile.systemMessage())"
      close(descriptor)
      throw .fileSystem(path: file.path, problem: problem)
    }
    return descriptor
  }

  /// Whether the file that was locked still has its name.
  private static func isStill(_ file: URL, _ descriptor: Int32) -> Bool {
    var (named, opened) = (stat(), stat())
    return stat(file.path, &named) == 0 && fstat(descriptor, &opened) == 0
      && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
  }

  deinit { close(descriptor) }
}
