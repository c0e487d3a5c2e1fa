import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct ArchiveImportTests {
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

  /// Names beside the wanted files, in the encodings that archives come in.
  @Test(
    arguments: [TestArchive.Packing.zip, .tar, .gzip],
    ["tiny/größe.txt", "tiny/神.txt", "tiny/😀", "größe/", "tiny/gr\u{308}o.txt"])
  func namesNeedNotBeASCII(packing: TestArchive.Packing, name: String) throws {
    let file = folder.url.appending(path: "packed")
    TestArchive.write(
      TinyDataset.entries + [name.hasSuffix("/") ? .folder(name) : .file(name, [1])], packing,
      to: file)
    try importing(file)
    #expect(folder.contents().contains("cache/tiny/1/tiny/test.bin"))
  }

  /// A zip as other programs write it: the name in UTF-8 with the flag that says so, or in the bytes
  /// of an old code page without it.
  @Test(arguments: [true, false], ["größe.txt", "gr\u{94}\u{E1}e.txt", "plain.txt"])
  func zipsOfOtherProgramsAreRead(saysUTF8: Bool, name: String) throws {
    let file = folder.url.appending(path: "packed.zip")
    let bytes = saysUTF8 ? Array(name.utf8) : name.unicodeScalars.map { UInt8(clamping: $0.value) }
    try Data(
      StoredZip.archive(
        [
          (Array("tiny/train.bin".utf8), TinyDataset.training), (bytes, [1, 2, 3]),
          (Array("tiny/test.bin".utf8), TinyDataset.test),
        ], saysUTF8: saysUTF8)
    ).write(to: file)
    try importing(file)
    #expect(folder.contents().contains("cache/tiny/1/tiny/test.bin"))
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

  @Test func folderWithTheFilesInAnotherArchiveIsImported() throws {
    let data = folder.url.appending(path: "data")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    try Data("hello".utf8).write(to: data.appending(path: "readme.txt"))
    TestArchive.write(TinyDataset.entries, to: data.appending(path: "packed-anew.tar"))
    try importing(data)
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
