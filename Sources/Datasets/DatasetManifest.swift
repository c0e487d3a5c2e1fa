import Foundation
import SearchCore

/// What a dataset is: where its archives are, which files they hold, how to know that the bytes are
/// right, and how to read them.
///
/// Written as YAML in `datasets/`; a user's own file works the same.
public struct DatasetManifest: Hashable, Sendable {
  /// How the files are read.
  public enum Decoder: String, CaseIterable, Codable, Sendable {
    /// Records of one label byte and planes of pixel bytes, as CIFAR-10's binary version.
    case cifarBinary = "cifar-binary"
    /// Comma-separated values, one row for each architecture.
    case recordedTable = "recorded-table"
    /// Comma-separated values, one row for each architecture, split, fidelity and seed.
    case recordedScores = "recorded-scores"
    /// Words between spaces, one sentence a line.
    case wordText = "word-text"
  }

  /// A file that may be downloaded or imported, and that holds files of the dataset.
  public struct Archive: Hashable, Sendable {
    /// Name of the file, without folders.
    public let file: String
    public let sizeBytes: Int
    /// Digests of the archive, strongest first; at least one.
    public let checksums: [Checksum]
    /// `http`, `https` or `file` addresses, or paths relative to the manifest, best first.
    public let addresses: [String]
  }

  /// Which split a file of images or text belongs to.
  public enum Split: String, CaseIterable, Codable, Sendable {
    /// `validation` is for text alone: images are held out from the training files.
    case training, validation, test
  }

  /// A file of the dataset.
  public struct File: Hashable, Sendable {
    /// Path inside the archive and inside the cache, with `/` between folders.
    public let path: String
    public let sizeBytes: Int
    /// Digests of the file, strongest first; at least one.
    public let checksums: [Checksum]
    /// Name of the archive that holds it; `nil` if it stands alone.
    public let archive: String?
    /// Split of the images or the text; `nil` for a recorded table.
    public let split: Split?
    /// The facts of a text; `nil` for images and tables.
    public let text: Text?
  }

  /// How much an archive may hold before it is refused.
  public struct Limits: Hashable, Sendable {
    /// Entries of one archive: files and folders, also those that are not wanted.
    public var entries: Int
    /// Unpacked bytes of one archive, also of files that are not wanted.
    public var unpackedBytes: Int

    public init(entries: Int, unpackedBytes: Int) {
      self.entries = entries
      self.unpackedBytes = unpackedBytes
    }
  }

  /// Facts that the image decoder needs.
  public struct Images: Hashable, Sendable {
    public let height: Int
    public let width: Int
    public let channels: Int
    /// Names of the classes; a label is an index into them.
    public let classes: [String]
    /// Images in each file.
    public let recordsPerFile: Int
    /// Training images held out for validation unless a suite says otherwise.
    public let validationCount: Int
    /// Name of the dataset that this is a copy of, the same but for some images; `nil` for none.
    public let original: String?
    /// Test images, counted from 0, whose pixels are not the original's.
    public let inexactTestImages: [Int]

    /// Bytes of one record: the label and the pixels.
    public var recordBytes: Int { 1 + height * width * channels }
  }

  /// Facts that the table decoder needs.
  public struct Table: Hashable, Sendable {
    /// Rows of each file, without the header.
    public let rows: Int
    /// The files that are joined by their key, in order.
    public let sources: [TableSource]
  }

  /// How one file contributes to a table.
  public struct TableSource: Hashable, Sendable {
    /// Path of the file.
    public let file: String
    /// Column that holds the key of the row.
    public let key: String
    /// Columns of numbers: the name in the file and the name in the table.
    public let numbers: [TableColumn]
    /// Columns of text: the name in the file and the name in the table.
    public let texts: [TableColumn]
  }

  /// A column under its two names.
  public struct TableColumn: Hashable, Sendable {
    /// Name in the header of the file.
    public let source: String
    /// Name in the table.
    public let name: String
  }

  /// Facts of a table in the one form for any space.
  public struct Scores: Hashable, Sendable {
    /// Name of the search space, in whose notation the architectures are written.
    public let space: String
    /// What the scores are of.
    public let objective: Objective
    /// Architectures that have a row.
    public let architectures: Int
    /// Size of the training split, in examples.
    public let trainingExamples: Int
    /// Epochs of a trial that asks for no others.
    public let searchEpochs: Int
    /// Whether the seconds are recorded or modelled, and of what machine.
    public let costLabel: String
  }

  /// Facts that the text decoder needs.
  public struct Text: Hashable, Sendable {
    /// Words of the vocabulary, `<eos>` among them.
    public let vocabulary: Int
    /// Tokens of the training files, `<eos>` after each line among them.
    public let trainingTokens: Int
    /// Tokens of the validation files.
    public let validationTokens: Int
    /// Tokens of the test files.
    public let testTokens: Int
    /// Words that each file holds in its first 64 KiB: a file without them is another text, or the
    /// same text cut into words by another rule.
    public let marks: [String]

    /// Tokens of a split.
    public func tokens(of split: Split) -> Int {
      switch split {
      case .training: trainingTokens
      case .validation: validationTokens
      case .test: testTokens
      }
    }
  }

  /// What the decoder needs to know.
  public enum Content: Hashable, Sendable {
    case images(Images)
    case table(Table)
    case scores(Scores)
    case text(Text)
  }

  /// Where the manifest was read from; relative addresses start at its folder.
  public let source: URL
  /// The YAML text itself, kept with imported data.
  public let yaml: String

  /// Stable id in lower kebab case.
  public let name: String
  public let version: String
  /// Name for people.
  public let title: String
  /// Whom to cite.
  public let citation: String
  /// Under which terms the data may be used.
  public let licence: String
  /// What users should know before they use it; `nil` if nothing.
  public let note: String?
  public let archives: [Archive]
  public let files: [File]
  public let limits: Limits
  public let content: Content

  /// Whether it is a user's own, which commands have to be told of.
  var isGiven = false

  /// What stands for the dataset in a command: its name, with the manifest's file if need be.
  public var typed: String {
    isGiven ? "\(name) --manifest \(source.relativePath.shellWord)" : name
  }

  /// The command that brings the files here.
  public var advice: String {
    isFetchable
      ? "run `searchlight data fetch \(typed)`"
      : "run `searchlight data import \(typed) PATH...` with its files"
  }

  /// How the files are read.
  public var decoder: Decoder {
    switch content {
    case .images: .cifarBinary
    case .table: .recordedTable
    case .scores: .recordedScores
    case .text: .wordText
    }
  }

  /// Whether every file lies in an archive that has an address.
  public var isFetchable: Bool {
    files.allSatisfy { file in
      archives.contains { $0.file == file.archive && !$0.addresses.isEmpty }
    }
  }

  /// Name of the dataset of images that this is a copy of; `nil` for none.
  public var original: String? {
    if case .images(let facts) = content { facts.original } else { nil }
  }

  /// Test images, counted from 0, whose pixels are not the original's.
  public var inexactTestImages: [Int] {
    if case .images(let facts) = content { facts.inexactTestImages } else { [] }
  }

  /// Bytes of all files when unpacked.
  public var sizeBytes: Int { files.reduce(0) { $0 + $1.sizeBytes } }

  /// The files of a split, in the manifest's order.
  public func files(of split: Split) -> [File] { files.filter { $0.split == split } }

  /// An archive's addresses, with relative ones resolved against the manifest's folder.
  public func locations(of archive: Archive) -> [URL] {
    archive.addresses.compactMap { address in
      if let url = URL(string: address), url.scheme != nil { return url }
      return source.deletingLastPathComponent().appending(path: address)
    }
  }

  /// The archives' files beside the manifest, if all archives are there: an embedded dataset.
  package var embeddedArchives: [URL]? {
    var found: [URL] = []
    for archive in archives {
      let local = locations(of: archive).first { url in
        url.isFileURL && DurableFile.sizeBytes(url) != nil
      }
      guard let local else { return nil }
      found.append(local)
    }
    return isFetchable ? found : nil
  }
}

extension String {
  /// The text as one word of a shell.
  package var shellWord: String {
    let plain = utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "/._-+,:=@%".utf8.contains(byte)
      }
    }
    return plain && !isEmpty
      ? self
      : "'\(split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
  }
}
