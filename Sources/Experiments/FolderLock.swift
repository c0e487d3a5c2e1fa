import Foundation

/// Keeps two processes from running the same suite at once; released when it goes away or its
/// process dies.
public final class FolderLock {
  private let descriptor: Int32

  /// Takes the lock, or says that another process has it.
  ///
  /// - Parameters:
  ///   - file: An empty file that stands for the lock, beside the folder: the folder itself may be
  ///     moved aside.
  ///   - folder: What is locked, for the error.
  init(_ file: URL, of folder: URL) throws(SuiteError) {
    try RecordFile.createFolder(file.deletingLastPathComponent())
    descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RecordFile.failure("open", file) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw SuiteError(
        "\(folder.path): another 'searchlight run' works on this suite; wait for it, or stop it "
          + "first")
    }
  }

  deinit { close(descriptor) }
}
