import Foundation
import SearchCore
import StrictYAML

extension DatasetManifest {
  /// The most bytes that one file of a dataset may have, 64 GiB.
  static let limitFileBytes = 1 << 36
  /// The most bytes that one file of text may have, 1 GiB: it is read whole.
  static let limitTextBytes = 1 << 30
  /// The most files, and the most archives, that a dataset may have.
  private static let mostFiles = 10_000

  /// Longest text of a manifest, in bytes.
  private static let longestText = 4_000
  private static let keys = [
    "name", "version", "title", "citation", "licence", "note", "decoder", "archives", "files",
    "limits", "images", "table", "scores", "text",
  ]

  /// Reads a manifest from a YAML file.
  ///
  /// - Throws: `manifest` with file, line and the nearest valid name.
  public init(contentsOf file: URL) throws(DatasetError) {
    do throws(YAMLError) {
      try self.init(YAMLText(contentsOf: file, shownAs: file.relativePath), source: file)
    } catch {
      throw .manifest(error)
    }
  }

  /// Reads a manifest from a YAML text.
  ///
  /// - Parameter source: Where the text is from, for messages and relative addresses.
  public init(yaml: String, source: URL) throws(DatasetError) {
    do throws(YAMLError) {
      try self.init(YAMLText(yaml, file: source.relativePath), source: source)
    } catch {
      throw .manifest(error)
    }
  }

  private init(_ text: YAMLText, source: URL) throws(YAMLError) {
    let whole = try text.parsed()
    let top = try whole.mapping(keys: Self.keys)
    self.source = source
    yaml = text.text
    name = try Self.identifier(top.required("name"))
    version = try Self.identifier(top.required("version"))
    title = try top.required("title").text()
    citation = try top.required("citation").text(longest: Self.longestText)
    licence = try top.required("licence").text(longest: Self.longestText)
    note = try top["note"]?.text(longest: Self.longestText)
    archives = try Self.archives(top)
    let word = try top.required("decoder")
      .name("decoder", among: Decoder.allCases.map { $0.rawValue })
    let decoder = Decoder(rawValue: word) ?? .cifarBinary
    let text = decoder == .wordText ? try Self.text(top.required("text")) : nil
    let listed = try Self.files(top, archives: archives, decoder: decoder, text: text)
    files = listed
    limits = try Self.limits(top, files: listed)
    try Self.refuseOtherFacts(top, than: decoder)
    content =
      switch decoder {
      case .cifarBinary: .images(try Self.images(top, files: listed))
      case .recordedTable: .table(try Self.table(top.required("table"), files: listed))
      case .recordedScores: .scores(try Self.scores(top.required("scores")))
      case .wordText: .text(try Self.text(top.required("text")))
      }
  }

  private static func refuseOtherFacts(
    _ top: YAMLMapping, than decoder: Decoder
  ) throws(YAMLError) {
    for other in Decoder.allCases where other != decoder {
      if let facts = top[other.facts.key] {
        throw facts.error("\(decoder.facts.data) no \(other.facts.key)")
      }
    }
  }

  /// A text that may be a folder's name: letters, digits, `.`, `_` and `-`, not beginning with `.`.
  private static func identifier(_ value: YAMLValue) throws(YAMLError) -> String {
    let text = try value.text(longest: 64)
    let allowed = text.utf8.allSatisfy { byte in
      switch UInt8(byte) {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard allowed, !text.hasPrefix(".") else {
      throw value.error("found \(value.found); expected letters, digits, '.', '_' and '-'")
    }
    return text
  }

  private static func archives(_ top: YAMLMapping) throws(YAMLError) -> [Archive] {
    var archives: [Archive] = []
    for item in try top["archives"]?.list(counts: 0...mostFiles) ?? [] {
      let entries = try item.mapping(keys: ["file", "bytes", "addresses"] + checksumKeys)
      let name = try entries.required("file")
      let file = try name.text(longest: longestText)
      guard !file.contains("/"), isPlainPath(file) else {
        throw name.error("found \(name.found); expected a name without folders")
      }
      if archives.contains(where: { $0.file == file }) {
        throw name.error("\(name.found) is there twice; expected it once")
      }
      archives.append(
        Archive(
          file: file,
          sizeBytes: try entries.required("bytes").integer(in: 1...limitFileBytes),
          checksums: try checksums(entries), addresses: try addresses(entries)))
    }
    return archives
  }

  private static func addresses(_ archive: YAMLMapping) throws(YAMLError) -> [String] {
    var addresses: [String] = []
    for item in try archive["addresses"]?.list(counts: 0...20) ?? [] {
      let address = try item.text(longest: longestText)
      if let scheme = URL(string: address)?.scheme, !["http", "https", "file"].contains(scheme) {
        throw item.error("found \(item.found); expected http, https, file or a relative path")
      }
      addresses.append(address)
    }
    return addresses
  }

  private static func files(
    _ top: YAMLMapping, archives: [Archive], decoder: Decoder, text: Text?
  ) throws(YAMLError) -> [File] {
    let splits = decoder.splits.map { $0.rawValue }
    let mostBytes = text == nil ? limitFileBytes : limitTextBytes
    var files: [File] = []
    var paths: Set<String> = []
    for item in try top.required("files").list(counts: 1...mostFiles) {
      let entries = try item.mapping(
        keys: ["path", "bytes", "archive"] + (splits.isEmpty ? [] : ["split"]) + checksumKeys)
      let place = try entries.required("path")
      let path = try place.text(longest: longestText)
      guard isPlainPath(path) else {
        throw place.error("found \(place.found); expected a relative path without '..'")
      }
      guard paths.insert(path).inserted else {
        throw place.error("\(place.found) is there twice; expected it once")
      }
      let split =
        splits.isEmpty
        ? nil : Split(rawValue: try entries.required("split").name("split", among: splits))
      files.append(
        File(
          path: path, sizeBytes: try entries.required("bytes").integer(in: 1...mostBytes),
          checksums: try checksums(entries),
          archive: try entries["archive"]?.name("archive", among: archives.map { $0.file }),
          split: split, text: text))
    }
    for split in decoder.splits where !files.contains(where: { $0.split == split }) {
      throw try top.required("files").error(
        "none has split '\(split.rawValue)'; expected one or more")
    }
    return files
  }

  private static func limits(_ top: YAMLMapping, files: [File]) throws(YAMLError) -> Limits {
    // Room for folders, a README and the like beside the files; a bomb is far beyond it.
    let total = files.reduce(0) { $0 + $1.sizeBytes }
    var limits = Limits(
      entries: 2 * files.count + 16, unpackedBytes: total + total / 4 + (1 << 20))
    guard let given = try top["limits"]?.mapping(keys: ["entries", "unpacked-bytes"]) else {
      return limits
    }
    limits.entries = try given["entries"]?.integer(in: 1...10_000_000) ?? limits.entries
    limits.unpackedBytes =
      try given["unpacked-bytes"]?.integer(in: 1...(4 * limitFileBytes)) ?? limits.unpackedBytes
    return limits
  }

  private static func images(_ top: YAMLMapping, files: [File]) throws(YAMLError) -> Images {
    let entries = try top.required("images").mapping(
      keys: [
        "height", "width", "channels", "classes", "records-per-file", "validation", "original",
        "inexact-test-images",
      ])
    var classes: [String] = []
    for item in try entries.required("classes").list(counts: 2...256) {
      classes.append(try item.text())
    }
    let recordsPerFile = try entries.required("records-per-file").integer(in: 1...10_000_000)
    let training = recordsPerFile * files.count { $0.split == .training }
    let test = recordsPerFile * files.count { $0.split == .test }
    let original = try entries["original"].map(identifier)
    var inexact: [Int] = []
    for item in try entries["inexact-test-images"]?.list(counts: 0...10_000) ?? [] {
      inexact.append(try item.integer(in: 0...test - 1))
    }
    return Images(
      height: try entries.required("height").integer(in: 1...1024),
      width: try entries.required("width").integer(in: 1...1024),
      channels: try entries.required("channels").integer(in: 1...16), classes: classes,
      recordsPerFile: recordsPerFile,
      validationCount: try entries.required("validation").integer(in: 1...max(1, training - 1)),
      original: original, inexactTestImages: inexact)
  }

  private static func text(_ value: YAMLValue) throws(YAMLError) -> Text {
    let entries = try value.mapping(keys: ["vocabulary", "tokens", "marks"])
    let tokens = try entries.required("tokens").mapping(keys: Split.allCases.map { $0.rawValue })
    var marks: [String] = []
    for item in try entries["marks"]?.list(counts: 0...20) ?? [] { marks.append(try item.text()) }
    // Two tokens at least: one to read and one to foretell.
    return Text(
      vocabulary: try entries.required("vocabulary").integer(in: 2...1_000_000),
      trainingTokens: try tokens.required("training").integer(in: 2...limitTextBytes),
      validationTokens: try tokens.required("validation").integer(in: 2...limitTextBytes),
      testTokens: try tokens.required("test").integer(in: 2...limitTextBytes), marks: marks)
  }

  private static func table(_ value: YAMLValue, files: [File]) throws(YAMLError) -> Table {
    let entries = try value.mapping(keys: ["rows", "sources"])
    var sources: [TableSource] = []
    var names: Set<String> = []
    for item in try entries.required("sources").list(counts: 1...100) {
      let part = try item.mapping(keys: ["file", "key", "numbers", "texts"])
      let source = TableSource(
        file: try part.required("file").name("file", among: files.map { $0.path }),
        key: try part.required("key").text(), numbers: try columns(part["numbers"]),
        texts: try columns(part["texts"]))
      for column in source.numbers + source.texts where !names.insert(column.name).inserted {
        throw item.error("column '\(column.name)' is there twice; expected it once")
      }
      sources.append(source)
    }
    return Table(
      rows: try entries.required("rows").integer(in: 1...1_000_000), sources: sources)
  }

  private static func scores(_ value: YAMLValue) throws(YAMLError) -> Scores {
    let entries = try value.mapping(
      keys: [
        "space", "objective", "architectures", "training-examples", "search-epochs", "seconds",
        "seconds-of",
      ])
    let id = try entries.required("objective")
      .name("objective", among: Objective.all.map(\.id))
    let seconds = try entries.required("seconds")
      .name("kind of seconds", among: ["recorded", "modelled"])
    return Scores(
      space: try entries.required("space").text(longest: 64),
      objective: Objective.all.first { $0.id == id } ?? .classificationError,
      architectures: try entries.required("architectures").integer(in: 1...10_000_000),
      trainingExamples: try entries.required("training-examples").integer(in: 1...1_000_000_000),
      searchEpochs: try entries.required("search-epochs").integer(in: 1...1_000_000_000),
      costLabel: "\(seconds): \(try entries.required("seconds-of").text(longest: 200))")
  }

  private static func columns(_ value: YAMLValue?) throws(YAMLError) -> [TableColumn] {
    var columns: [TableColumn] = []
    for (source, name) in try value?.mapping().entries ?? [] {
      columns.append(TableColumn(source: source, name: try name.text()))
    }
    return columns
  }

  private static var checksumKeys: [String] { Checksum.Algorithm.allCases.map { $0.rawValue } }

  private static func checksums(_ entries: YAMLMapping) throws(YAMLError) -> [Checksum] {
    var checksums: [Checksum] = []
    for algorithm in Checksum.Algorithm.allCases {
      guard let value = entries[algorithm.rawValue] else { continue }
      let text = try value.text()
      let isHexadecimal = text.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      }
      guard isHexadecimal, text.utf8.count == algorithm.digits else {
        throw value.error(
          "found \(value.found); expected \(algorithm.digits) digits from 0-9 and a-f")
      }
      checksums.append(Checksum(algorithm: algorithm, value: text))
    }
    guard !checksums.isEmpty else {
      throw entries.whole.error("has no checksum; give sha256, git-blob-sha1 or md5")
    }
    return checksums
  }

  /// Whether a path is relative and stays below its folder.
  package static func isPlainPath(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return path.utf8.count <= 512 && !path.utf8.contains(0)
      && parts.allSatisfy { $0 != ".." && $0 != "." && !$0.isEmpty }
  }
}

extension DatasetManifest.Decoder {
  /// The splits that a dataset must have; none for a table.
  fileprivate var splits: [DatasetManifest.Split] {
    switch self {
    case .cifarBinary: [.training, .test]
    case .recordedTable, .recordedScores: []
    case .wordText: [.training, .validation, .test]
    }
  }

  /// The key of the decoder's facts, and how a message speaks of its data.
  fileprivate var facts: (key: String, data: String) {
    switch self {
    case .cifarBinary: ("images", "a dataset of images has")
    case .recordedTable: ("table", "a recorded table has")
    case .recordedScores: ("scores", "a table of scores has")
    case .wordText: ("text", "a text has")
    }
  }
}
