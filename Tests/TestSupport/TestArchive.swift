import CArchive
import Foundation

/// An archive made by libarchive itself, harmless or not.
public enum TestArchive {
  /// What an archive holds.
  public enum Entry: Sendable {
    case file(String, [UInt8])
    case folder(String)
    case symbolicLink(String, to: String)
    case hardLink(String, to: String)
    case device(String)
  }

  /// How an archive is packed.
  public enum Packing: String, CaseIterable, Sendable {
    case gzip, xz, bzip2, zstd, tar, zip
  }

  /// Writes an archive.
  public static func write(_ entries: [Entry], _ packing: Packing = .tar, to file: URL) {
    let archive = archive_write_new()
    switch packing {
    case .gzip: archive_write_add_filter_gzip(archive)
    case .xz: archive_write_add_filter_xz(archive)
    case .bzip2: archive_write_add_filter_bzip2(archive)
    case .zstd: archive_write_add_filter_zstd(archive)
    case .tar, .zip: break
    }
    if packing == .zip {
      archive_write_set_format_zip(archive)
    } else {
      archive_write_set_format_ustar(archive)
    }
    archive_write_open_filename(archive, file.path)
    for entry in entries { write(entry, archive) }
    archive_write_close(archive)
    archive_write_free(archive)
  }

  private static func write(_ entry: Entry, _ archive: OpaquePointer?) {
    let header = archive_entry_new()
    defer { archive_entry_free(header) }
    var bytes: [UInt8] = []
    switch entry {
    case .file(let path, let content):
      archive_entry_set_pathname(header, path)
      archive_entry_set_mode(header, 0o100644)
      bytes = content
    case .folder(let path):
      archive_entry_set_pathname(header, path)
      archive_entry_set_mode(header, 0o040755)
    case .symbolicLink(let path, let target):
      archive_entry_set_pathname(header, path)
      archive_entry_set_mode(header, 0o120777)
      archive_entry_set_symlink(header, target)
    case .hardLink(let path, let target):
      archive_entry_set_pathname(header, path)
      archive_entry_set_mode(header, 0o100644)
      archive_entry_set_hardlink(header, target)
    case .device(let path):
      archive_entry_set_pathname(header, path)
      archive_entry_set_mode(header, 0o020644)
    }
    archive_entry_set_size(header, Int64(bytes.count))
    archive_write_header(archive, header)
    if !bytes.isEmpty { archive_write_data(archive, bytes, bytes.count) }
  }
}
