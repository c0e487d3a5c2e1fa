import Crypto
import Foundation

/// A dataset of four images of 2 x 2 pixels, for tests.
public enum TinyDataset {
  /// Two records: a label, then a red, a green and a blue plane of four pixels.
  public static let training: [UInt8] =
    [0] + Array(1...12) + [1] + Array(21...32)
  /// Two records of the test split.
  public static let test: [UInt8] = [1] + Array(101...112) + [0] + Array(121...132)

  /// The archive's content.
  public static let entries: [TestArchive.Entry] = [
    .folder("tiny"), .file("tiny/readme.txt", Array("hello\n".utf8)),
    .file("tiny/train.bin", training), .file("tiny/test.bin", test),
  ]

  /// SHA-256 in hexadecimal.
  public static func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  /// The manifest; parts that a test is about can be others.
  public static func yaml(
    training: [UInt8] = training, records: Int = 2, classes: String = "[cat, dog]",
    archive: (bytes: [UInt8], addresses: [String])? = nil, limits: String = ""
  ) -> String {
    let archiveBytes = archive?.bytes ?? [0]
    let addresses = archive.map { $0.addresses.map { "\n      - \($0)" }.joined() } ?? ""
    return """
      name: tiny
      version: "1"
      title: Tiny
      citation: nobody
      licence: none
      decoder: cifar-binary
      images:
        height: 2
        width: 2
        channels: 3
        classes: \(classes)
        records-per-file: \(records)
        validation: 1
      archives:
        - file: tiny.tar
          bytes: \(archiveBytes.count)
          sha256: \(sha256(archiveBytes))\(addresses.isEmpty ? "" : "\n    addresses:" + addresses)
      files:
        - path: tiny/train.bin
          archive: tiny.tar
          bytes: \(training.count)
          sha256: \(sha256(training))
          split: training
        - path: tiny/test.bin
          archive: tiny.tar
          bytes: \(test.count)
          sha256: \(sha256(test))
          split: test
      \(limits)
      """
  }
}
