import Foundation
import TestSupport

/// Archives of the dataset of `TinyDataset`.
extension BadInput {
  /// An archive made by libarchive.
  private static func archive(
    _ entries: [TestArchive.Entry], _ packing: TestArchive.Packing = .tar
  ) -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appending(path: "searchlight-\(UUID())")
    defer { try? FileManager.default.removeItem(at: file) }
    TestArchive.write(entries, packing, to: file)
    return (try? Data(contentsOf: file)).map { Array($0) } ?? []
  }

  private static func archive(_ entries: [TestArchive.Entry], _ message: String) -> BadInput {
    refused(archive(entries), message)
  }

  /// The right archive with one more entry.
  private static func archive(and entry: TestArchive.Entry, _ message: String) -> BadInput {
    archive(TinyDataset.entries + [entry], message)
  }

  private static func refused(_ bytes: [UInt8], _ message: String) -> BadInput {
    BadInput(.archive, bytes, ": \(message); nothing was written")
  }

  static let archives: [BadInput] = [
    archive(
      and: .file("tiny/../../evil", [1]), "holds 'tiny/../../evil', a path that leaves its folder"),
    archive(and: .file("/tmp/evil", [1]), "holds '/tmp/evil', an absolute path"),
    archive(and: .symbolicLink("tiny/link", to: "/etc/passwd"), "holds 'tiny/link', a link"),
    archive(and: .hardLink("tiny/link", to: "tiny/train.bin"), "holds 'tiny/link', a link"),
    archive(and: .device("tiny/null"), "holds 'tiny/null', a device or another special file"),
    archive(
      and: .file("zeros", [UInt8](repeating: 0, count: 2_000_000)),
      "unpacks to more than 1048641 bytes"),
    archive(
      TinyDataset.entries + (0..<20).map { .file("many/\($0)", []) },
      "holds more than 20 entries"),
    archive(
      and: .file("./tiny/train.bin", TinyDataset.training), "holds 'tiny/train.bin' twice"),
    archive([.file("tiny/test.bin", [1, 2, 3])], "'tiny/test.bin' has 3 bytes, expected 26"),
    archive(
      [.file("tiny/test.bin", [UInt8](repeating: 0, count: 27))],
      "'tiny/test.bin' has more than the 26 bytes expected"),
    archive(
      [.file("tiny/test.bin", TinyDataset.training)],
      "'tiny/test.bin' has sha256 \(TinyDataset.training.sha256), "
        + "expected \(TinyDataset.test.sha256)"),
    archive(
      [.file("tiny/train.bin", TinyDataset.training)], "'tiny' also needs tiny/test.bin"),
    refused(
      Array(archive(TinyDataset.entries, .gzip).dropLast(60)),
      "is truncated, damaged or no archive (truncated gzip input)"),
    refused(
      (0..<4096).map { UInt8($0 * 7 % 251) },
      "is truncated, damaged or no archive (Unrecognized archive format)"),
    refused(
      Array("\n<!DOCTYPE html><html><body>Not found</body></html>".utf8),
      "is a web page (HTML), not an archive"),
  ]
}
