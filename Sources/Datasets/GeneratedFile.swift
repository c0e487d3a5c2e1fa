/// A file of a dataset that the program makes itself.
public struct GeneratedFile: Hashable, Sendable {
  /// Path inside the archive.
  public let path: String
  public let bytes: [UInt8]

  /// Takes a file's path inside the archive and its bytes.
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// SHA-256 of the bytes, in hexadecimal.
  public var sha256: String {
    var stream = ChecksumStream([.sha256], sizeBytes: bytes.count)
    bytes.withUnsafeBytes { stream.update($0) }
    return stream.checksums().map { $0.value }.joined()
  }
}
