import ArgumentParser
import Datasets
import Foundation

/// `searchlight data show`.
struct DataShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows what a dataset holds, where it comes from and how its files are known.")

  @Argument(help: "Name of the dataset, or the path of a manifest.")
  var name: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      let library = try ProjectFolder.find().library
      let found = try library.manifest(name)
      let row = DataRow(found, library.state(of: found))
      if json { return Output.line(try DataRow.json(row)) }
      for line in Self.lines(found, row) { Output.line(line) }
    }
  }

  private static func lines(_ manifest: DatasetManifest, _ row: DataRow) -> [String] {
    var lines = [
      "\(row.name) \(row.version): \(row.title)",
      "state:    \(row.state)",
      "content:  \(row.content)",
      "decoder:  \(row.decoder)",
      "citation: \(row.citation)",
      "licence:  \(row.licence)",
    ]
    if let note = row.note { lines.append("note:     \(note)") }
    for archive in manifest.archives {
      lines.append("archive:  \(archive.file), \(archive.sizeBytes) bytes")
      lines += (archive.checksums.map { $0.description } + archive.addresses).map { "  \($0)" }
    }
    for file in manifest.files {
      let split = file.split.map { ", \($0.rawValue)" } ?? ""
      lines.append("file:     \(file.path), \(file.sizeBytes) bytes\(split)")
      lines += file.checksums.map { "  \($0)" }
    }
    return lines
  }
}

/// A dataset as `data list` and `data show` describe it.
struct DataRow: Encodable {
  let name: String
  let version: String
  let title: String
  let state: String
  let decoder: String
  /// What it holds, counted.
  let content: String
  let sizeBytes: Int
  let fetchable: Bool
  let citation: String
  let licence: String
  let note: String?

  init(_ manifest: DatasetManifest, _ state: DatasetLibrary.State) {
    name = manifest.name
    version = manifest.version
    title = manifest.title
    self.state = state.word
    decoder = manifest.decoder.rawValue
    content = Self.content(manifest)
    sizeBytes = manifest.sizeBytes
    fetchable = manifest.isFetchable
    citation = manifest.citation
    licence = manifest.licence
    note = manifest.note
  }

  var line: String {
    let name = name.padding(toLength: max(18, name.count + 1), withPad: " ", startingAt: 0)
    let state = state.padding(toLength: 9, withPad: " ", startingAt: 0)
    let megabytes =
      sizeBytes < 10_000_000
      ? "\(sizeBytes / 1_000_000).\(sizeBytes / 100_000 % 10)" : "\(sizeBytes / 1_000_000)"
    return "\(name)\(state)\(megabytes) MB  \(title)" + (fetchable ? "" : " (import only)")
  }

  static func json(_ rows: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(rows), as: UTF8.self)
  }

  private static func content(_ manifest: DatasetManifest) -> String {
    switch manifest.content {
    case .images(let facts):
      let counts = [DatasetManifest.Split.training, .test].map { split in
        manifest.files(of: split).count * facts.recordsPerFile
      }
      return "\(counts[0]) images for training (\(facts.validationCount) of them held out for "
        + "validation), \(counts[1]) for testing; \(facts.height) x \(facts.width) pixels, "
        + "\(facts.channels) channels, \(facts.classes.count) classes"
    case .table(let facts):
      let columns = facts.sources.flatMap { ($0.numbers + $0.texts).map { $0.name } }
      return "\(facts.rows) rows of \(columns.joined(separator: ", "))"
    case .scores(let facts):
      return "\(facts.objective.name(on: .validation)) and \(facts.objective.name(on: .test)) of "
        + "\(facts.architectures) architectures of \(facts.space); seconds are \(facts.costLabel)"
    case .text(let facts):
      return "\(facts.trainingTokens) tokens for training, \(facts.validationTokens) for "
        + "validation, \(facts.testTokens) for testing, <eos> after each line among them; "
        + "\(facts.vocabulary) words"
    }
  }
}
