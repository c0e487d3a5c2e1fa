import CArchive
import Foundation

/// An archive read from front to back by libarchive.
package final class ArchiveReader {
  /// What an entry is.
  package enum Kind: Sendable {
    case file, folder, link, special
  }

  /// The header of an entry.
  package struct Entry: Sendable {
    /// Path as written in the archive; `nil` if it is not text.
    package let path: String?
    package let kind: Kind
  }

  private let name: String
  private let archive: OpaquePointer
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

  /// Opens an archive.
  ///
  /// - Throws: `archive` if it is none, or of a format that is not read.
  package init(_ file: URL) throws(DatasetError) {
    name = file.relativePath
    guard let archive = archive_read_new() else {
      buffer.deallocate()
      throw .archive(file: file.relativePath, problem: "libarchive has no memory")
    }
    self.archive = archive
    // Only what datasets come in; every further format is more code that a bad file could reach.
    archive_read_support_filter_gzip(archive)
    archive_read_support_filter_xz(archive)
    archive_read_support_filter_bzip2(archive)
    archive_read_support_filter_zstd(archive)
    archive_read_support_format_tar(archive)
    archive_read_support_format_zip(archive)
    guard archive_read_open_filename(archive, file.path, 1 << 16) == ARCHIVE_OK else {
      throw failure()
    }
  }

  deinit {
    buffer.deallocate()
    archive_read_free(archive)
  }

  /// Goes to the next entry; `nil` at the end.
  package func nextEntry() throws(DatasetError) -> Entry? {
    // Names that are not ASCII can be had only where the locale has characters for them; the
    // program's own has none.
    let before = Self.unicode.map { uselocale($0) }
    defer { if let before { uselocale(before) } }
    var header: OpaquePointer?
    let status = archive_read_next_header(archive, &header)
    if status == ARCHIVE_EOF { return nil }
    // A warning is about attributes, such as a name in another encoding; those are not used.
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let header else { throw failure() }
    let path =
      (archive_entry_pathname_utf8(header) ?? archive_entry_pathname(header)).map {
        String(cString: $0)
      }
    let isLink = archive_entry_hardlink(header) != nil || archive_entry_symlink(header) != nil
    return Entry(path: path, kind: isLink ? .link : Self.kind(archive_entry_filetype(header)))
  }

  /// The next bytes of the entry, valid until the next call; `nil` at its end.
  package func nextPiece() throws(DatasetError) -> UnsafeRawBufferPointer? {
    let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
    guard count >= 0 else { throw failure() }
    return count == 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer[..<count])
  }

  nonisolated(unsafe) private static let unicode = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)

  /// libarchive's `AE_IF…` values, whose macros Swift does not import.
  private static func kind(_ type: UInt32) -> Kind {
    switch type {
    case 0o100000: .file
    case 0o040000: .folder
    case 0o120000: .link
    default: .special
    }
  }

  private func failure() -> DatasetError {
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "cannot be read"
    let line = reason.split(whereSeparator: { $0.isNewline }).joined(separator: " ")
    return .archive(
      file: name,
      problem: "is truncated, damaged or no archive (\(line)); nothing was written")
  }
}
