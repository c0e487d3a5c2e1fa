/// A zip of stored files, byte for byte as its specification (APPNOTE 6.3) says.
enum StoredZip {
  /// - Parameter saysUTF8: Whether bit 11 says that names are UTF-8.
  static func archive(_ files: [(name: [UInt8], bytes: [UInt8])], saysUTF8: Bool) -> [UInt8] {
    var body: [UInt8] = []
    var directory: [UInt8] = []
    for file in files {
      let common =
        word(20) + word(saysUTF8 ? 1 << 11 : 0) + word(0) + word(0) + word(0x21)
        + long(checksum(file.bytes)) + long(UInt32(file.bytes.count))
        + long(UInt32(file.bytes.count)) + word(UInt16(file.name.count)) + word(0)
      directory +=
        long(0x0201_4B50) + word(20) + common + word(0) + word(0) + word(0) + long(0)
        + long(UInt32(body.count)) + file.name
      body += long(0x0403_4B50) + common + file.name + file.bytes
    }
    let count = UInt16(files.count)
    return body + directory + long(0x0605_4B50) + word(0) + word(0) + word(count) + word(count)
      + long(UInt32(directory.count)) + long(UInt32(body.count)) + word(0)
  }

  private static func word(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
  }

  private static func long(_ value: UInt32) -> [UInt8] {
    word(UInt16(truncatingIfNeeded: value)) + word(UInt16(truncatingIfNeeded: value >> 16))
  }

  /// CRC-32 as in zip, bit by bit.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
        sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
      }
    }
  }
}
