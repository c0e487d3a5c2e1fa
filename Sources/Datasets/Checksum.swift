import Crypto
import Foundation

/// A digest of a file's bytes, and how it was made.
public struct Checksum: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The digests that manifests may name, strongest first.
  public enum Algorithm: String, CaseIterable, Codable, Sendable {
    case sha256
    /// SHA-1 of `blob LENGTH\0` and the bytes: what git calls a file; some official files are
    /// known by nothing else.
    case gitBlobSHA1 = "git-blob-sha1"
    case md5

    /// Length of the digest in hexadecimal digits.
    public var digits: Int {
      switch self {
      case .sha256: 64
      case .gitBlobSHA1: 40
      case .md5: 32
      }
    }
  }

  public let algorithm: Algorithm
  /// The digest in lower-case hexadecimal.
  public let value: String

  public init(algorithm: Algorithm, value: String) {
    self.algorithm = algorithm
    self.value = value
  }

  /// As `sha256:…`.
  public var description: String { "\(algorithm.rawValue):\(value)" }
}

/// A file of a dataset and the checksum it was known by.
public struct FileChecksum: Hashable, Codable, Sendable {
  /// Path inside the dataset, as in the manifest.
  public let path: String
  public let checksum: Checksum

  public init(path: String, checksum: Checksum) {
    self.path = path
    self.checksum = checksum
  }
}

extension [FileChecksum] {
  /// Checksums by path, as text.
  public var byPath: [String: String] {
    reduce(into: [:]) { $0[$1.path] = "\($1.checksum)" }
  }
}

/// Computes several checksums of a file in one pass over its bytes.
package struct ChecksumStream {
  private var sha256: SHA256?
  private var sha1: Insecure.SHA1?
  private var md5: Insecure.MD5?

  /// Starts with no bytes read.
  ///
  /// - Parameters:
  ///   - algorithms: What to compute.
  ///   - sizeBytes: Length of the whole file; git's digest begins with it.
  package init(_ algorithms: [Checksum.Algorithm], sizeBytes: Int) {
    if algorithms.contains(.sha256) { sha256 = SHA256() }
    if algorithms.contains(.md5) { md5 = Insecure.MD5() }
    if algorithms.contains(.gitBlobSHA1) {
      var hash = Insecure.SHA1()
      hash.update(data: Data("blob \(sizeBytes)\0".utf8))
      sha1 = hash
    }
  }

  /// Takes in the next bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    sha256?.update(bufferPointer: bytes)
    sha1?.update(bufferPointer: bytes)
    md5?.update(bufferPointer: bytes)
  }

  /// Takes in the next bytes.
  package mutating func update(_ data: Data) {
    data.withUnsafeBytes { update($0) }
  }

  /// The checksums of all bytes so far, strongest first.
  package func checksums() -> [Checksum] {
    var found: [Checksum] = []
    if let sha256 { found.append(Self.checksum(.sha256, sha256.finalize())) }
    if let sha1 { found.append(Self.checksum(.gitBlobSHA1, sha1.finalize())) }
    if let md5 { found.append(Self.checksum(.md5, md5.finalize())) }
    return found
  }

  /// The first of the expected checksums that the bytes do not have, with what they have instead.
  package func mismatch(with expected: [Checksum]) -> (expected: Checksum, found: Checksum)? {
    for found in checksums() {
      if let other = expected.first(where: { $0.algorithm == found.algorithm }), other != found {
        return (other, found)
      }
    }
    return nil
  }

  private static func checksum(_ algorithm: Checksum.Algorithm, _ digest: some Digest) -> Checksum {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in digest { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return Checksum(algorithm: algorithm, value: String(decoding: text, as: UTF8.self))
  }
}
