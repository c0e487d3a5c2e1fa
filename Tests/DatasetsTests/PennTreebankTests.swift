import Datasets
import Foundation
import TestSupport
import Testing

/// Skipped where the shared folder's data is not there.
@Suite(.enabled(if: SharedFolder.path("data/ptb") != nil))
struct PennTreebankTests {
  private let folder: TemporaryFolder
  private let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(
      manifestFolder: SharedFolder.repository.appending(path: "datasets"), cache: folder.url)
  }

  private func imported() throws -> TextDataset {
    let source = try #require(SharedFolder.path("data/ptb"))
    try library.importing(try library.manifest("ptb"), from: [source])
    return try library.text("ptb")
  }

  /// The digests are of what `Corpus` of salesforce/awd-lstm-lm (`data.py`) gives for the same files,
  /// as 32-bit little-endian integers.
  @Test func tokensAreThoseOfTheOriginalCorpus() throws {
    let text = try imported()
    #expect(text.words.count == 10_000)
    #expect(text.words[24] == "<eos>" && text.words[26] == "<unk>" && text.words[27] == "N")
    let test = try text.openTest(reason: "comparison with the original reader")
    #expect(text.testCount == 82_430)
    #expect(text.training.count == 929_589)
    #expect(text.validation.count == 73_760)
    #expect(test.count == 82_430)
    let digests = [text.training, text.validation, test].map { tokens in
      let bytes = tokens.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } }
      return TinyDataset.sha256(bytes)
    }
    #expect(
      digests == [
        "b9488a18b214862469a298e9054553287d157d2e196e3ed3345ab343bfc59549",
        "4262c34e1a26e4e43cfff2b9876716f9c4b3d7533f74ed3b4181da1f0fd6c34e",
        "33ecddd6be0160ba47c1af93d5442f0a1924106cb5b96e756796ebaf69e9c63c",
      ])
  }

  /// What people have under the same names.
  enum Variant: String, CaseIterable {
    case crlf = "line ends of two bytes (CRLF)"
    case characters = "a character-level text (words of one letter)"
    case withoutUnknown = "another tokenisation (no '<unk>')"
    case withoutNumbers = "another tokenisation (no 'N')"

    func of(_ text: String) -> String {
      switch self {
      case .crlf: text.replacing("\n", with: "\r\n")
      case .characters:
        text.split(separator: "\n").map { line in
          line.map { $0 == " " ? "_" : String($0) }.joined(separator: " ")
        }.joined(separator: "\n")
      case .withoutUnknown: text.replacing("<unk>", with: "unk")
      case .withoutNumbers: text.replacing(" N", with: " 7")
      }
    }
  }

  @Test(arguments: Variant.allCases)
  func variantIsRefusedByName(_ variant: Variant) throws {
    _ = try imported()
    let good = folder.url.appending(path: "ptb/1/simple-examples/data/ptb.test.txt")
    let bad = folder.url.appending(path: "ptb.test.txt")
    let text = try String(contentsOf: good, encoding: .utf8)
    try Data(variant.of(text).utf8).write(to: bad)
    let error = #expect(throws: DatasetError.self) {
      try library.importing(try library.manifest("ptb"), from: [bad])
    }
    #expect(
      error.map { folder.text($0) }
        == "ptb.test.txt: holds \(variant.rawValue), expected words between spaces, one sentence a "
        + "line; nothing was written")
  }
}
