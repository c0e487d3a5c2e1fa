import CArchive
import Foundation

/// Writes the archive of generated files, byte for byte the same each time.
///
/// Owners, times and permissions are fixed, and xz runs at level 6 on one thread. Another release of
/// liblzma may still pack the same files into other bytes; the checksums of the files inside decide.
public enum ArchiveWriter {
  /// Packs files as tar and xz under a temporary name, then renames.
  ///
  /// - Throws: `archive` if libarchive cannot write it.
  public static func write(
    _ files: [(path: String, bytes: [UInt8])], to target: URL
  ) throws(DatasetError) {
    try DurableFile.makeFolder(target.deletingLastPathComponent())
    let partial = target.appendingPathExtension("partial")
    do throws(DatasetError) {
      try pack(files, partial)
      // libarchive does not sync; appending nothing and closing does.
      try OutputFile(appendingTo: partial).close()
      try DurableFile.rename(partial, to: target)
    } catch {
      try DurableFile.remove(partial)
      throw error
    }
  }

  private static func pack(
    _ files: [(path: String, bytes: [UInt8])], _ target: URL
  ) throws(DatasetError) {
    guard let archive = archive_write_new(), let entry = archive_entry_new() else {
      throw .archive(file: target.path, problem: "libarchive has no memory")
    }
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    func check(_ status: Int32) throws(DatasetError) {
      guard status == ARCHIVE_OK else {
        let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unknown reason"
        throw .archive(file: target.path, problem: "cannot be written: \(reason)")
      }
    }
    try check(archive_write_add_filter_xz(archive))
    try check(archive_write_set_filter_option(archive, "xz", "compression-level", "6"))
    try check(archive_write_set_filter_option(archive, "xz", "threads", "1"))
    try check(archive_write_set_format_ustar(archive))
    try check(archive_write_open_filename(archive, target.path))
    for file in files {
      archive_entry_clear(entry)
      archive_entry_set_pathname(entry, file.path)
      archive_entry_set_size(entry, Int64(file.bytes.count))
      archive_entry_set_mode(entry, 0o100644)
      archive_entry_set_mtime(entry, 0, 0)
      try check(archive_write_header(archive, entry))
      let written = file.bytes.withUnsafeBytes {
        archive_write_data(archive, $0.baseAddress, $0.count)
      }
      guard written == file.bytes.count else {
        throw .archive(file: target.path, problem: "cannot be written: the disk may be full")
      }
    }
    try check(archive_write_close(archive))
  }
}
