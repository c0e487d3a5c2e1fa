import Foundation

/// Keeps two processes from filling the same dataset's folder at once; released when it goes away or
/// its process dies.
package final class FileLock {
  private let descriptor: Int32

  /// Waits for the lock and takes it.
  ///
  /// - Parameter file: An empty file that stands for the lock; made if it is not there.
  package init(_ file: URL) throws(DatasetError) {
    descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
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
  }

  deinit { close(descriptor) }
}
