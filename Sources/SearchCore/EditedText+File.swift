import Foundation

extension EditedText {
  /// Why a file is not read.
  public enum Problem: Error, Hashable, Sendable {
    case absent
    /// A folder, a pipe or a device: a pipe would be waited for.
    case noFile
    case unreadable
    /// The file has this many bytes, or more than it said.
    case tooLarge(bytes: Int)
    case notUTF8
  }

  /// Reads a file.
  ///
  /// - Parameter limitBytes: The most that is read, so that a wrong file cannot fill the memory.
  public init(contentsOf url: URL, limitBytes: Int) throws(Problem) {
    var status = stat()
    guard stat(url.path, &status) == 0 else { throw .absent }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .noFile }
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      data = try handle.read(upToCount: limitBytes + 1) ?? Data()
    } catch {
      throw .unreadable
    }
    guard data.count <= limitBytes else {
      throw .tooLarge(bytes: max(data.count, Int(status.st_size)))
    }
    guard let text = EditedText(utf8: [UInt8](data)) else { throw .notUTF8 }
    self = text
  }
}
