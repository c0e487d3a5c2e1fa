import Crypto
import Foundation

/// Writes whole files so that a reader finds either the old one or the new one.
public enum RecordFile {
  /// Writes under a temporary name, then renames.
  ///
  /// - Parameters:
  ///   - durable: Whether to wait until file and folder are on disk; progress need not be.
  /// - Throws: `SuiteError` naming the file and what the system said.
  public static func write(_ data: Data, to url: URL, durable: Bool = true) throws(SuiteError) {
    let folder = url.deletingLastPathComponent()
    try createFolder(folder)
    let temporary = folder.appending(
      path: ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("create", temporary) }
    var closed = false
    defer {
      if !closed { close(descriptor) }
      unlink(temporary.path)
    }
    try writeAll(data, to: descriptor, of: url)
    if durable, fsync(descriptor) != 0 { throw failure("sync", url) }
    closed = true
    guard close(descriptor) == 0 else { throw failure("close", url) }
    guard rename(temporary.path, url.path) == 0 else { throw failure("rename to", url) }
    if durable { try syncFolder(folder) }
  }

  /// SHA-256 of bytes, in hexadecimal.
  public static func checksum(of data: Data) -> String { SHA256.hash(data: data).hexadecimal }

  /// SHA-256 of a file, in hexadecimal; `nil` if it cannot be read.
  ///
  /// Read piece by piece, so that a file of any size takes little memory.
  public static func checksum(ofFile url: URL) -> String? {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var function = SHA256()
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { piece.deallocate() }
    while true {
      let count = Foundation.read(descriptor, piece.baseAddress, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { return function.finalize().hexadecimal }
      function.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
    }
  }

  /// Size of a file, in bytes; `nil` if there is none.
  package static func size(of url: URL) -> Int? {
    var facts = stat()
    return stat(url.path, &facts) == 0 ? Int(facts.st_size) : nil
  }

  /// Makes a folder and those above it, if they are not there.
  public static func createFolder(_ url: URL) throws(SuiteError) {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw SuiteError("\(url.path): cannot be created; expected a folder that can be written")
    }
  }

  /// Writes all bytes, however many calls it takes.
  package static func writeAll(_ data: Data, to descriptor: Int32, of url: URL) throws(SuiteError) {
    let written = data.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count > 0 { offset += count } else if errno != EINTR { return false }
      }
      return true
    }
    guard written else { throw failure("write", url) }
  }

  /// Waits until the folder's entries are on disk.
  static func syncFolder(_ url: URL) throws(SuiteError) {
    let descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", url) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("sync", url) }
  }

  /// The error of the last system call, in one line.
  package static func failure(_ action: String, _ url: URL) -> SuiteError {
    let reason = String(cString: strerror(errno))
    return SuiteError("\(url.path): could not \(action) this file (\(reason))")
  }
}
