import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct ArchiveImportTests {
  /// An archive that must be refused, and what is said of it.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let entries: [TestArchive.Entry]
    let message: String
    var testDescription: String { message }
  }

  static let refusals: [Refusal] = [
    Refusal(
      entries: TinyDataset.entries + [.file("tiny/../../evil", [1])],
      message: "holds 'tiny/../../evil', a path that leaves its folder"),
    Refusal(
      entries: TinyDataset.entries + [.file("/tmp/evil", [1])],
      message: "holds '/tmp/evil', an absolute path"),
    Refusal(
      entries: TinyDataset.entries + [.symbolicLink("tiny/link", to: "/etc/passwd")],
      message: "holds 'tiny/link', a link"),
    Refusal(
      entries: TinyDataset.entries + [.hardLink("tiny/link", to: "tiny/train.bin")],
      message: "holds 'tiny/link', a link"),
    Refusal(
      entries: TinyDataset.entries + [.device("tiny/null")],
      message: "holds 'tiny/null', a device or another special file"),
    Refusal(
      entries: TinyDataset.entries + [.file("zeros", [UInt8](repeating: 0, count: 2_000_000))],
      message: "unpacks to more than 1048641 bytes"),
    Refusal(
      entries: TinyDataset.entries + (0..<20).map { .file("many/\($0)", []) },
      message: "holds more than 20 entries"),
    Refusal(
      entries: TinyDataset.entries + [.file("./tiny/train.bin", TinyDataset.training)],
      message: "holds 'tiny/train.bin' twice"),
    Refusal(
      entries: [.file("tiny/test.bin", [1, 2, 3])],
      message: "'tiny/test.bin' has 3 bytes, expected 26"),
    Refusal(
      entries: [.file("tiny/test.bin", [UInt8](repeating: 0, count: 27))],
      message: "'tiny/test.bin' has more than the 26 bytes expected"),
    Refusal(
      entries: [.file("tiny/test.bin", TinyDataset.training)],
      message: "'tiny/test.bin' has sha256 \(TinyDataset.sha256(TinyDataset.training)), "
        + "expected \(TinyDataset.sha256(TinyDataset.test))"),
  ]

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func importing(_ file: URL, _ yaml: String = TinyDataset.yaml()) throws {
    let importer = DatasetImporter(
      try TinyDataset.manifest(yaml), cache: folder.url.appending(path: "cache"))
    try importer.importing([file])
  }

  /// What is said of a refused file, once it is clear that nothing was written.
  private func refusal(_ file: URL, _ yaml: String = TinyDataset.yaml()) -> String? {
    let error = #expect(throws: DatasetError.self) { try importing(file, yaml) }
    #expect(folder.contents().filter { $0.hasPrefix("cache") } == ["cache", "cache/tiny"])
    return error.map { folder.text($0) }
  }

  @Test(arguments: TestArchive.Packing.allCases)
  func everyPackingIsUnpacked(_ packing: TestArchive.Packing) throws {
    let file = folder.url.appending(path: "packed")
    TestArchive.write(TinyDataset.entries, packing, to: file)
    try importing(file)
    #expect(
      folder.contents().filter { $0.hasPrefix("cache/") } == [
        "cache/tiny", "cache/tiny/1", "cache/tiny/1/tiny", "cache/tiny/1/tiny/test.bin",
        "cache/tiny/1/tiny/train.bin", "cache/tiny/manifest.yaml",
      ])
    let written = folder.url.appending(path: "cache/tiny/1/tiny/train.bin")
    #expect(try Data(contentsOf: written) == Data(TinyDataset.training))
  }

  @Test(arguments: refusals)
  func harmfulArchiveIsRefused(_ case: Refusal) {
    let file = folder.url.appending(path: "bad.tar")
    TestArchive.write(`case`.entries, to: file)
    #expect(refusal(file) == "bad.tar: \(`case`.message); nothing was written")
  }

  @Test func truncatedArchiveIsRefused() throws {
    let file = folder.url.appending(path: "cut.tar.gz")
    TestArchive.write(TinyDataset.entries, .gzip, to: file)
    try Data(contentsOf: file).dropLast(60).write(to: file)
    #expect(
      refusal(file)
        == "cut.tar.gz: is truncated, damaged or no archive (truncated gzip input); "
        + "nothing was written")
  }

  @Test func fileThatIsNoArchiveIsRefused() throws {
    let file = folder.url.appending(path: "noise.tar")
    try Data((0..<4096).map { UInt8($0 * 7 % 251) }).write(to: file)
    #expect(
      refusal(file)
        == "noise.tar: is truncated, damaged or no archive (Unrecognized archive format); "
        + "nothing was written")
  }

  @Test func webPageIsRefused() throws {
    let file = folder.url.appending(path: "page.tar.gz")
    try Data("\n<!DOCTYPE html><html><body>Not found</body></html>".utf8).write(to: file)
    #expect(
      refusal(file) == "page.tar.gz: is a web page (HTML), not an archive; nothing was written")
  }

  @Test func missingFileIsNamed() {
    let file = folder.url.appending(path: "part.tar")
    TestArchive.write([.file("tiny/train.bin", TinyDataset.training)], to: file)
    #expect(refusal(file) == "part.tar: 'tiny' also needs tiny/test.bin; nothing was written")
  }

  @Test func wrongRecordCountIsRefused() {
    let file = folder.url.appending(path: "tiny.tar")
    TestArchive.write(TinyDataset.entries, to: file)
    #expect(
      refusal(file, TinyDataset.yaml(records: 3))
        == "tiny/train.bin: found 2 records, expected 3 records of 13 bytes")
  }

  @Test func labelOutOfRangeIsRefused() {
    let bad = TinyDataset.training.dropLast(13) + [2] + TinyDataset.training.suffix(12)
    let file = folder.url.appending(path: "tiny.tar")
    TestArchive.write(
      [.file("tiny/train.bin", Array(bad)), .file("tiny/test.bin", TinyDataset.test)], to: file)
    #expect(
      refusal(file, TinyDataset.yaml(training: Array(bad)))
        == "tiny/train.bin, record 2: found label 2, expected from 0 to 1")
  }

  @Test func folderIsImportedWithAndWithoutItsName() throws {
    let data = folder.url.appending(path: "tiny")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    try Data(TinyDataset.training).write(to: data.appending(path: "train.bin"))
    try Data(TinyDataset.test).write(to: data.appending(path: "test.bin"))
    try importing(data)
    try FileManager.default.removeItem(at: folder.url.appending(path: "cache"))
    try importing(folder.url)
    #expect(folder.contents().contains("cache/tiny/1/tiny/test.bin"))
  }

  @Test func failedImportLeavesEarlierDataAlone() throws {
    let good = folder.url.appending(path: "good.tar")
    TestArchive.write(TinyDataset.entries, to: good)
    try importing(good)
    let before = folder.contents().filter { $0.hasPrefix("cache") }
    let bad = folder.url.appending(path: "bad.tar")
    TestArchive.write([.file("tiny/test.bin", [1])], to: bad)
    #expect(throws: DatasetError.self) { try importing(bad) }
    #expect(folder.contents().filter { $0.hasPrefix("cache") } == before)
  }
}
