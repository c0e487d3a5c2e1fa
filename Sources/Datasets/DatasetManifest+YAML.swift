import Foundation

extension DatasetManifest {
  /// The most bytes that a manifest may have.
  static let limitBytes = 1 << 20
  /// The most bytes that one file of a dataset may have, 64 GiB.
  static let limitFileBytes = 1 << 36

  /// Reads a manifest from a YAML file.
  ///
  /// - Throws: `manifest` with file, line and the nearest valid name; `fileSystem` if the file
  ///   cannot be read.
  public init(contentsOf file: URL) throws(DatasetError) {
    let bytes = try DurableFile.contents(file, limitBytes: Self.limitBytes)
    guard let yaml = String(validating: bytes, as: UTF8.self) else {
      throw .manifest(file: file.relativePath, line: nil, problem: "is not UTF-8 text")
    }
    try self.init(yaml: yaml, source: file)
  }

  /// Reads a manifest from a YAML text.
  ///
  /// - Parameter source: Where the text is from, for messages and relative addresses.
  public init(yaml: String, source: URL) throws(DatasetError) {
    let top = try YAMLSection(yaml: yaml, file: source.relativePath)
    let known = [
      "name", "version", "title", "citation", "licence", "note", "decoder", "archives", "files",
      "limits", "images", "table",
    ]
    try top.checkKeys(known)
    self.source = source
    self.yaml = yaml
    name = try Self.identifier(top, "name")
    version = try Self.identifier(top, "version")
    title = try top.text("title")
    citation = try top.text("citation")
    licence = try top.text("licence")
    note = try top.optionalText("note")
    archives = try Self.archives(top)
    let word = try top.word("decoder", among: Decoder.allCases.map { $0.rawValue })
    let isTable = word == Decoder.recordedTable.rawValue
    files = try Self.files(top, archives: archives, needSplit: !isTable)
    limits = try Self.limits(top, files: files)
    if isTable {
      if top.has("images") { throw top.problem("images", "a recorded table has no images") }
      content = .table(try Self.table(try top.section("table"), files: files))
    } else {
      if top.has("table") { throw top.problem("table", "a dataset of images has no table") }
      content = .images(try Self.images(try top.section("images"), top, files: files))
    }
  }

  /// A text that may be a folder's name: letters, digits, `.`, `_` and `-`, not beginning with `.`.
  private static func identifier(_ section: YAMLSection, _ key: String) throws(DatasetError)
    -> String
  {
    let text = try section.text(key)
    let allowed = text.utf8.allSatisfy { byte in
      switch UInt8(byte) {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard allowed, !text.hasPrefix("."), text.utf8.count <= 64 else {
      throw section.problem(
        key, "found '\(text)', expected at most 64 letters, digits, '.', '_' and '-'")
    }
    return text
  }

  private static func archives(_ top: YAMLSection) throws(DatasetError) -> [Archive] {
    guard top.has("archives") else { return [] }
    var archives: [Archive] = []
    for section in try top.sections("archives") {
      try section.checkKeys(["file", "bytes", "addresses"] + checksumKeys)
      let file = try section.text("file")
      guard !file.contains("/"), isPlainPath(file) else {
        throw section.problem("file", "found '\(file)', expected a name without folders")
      }
      if archives.contains(where: { $0.file == file }) {
        throw section.problem("file", "'\(file)' is there twice")
      }
      let addresses = section.has("addresses") ? try section.texts("addresses") : []
      for address in addresses {
        guard let scheme = URL(string: address)?.scheme else { continue }
        guard ["http", "https", "file"].contains(scheme) else {
          throw section.problem(
            "addresses", "found '\(address)', expected http, https, file or a relative path")
        }
      }
      archives.append(
        Archive(
          file: file, sizeBytes: try section.integer("bytes", in: 1...limitFileBytes),
          checksums: try checksums(section), addresses: addresses))
    }
    return archives
  }

  private static func files(
    _ top: YAMLSection, archives: [Archive], needSplit: Bool
  ) throws(DatasetError) -> [File] {
    var files: [File] = []
    for section in try top.sections("files") {
      try section.checkKeys(
        ["path", "bytes", "archive"] + (needSplit ? ["split"] : []) + checksumKeys)
      let path = try section.text("path")
      guard isPlainPath(path) else {
        throw section.problem("path", "found '\(path)', expected a relative path without '..'")
      }
      if files.contains(where: { $0.path == path }) {
        throw section.problem("path", "'\(path)' is there twice")
      }
      let archive =
        section.has("archive")
        ? try section.word("archive", among: archives.map { $0.file }) : nil
      let split =
        needSplit
        ? Split(rawValue: try section.word("split", among: Split.allCases.map { $0.rawValue }))
        : nil
      files.append(
        File(
          path: path, sizeBytes: try section.integer("bytes", in: 1...limitFileBytes),
          checksums: try checksums(section), archive: archive, split: split))
    }
    guard !files.isEmpty else { throw top.problem("files", "found none, expected at least one") }
    return files
  }

  private static func limits(_ top: YAMLSection, files: [File]) throws(DatasetError) -> Limits {
    // Room for folders, a README and the like beside the files; a bomb is far beyond it.
    let total = files.reduce(0) { $0 + $1.sizeBytes }
    let usual = Limits(
      entries: 2 * files.count + 16, unpackedBytes: total + total / 4 + (1 << 20))
    guard top.has("limits") else { return usual }
    let section = try top.section("limits")
    try section.checkKeys(["entries", "unpacked-bytes"])
    return Limits(
      entries: section.has("entries")
        ? try section.integer("entries", in: 1...10_000_000) : usual.entries,
      unpackedBytes: section.has("unpacked-bytes")
        ? try section.integer("unpacked-bytes", in: 1...(4 * limitFileBytes))
        : usual.unpackedBytes)
  }

  private static func images(
    _ section: YAMLSection, _ top: YAMLSection, files: [File]
  ) throws(DatasetError) -> Images {
    try section.checkKeys(
      ["height", "width", "channels", "classes", "records-per-file", "validation"])
    let classes = try section.texts("classes")
    guard (2...256).contains(classes.count) else {
      throw section.problem("classes", "found \(classes.count), expected from 2 to 256")
    }
    let recordsPerFile = try section.integer("records-per-file", in: 1...10_000_000)
    for split in Split.allCases where !files.contains(where: { $0.split == split }) {
      throw top.problem("files", "none has split \(split.rawValue)")
    }
    let training = recordsPerFile * files.count { $0.split == .training }
    return Images(
      height: try section.integer("height", in: 1...1024),
      width: try section.integer("width", in: 1...1024),
      channels: try section.integer("channels", in: 1...16), classes: classes,
      recordsPerFile: recordsPerFile,
      validationCount: try section.integer("validation", in: 1...max(1, training - 1)))
  }

  private static func table(_ section: YAMLSection, files: [File]) throws(DatasetError) -> Table {
    try section.checkKeys(["rows", "sources"])
    var sources: [TableSource] = []
    var names: [String] = []
    for part in try section.sections("sources") {
      try part.checkKeys(["file", "key", "numbers", "texts"])
      let source = TableSource(
        file: try part.word("file", among: files.map { $0.path }), key: try part.text("key"),
        numbers: try columns(part, "numbers"), texts: try columns(part, "texts"))
      for column in source.numbers + source.texts {
        guard !names.contains(column.name) else {
          throw part.problem("file", "column '\(column.name)' is there twice")
        }
        names.append(column.name)
      }
      sources.append(source)
    }
    guard !sources.isEmpty else { throw section.problem("sources", "found none, expected one") }
    return Table(rows: try section.integer("rows", in: 1...1_000_000), sources: sources)
  }

  private static func columns(
    _ part: YAMLSection, _ key: String
  ) throws(DatasetError) -> [TableColumn] {
    guard part.has(key) else { return [] }
    let section = try part.section(key)
    var columns: [TableColumn] = []
    for source in section.keys {
      columns.append(TableColumn(source: source, name: try section.text(source)))
    }
    return columns
  }

  private static var checksumKeys: [String] { Checksum.Algorithm.allCases.map { $0.rawValue } }

  private static func checksums(_ section: YAMLSection) throws(DatasetError) -> [Checksum] {
    var checksums: [Checksum] = []
    for algorithm in Checksum.Algorithm.allCases where section.has(algorithm.rawValue) {
      let text = try section.text(algorithm.rawValue)
      let isHexadecimal = text.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      }
      guard isHexadecimal, text.utf8.count == algorithm.digits else {
        throw section.problem(
          algorithm.rawValue,
          "found '\(text)', expected \(algorithm.digits) digits from 0-9 and a-f")
      }
      checksums.append(Checksum(algorithm: algorithm, value: text))
    }
    guard !checksums.isEmpty else {
      throw .manifest(
        file: section.file, line: section.line,
        problem: "\(section.path) has no checksum; give sha256, git-blob-sha1 or md5")
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
