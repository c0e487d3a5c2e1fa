import Foundation

/// Files written so that a kill leaves either the whole file or none: a temporary name, `fsync`,
/// then a rename.
package enum DurableFile {
  /// Makes a folder and the folders above it.
  package static func makeFolder(_ folder: URL) throws(DatasetError) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .fileSystem(path: folder.path, problem: "cannot make the folder")
    }
  }

  /// Removes a file or a folder with all it holds; one that is not there is no error.
  package static func remove(_ item: URL) throws(DatasetError) {
    guard exists(item) else { return }
    do {
      try FileManager.default.removeItem(at: item)
    } catch {
      throw .fileSystem(path: item.path, problem: "cannot be removed")
    }
  }

  /// Whether there is a file, a folder or a link of this name.
  package static func exists(_ item: URL) -> Bool {
    var status = stat()
    return lstat(item.path, &status) == 0
  }

  /// Size of a regular file in bytes; `nil` if there is none.
  package static func sizeBytes(_ file: URL) -> Int? {
    var status = stat()
    guard stat(file.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Whether there is a folder of this name.
  package static func isFolder(_ item: URL) -> Bool {
    var status = stat()
    return stat(item.path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Names in a folder, sorted; none if there is no folder.
  package static func names(in folder: URL) -> [String] {
    guard isFolder(folder) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    } catch {
      // A folder that cannot be listed holds nothing that could be used.
      return []
    }
  }

  /// Renames within one file system, replacing a file of the new name, and syncs the folder.
  package static func rename(_ source: URL, to target: URL) throws(DatasetError) {
    guard Foundation.rename(source.path, target.path) == 0 else {
      throw .fileSystem(path: target.path, problem: "cannot be put in place: \(systemMessage())")
    }
    syncFolder(target.deletingLastPathComponent())
  }

  /// Writes a whole file under a temporary name, syncs it, and renames it.
  package static func write(_ bytes: [UInt8], to file: URL) throws(DatasetError) {
    let temporary = file.appendingPathExtension("partial")
    let output = try OutputFile(creating: temporary)
    do throws(DatasetError) {
      try bytes.withUnsafeBufferPointer { (buffer) throws(DatasetError) in
        try output.write(UnsafeRawBufferPointer(buffer))
      }
      try output.close()
      try rename(temporary, to: file)
    } catch {
      try remove(temporary)
      throw error
    }
  }

  /// Reads a file in pieces of at most 1 MiB.
  ///
  /// - Throws: `fileSystem` if it cannot be read, and what `body` throws.
  package static func read(
    _ file: URL, _ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .fileSystem(path: file.path, problem: "cannot be read: \(systemMessage())")
    }
    defer { close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw .fileSystem(path: file.path, problem: "cannot be read: \(systemMessage())")
      }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Reads the first bytes of a file, all of them if there are fewer.
  package static func head(_ file: URL, bytes wanted: Int) throws(DatasetError) -> [UInt8] {
    let handle = open(file.path, O_RDONLY | O_CLOEXEC)
    guard handle >= 0 else {
      throw .fileSystem(path: file.path, problem: "cannot be read: \(systemMessage())")
    }
    defer { close(handle) }
    var bytes = [UInt8](repeating: 0, count: wanted)
    let count = Foundation.read(handle, &bytes, wanted)
    guard count >= 0 else {
      throw .fileSystem(path: file.path, problem: "cannot be read: \(systemMessage())")
    }
    return Array(bytes.prefix(count))
  }

  /// Reads a file whole.
  ///
  /// - Parameter limitBytes: More than this is refused, so that a wrong file cannot fill the memory.
  package static func contents(_ file: URL, limitBytes: Int) throws(DatasetError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(sizeBytes(file) ?? 0, limitBytes))
    try read(file) { (piece) throws(DatasetError) in
      guard bytes.count + piece.count <= limitBytes else {
        throw .fileSystem(path: file.path, problem: "is larger than \(limitBytes) bytes")
      }
      bytes.append(contentsOf: piece)
    }
    return bytes
  }

  /// What the system says of the last failed call.
  package static func systemMessage() -> String { String(cString: strerror(errno)) }

  private static func syncFolder(_ folder: URL) {
    // A rename is durable only once its folder is; a file system without it is no reason to stop.
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// A file being written, by the calls that tell a full disk from a written byte.
package final class OutputFile {
  private let url: URL
  private var descriptor: Int32
  /// Bytes in the file so far.
  package private(set) var sizeBytes = 0

  /// Makes an empty file, replacing one of the same name.
  package convenience init(creating url: URL) throws(DatasetError) {
    try self.init(url, flags: O_WRONLY | O_CREAT | O_TRUNC)
  }

  /// Opens a file to write after its last byte, making it if it is not there.
  package convenience init(appendingTo url: URL) throws(DatasetError) {
    try self.init(url, flags: O_WRONLY | O_CREAT | O_APPEND)
    sizeBytes = DurableFile.sizeBytes(url) ?? 0
  }

  private init(_ url: URL, flags: Int32) throws(DatasetError) {
    self.url = url
    // A link in the way is not followed: the file would land somewhere else.
    descriptor = open(url.path, flags | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else {
      throw .fileSystem(
        path: url.path, problem: "cannot be written: \(DurableFile.systemMessage())")
    }
  }

  deinit { if descriptor >= 0 { Foundation.close(descriptor) } }

  /// Appends bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let count = Foundation.write(descriptor, piece.baseAddress, piece.count)
      guard count > 0 else {
        if errno == EINTR { continue }
        throw .fileSystem(
          path: url.path, problem: "cannot be written: \(DurableFile.systemMessage())")
      }
      rest = rest.dropFirst(count)
      sizeBytes += count
    }
  }

  /// Throws away what was written so far.
  package func truncate() throws(DatasetError) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw .fileSystem(
        path: url.path, problem: "cannot be cut: \(DurableFile.systemMessage())")
    }
    sizeBytes = 0
  }

  /// Waits until the bytes are on the disk, and closes the file.
  package func close() throws(DatasetError) {
    let synced = fsync(descriptor) == 0
    let problem = DurableFile.systemMessage()
    let closed = Foundation.close(descriptor) == 0
    descriptor = -1
    guard synced, closed else {
      throw .fileSystem(path: url.path, problem: "cannot be written: \(problem)")
    }
  }
}
