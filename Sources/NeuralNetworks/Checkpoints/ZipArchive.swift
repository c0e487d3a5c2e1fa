/// The stored files of a zip archive, as PyTorch writes them: uncompressed, without encryption.
///
/// Every place is checked against the archive's size before it is read; nothing is unpacked.
///
/// Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
struct ZipArchive {
  /// Files by name, as places in the archive.
  private(set) var files: [String: Range<Int>] = [:]

  /// Most files that are read.
  private static let mostFiles = 100_000

  /// Reads the directory at the archive's end.
  init(_ bytes: [UInt8]) throws(CheckpointError) {
    let end = try Self.endOfDirectory(bytes)
    let count = Self.integer(bytes, end + 10, 2)
    var position = Self.integer(bytes, end + 16, 4)
    guard count < 0xFFFF, position < 0xFFFF_FFFF, count <= Self.mostFiles else {
      throw CheckpointError("a zip64 archive; archives of 4 GiB or 65,535 files are not read")
    }
    for _ in 0..<count {
      guard position + 46 <= end, Self.integer(bytes, position, 4) == 0x0201_4B50 else {
        throw CheckpointError("the zip archive's directory is damaged at byte \(position)")
      }
      let nameLength = Self.integer(bytes, position + 28, 2)
      let behind =
        position + 46 + nameLength + Self.integer(bytes, position + 30, 2)
        + Self.integer(bytes, position + 32, 2)
      guard behind <= end else {
        throw CheckpointError("the zip archive's directory is damaged at byte \(position)")
      }
      let name = String(
        decoding: bytes[position + 46..<position + 46 + nameLength], as: UTF8.self)
      let place = try Self.place(of: name, entry: position, end: end, in: bytes)
      guard files.updateValue(place, forKey: name) == nil else {
        throw CheckpointError("the zip archive holds '\(name.prefix(60))' twice")
      }
      position = behind
    }
  }

  /// Where a stored file's bytes are.
  private static func place(
    of name: String, entry: Int, end: Int, in bytes: [UInt8]
  ) throws(CheckpointError) -> Range<Int> {
    let shown = name.prefix(60)
    guard integer(bytes, entry + 10, 2) == 0, integer(bytes, entry + 8, 2) & 1 == 0 else {
      throw CheckpointError("'\(shown)' is compressed or encrypted; PyTorch only stores")
    }
    let size = integer(bytes, entry + 24, 4)
    let header = integer(bytes, entry + 42, 4)
    guard size == integer(bytes, entry + 20, 4), header + 30 <= end,
      integer(bytes, header, 4) == 0x0403_4B50
    else { throw CheckpointError("'\(shown)' has no header in the zip archive") }
    let start = header + 30 + integer(bytes, header + 26, 2) + integer(bytes, header + 28, 2)
    guard start <= end, size <= end - start else {
      throw CheckpointError("'\(shown)' reaches past the zip archive's end")
    }
    return start..<start + size
  }

  /// The end record, which a comment of at most 65,535 bytes may follow.
  private static func endOfDirectory(_ bytes: [UInt8]) throws(CheckpointError) -> Int {
    var position = bytes.count - 22
    while position >= 0, position >= bytes.count - 22 - 0xFFFF {
      if bytes[position] == 0x50, integer(bytes, position, 4) == 0x0605_4B50 { return position }
      position -= 1
    }
    throw CheckpointError("the zip archive has no directory; it is cut or damaged")
  }

  private static func integer(_ bytes: [UInt8], _ position: Int, _ size: Int) -> Int {
    (0..<size).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
  }
}
