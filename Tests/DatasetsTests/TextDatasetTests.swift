import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct TextDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Imports three texts by a manifest that fits their bytes, unless another one is given.
  private func text(
    training: String = TinyText.training, validation: String = TinyText.validation,
    test: String = TinyText.test, vocabulary: Int = 4, tokens: [Int] = [6, 2, 3],
    yaml: String? = nil
  ) throws -> TextDataset {
    let parts = [("train", training), ("valid", validation), ("test", test)]
    for (name, text) in parts {
      try Data(text.utf8).write(to: folder.url.appending(path: "\(name).txt"))
    }
    let manifest = try DatasetManifest(
      yaml: yaml
        ?? TinyText.yaml(
          training: training, validation: validation, test: test, vocabulary: vocabulary,
          tokens: tokens), source: URL(filePath: "tiny.yaml"))
    let library = DatasetLibrary(
      manifestFolder: folder.url, cache: folder.url.appending(path: "cache"))
    try library.importing(manifest, from: [folder.url])
    return try library.text("tiny")
  }

  @Test func wordsAreNumberedByFirstAppearance() throws {
    let text = try text()
    #expect(text.words == ["a", "<unk>", "<eos>", "b"])
    #expect(text.training == [0, 1, 2, 3, 0, 2])
    #expect(text.validation == [3, 2])
    #expect(text.testCount == 3)
    #expect(
      text.checksums.map { $0.checksum.value }
        == [TinyText.training, TinyText.validation, TinyText.test].map {
          TinyDataset.sha256(Array($0.utf8))
        })
  }

  @Test func testSplitIsReadBehindItsGate() throws {
    let text = try text()
    let file = folder.url.appending(path: "cache/tiny/1/test.txt")
    #expect(text.testReads.isEmpty)
    try Data("<unk> a\n".utf8).write(to: file)
    let error = #expect(throws: DatasetError.self) { try text.openTest(reason: "damaged") }
    #expect(error?.description.hasPrefix("dataset 'tiny' is damaged: test.txt: has sha256") == true)
    #expect(text.testReads.isEmpty)
    try Data(TinyText.test.utf8).write(to: file)
    #expect(try text.openTest(reason: "final") == [1, 3, 2])
    #expect(text.drainTestReads().map { [$0.dataset, $0.reason] } == [["tiny", "final"]])
    #expect(text.testReads.isEmpty)
  }

  @Test func emptyLinesAndALastLineWithoutEndCount() throws {
    let text = try text(training: "a <unk>\n\nb   a", tokens: [7, 2, 3])
    #expect(text.training == [0, 1, 2, 2, 3, 0, 2])
  }

  @Test func otherKindsAreRefused() throws {
    let library = DatasetLibrary(
      manifestFolder: SharedFolder.repository.appending(path: "datasets"), cache: folder.url)
    let images = #expect(throws: DatasetError.self) { try library.text("shapes10") }
    #expect(
      images?.description
        == "dataset 'shapes10' has decoder cifar-binary, expected word-text")
    let text = #expect(throws: DatasetError.self) { try library.images("grammar") }
    #expect(
      text?.description == "dataset 'grammar' has decoder word-text, expected cifar-binary")
  }

  /// What a text is refused for whose bytes are those of its manifest.
  @Test(arguments: [
    ("a <unk>\nb a\nc\n", "train.txt, line 3: found more than 4 words, expected a vocabulary of 4"),
    ("a <unk>\na\n", "train.txt: found 3 words, expected a vocabulary of 4"),
    ("a <unk>\nb\n", "train.txt: found 5 tokens, expected 6, with one a line for its end"),
    ("a <unk>\nb a a\n", "train.txt: found 7 tokens, expected 6, with one a line for its end"),
    (
      "a <unk>\nb <eos>\n",
      "train.txt, line 2: found '<eos>' written out, expected ends of lines alone"
    ),
    (
      "a <unk>\nb\ta\n",
      "train.txt, line 2: found a control character, expected words between spaces"
    ),
    ("\n\n", "train.txt: found no words, expected words between spaces, one sentence a line"),
    (
      "a <unk>\r\nb a\r\n",
      "train.txt: found line ends of two bytes (CRLF), expected words between spaces, one sentence "
        + "a line"
    ),
    (
      "a <unk>\n" + String(repeating: "b", count: 1025),
      "train.txt, line 2: found a word of 1025 bytes, expected at most 1024"
    ),
  ])
  func badTextIsRefused(_ training: String, _ message: String) {
    let error = #expect(throws: DatasetError.self) { try text(training: training) }
    #expect(error?.description == message)
    #expect(!folder.contents().contains("cache/tiny/1"))
  }

  @Test func wordThatNoTrainingFileHasIsRefused() {
    let error = #expect(throws: DatasetError.self) { try text(test: "b\nc\n", tokens: [6, 2, 4]) }
    #expect(
      error?.description == "test.txt, line 2: found 'c', expected words of the training files")
  }

  @Test func longLineIsRefused() {
    let error = #expect(throws: DatasetError.self) {
      try text(training: "a <unk>\n" + String(repeating: "bc ", count: 400_000))
    }
    #expect(
      error?.description == "train.txt, line 2: found 1200000 bytes, expected at most 1048576")
  }

  @Test func invalidUTF8IsRefused() throws {
    let decoder = WordTextDecoder(try facts(TinyText.yaml()))
    let error = #expect(throws: DatasetError.self) {
      try decoder.vocabulary([("train.txt", [0x61, 0x20, 0xFF, 0x0A])])
    }
    #expect(
      error?.description == "train.txt, line 1: found bytes that are no UTF-8, expected UTF-8")
  }

  private func facts(_ yaml: String) throws -> DatasetManifest.Text {
    let manifest = try DatasetManifest(yaml: yaml, source: URL(filePath: "tiny.yaml"))
    guard case .text(let facts) = manifest.content else { throw CocoaError(.featureUnsupported) }
    return facts
  }

  /// Another variant of a text is named, by its own kind rather than by a checksum.
  @Test(arguments: [
    ("a <unk>\r\nb a\r\n", "line ends of two bytes (CRLF)"),
    ("a <unk>\rb a\r", "carriage returns"),
    (
      " a _ < u n k > \n b _ a \n a b a b a b a b a b",
      "a character-level text (words of one letter)"
    ),
    ("the b a\n", "another tokenisation (no '<unk>')"),
    ("\u{FEFF}a <unk>\n", "a byte order mark before the text"),
    ("<!DOCTYPE html><p>a <unk>", "a web page (HTML)"),
    ("\n\n", "no words"),
  ])
  func variantIsNamed(_ training: String, _ found: String) {
    let error = #expect(throws: DatasetError.self) {
      try text(training: training, yaml: TinyText.yaml(marks: "[<unk>]"))
    }
    #expect(
      error.map { folder.text($0) }
        == "train.txt: holds \(found), expected words between spaces, one sentence a line; "
        + "nothing was written")
    #expect(!folder.contents().contains("cache/tiny/1"))
  }

  @Test func variantInAnArchiveIsNamed() throws {
    let manifest = try DatasetManifest(yaml: TinyText.yaml(), source: URL(filePath: "tiny.yaml"))
    let archive = folder.url.appending(path: "tiny.tar")
    TestArchive.write([.file("train.txt", Array("a <unk>\r\nb a\r\n".utf8))], to: archive)
    let importer = DatasetImporter(manifest, cache: folder.url.appending(path: "cache"))
    let error = #expect(throws: DatasetError.self) { try importer.importing([archive]) }
    #expect(
      error.map { folder.text($0) }
        == "tiny.tar: 'train.txt' holds line ends of two bytes (CRLF), expected words between "
        + "spaces, one sentence a line; nothing was written")
  }

  @Test func sameKindOfTextIsToldByItsChecksum() {
    let error = #expect(throws: DatasetError.self) {
      try text(training: " a <unk> \n b b\n", yaml: TinyText.yaml(marks: "[<unk>]"))
    }
    #expect(error?.description.contains("train.txt: has sha256 ") == true)
  }

  @Test func textUnderAnotherNameIsNamed() throws {
    let manifest = try DatasetManifest(yaml: TinyText.yaml(), source: URL(filePath: "tiny.yaml"))
    let importer = DatasetImporter(manifest, cache: folder.url.appending(path: "cache"))
    let file = folder.url.appending(path: "train.char.txt")
    for (text, problem) in [
      (
        String(repeating: "a _ b ", count: 9),
        "holds a character-level text (words of one letter), expected words between spaces, one "
          + "sentence a line"
      ),
      ("a <unk>\n", "is a text, but not named as one of train.txt, valid.txt, test.txt"),
    ] {
      try Data(text.utf8).write(to: file)
      let error = #expect(throws: DatasetError.self) { try importer.importing([file]) }
      #expect(
        error.map { folder.text($0) } == "train.char.txt: \(problem); nothing was written")
    }
  }
}
