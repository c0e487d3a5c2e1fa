import CArchive
import Foundation

/// Unpacks the files that a manifest names from an archive, and nothing else.
///
/// Reads tar and zip, plain or packed by gzip, xz, bzip2 or zstd, in one pass. An archive from
/// outside is not trusted: one that holds absolute or `..` paths, links or devices, or more entries
/// or bytes than allowed, is refused whole, and what was written of it is removed.
public struct ArchiveUnpacker: Sendable {
  /// The files to write; others are read past.
  public let files: [DatasetManifest.File]
  public let limits: DatasetManifest.Limits

  public init(files: [DatasetManifest.File], limits: DatasetManifest.Limits) {
    self.files = files
    self.limits = limits
  }

  /// Unpacks into a folder.
  ///
  /// Each file is written under a temporary name, compared with its size and checksums, and renamed.
  ///
  /// - Returns: Paths of the files written, in the archive's order.
  /// - Throws: `archive` with what was wrong; then nothing of the archive is in the folder.
  public func unpack(_ archive: URL, into folder: URL) throws(DatasetError) -> [String] {
    var written: [String] = []
    do throws(DatasetError) {
      try refuseWebPage(archive)
      let reader = try ArchiveReader(archive)
      var entries = 0
      var bytes = 0
      while let entry = try reader.nextEntry() {
        entries += 1
        guard entries <= limits.entries else {
          throw refusal(archive, "holds more than \(limits.entries) entries")
        }
        let path = try checkedPath(entry, archive)
        guard entry.kind == .file else { continue }
        let file = files.first { $0.path == path }
        if let file {
          guard !written.contains(file.path) else {
            throw refusal(archive, "holds '\(path)' twice")
          }
          written.append(file.path)
        }
        bytes += try copy(
          reader, file, to: folder, archive: archive, allowed: limits.unpackedBytes - bytes)
      }
      return written
    } catch {
      for path in written {
        try DurableFile.remove(folder.appending(path: path))
        try DurableFile.remove(folder.appending(path: path + ".partial"))
      }
      throw error
    }
  }

  /// Path of an entry, once it is known to be harmless.
  private func checkedPath(_ entry: ArchiveReader.Entry, _ archive: URL) throws(DatasetError)
    -> String
  {
    guard let path = entry.path else { throw refusal(archive, "holds an entry without a name") }
    if path.hasPrefix("/") {
      throw refusal(archive, "holds '\(path)', an absolute path")
    }
    let parts = path.split(separator: "/")
    if parts.contains("..") {
      throw refusal(archive, "holds '\(path)', a path that leaves its folder")
    }
    switch entry.kind {
    case .file, .folder: return parts.filter { $0 != "." }.joined(separator: "/")
    case .link: throw refusal(archive, "holds '\(path)', a link")
    case .special: throw refusal(archive, "holds '\(path)', a device or another special file")
    }
  }

  /// Reads an entry to its end, writing it if it is wanted, and returns its bytes.
  private func copy(
    _ reader: ArchiveReader, _ file: DatasetManifest.File?, to folder: URL, archive: URL,
    allowed: Int
  ) throws(DatasetError) -> Int {
    let target = file.map { folder.appending(path: $0.path) }
    let partial = file.map { folder.appending(path: $0.path + ".partial") }
    var output: OutputFile?
    if let target, let partial {
      try DurableFile.makeFolder(target.deletingLastPathComponent())
      output = try OutputFile(creating: partial)
    }
    var verifier = file.map { FileVerifier($0) }
    var count = 0
    while let piece = try reader.nextPiece() {
      count += piece.count
      guard count <= allowed else {
        throw refusal(archive, "unpacks to more than \(limits.unpackedBytes) bytes")
      }
      verifier?.update(piece)
      if verifier?.isTooLong == true { break }
      try output?.write(piece)
    }
    try output?.close()
    if let problem = verifier?.problem(), let file {
      throw refusal(archive, "'\(file.path)' \(problem)")
    }
    if let target, let partial { try DurableFile.rename(partial, to: target) }
    return count
  }

  /// A download that failed often leaves a page that says so, under the archive's name.
  private func refuseWebPage(_ archive: URL) throws(DatasetError) {
    guard WebPage.isStart(try DurableFile.head(archive, bytes: 512)[...]) else { return }
    throw refusal(archive, "is a web page (HTML), not an archive")
  }

  private func refusal(_ archive: URL, _ problem: String) -> DatasetError {
    .archive(file: archive.relativePath, problem: "\(problem); nothing was written")
  }
}

/// Recognizes HTML where data should be.
package enum WebPage {
  /// Whether bytes begin as an HTML page does.
  package static func isStart(_ bytes: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: bytes.prefix(256), as: UTF8.self).lowercased()
    let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    return ["<!doctype html", "<html", "<head", "<?xml version"].contains { start.hasPrefix($0) }
  }
}

/// Compares the bytes of a file with its manifest's size and checksums.
package struct FileVerifier {
  private let file: DatasetManifest.File
  private var stream: ChecksumStream
  private var sizeBytes = 0
  /// The beginning of a text, to tell what it is if it is not the one expected.
  private var head: [UInt8] = []

  /// Starts with no bytes read; SHA-256 is computed whether or not the manifest has it.
  package init(_ file: DatasetManifest.File) {
    self.file = file
    stream = ChecksumStream(
      [.sha256] + file.checksums.map { $0.algorithm }, sizeBytes: file.sizeBytes)
  }

  /// Takes in the next bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    sizeBytes += bytes.count
    stream.update(bytes)
    if file.text != nil { head += bytes.prefix(TextVariant.headBytes - head.count) }
  }

  /// Whether there are more bytes than the manifest says; the rest need not be read.
  package var isTooLong: Bool { sizeBytes > file.sizeBytes }

  /// What is wrong with all bytes so far, or `nil`.
  package func problem() -> String? {
    guard let mismatch = mismatch() else { return nil }
    // A text of another kind is named by it, which says more than a checksum.
    guard let text = file.text, let found = TextVariant.found(in: head, marks: text.marks) else {
      return mismatch
    }
    return "holds \(found), expected \(TextVariant.expected)"
  }

  private func mismatch() -> String? {
    if isTooLong { return "has more than the \(file.sizeBytes) bytes expected" }
    guard sizeBytes == file.sizeBytes else {
      return "has \(sizeBytes) bytes, expected \(file.sizeBytes)"
    }
    return stream.mismatch(with: file.checksums).map { mismatch in
      "has \(mismatch.found.algorithm.rawValue) \(mismatch.found.value), expected "
        + mismatch.expected.value
    }
  }

  /// SHA-256 of all bytes so far.
  package var checksum: FileChecksum? {
    stream.checksums().first.map { FileChecksum(path: file.path, checksum: $0) }
  }
}
