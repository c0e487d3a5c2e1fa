import SearchCore

/// Reads files of comma-separated values with a header, without quoted fields, and joins them by
/// their keys.
public struct RecordedTableDecoder: Sendable {
  /// A file as it was read, before the join.
  private struct Part {
    let keys: [String]
    let values: [[Double]]
    let texts: [[String]]
    let positions: [String: Int]
  }

  /// The most bytes that one line may have.
  private static let limitLineBytes = 1 << 16

  private let facts: DatasetManifest.Table

  public init(_ facts: DatasetManifest.Table) { self.facts = facts }

  /// Reads and joins the files.
  ///
  /// - Parameters:
  ///   - name: Name of the dataset.
  ///   - files: Bytes of each of the manifest's sources, in their order.
  ///   - checksums: Kept in the table.
  /// - Throws: `record` if a column is missing, a number cannot be read, a key is there twice or
  ///   not in every file, or the number of rows is not the manifest's.
  public func decode(
    name: String, files: [(name: String, bytes: [UInt8])], checksums: [FileChecksum]
  ) throws(DatasetError) -> RecordedTable {
    var parts: [Part] = []
    for (source, file) in zip(facts.sources, files) { parts.append(try read(source, file)) }
    var rows: [RecordedTable.Row] = []
    rows.reserveCapacity(facts.rows)
    for key in parts.first?.keys ?? [] {
      var values: [Double] = []
      var texts: [String] = []
      for (part, file) in zip(parts, files) {
        guard let index = part.positions[key] else {
          throw .record(
            file: file.name, record: nil, found: "no row '\(key)'",
            expected: "the keys of \(files[0].name)")
        }
        values += part.values[index]
        texts += part.texts[index]
      }
      rows.append(RecordedTable.Row(key: key, values: values, texts: texts))
    }
    return RecordedTable(
      name: name, columns: facts.sources.flatMap { $0.numbers.map { $0.name } },
      textColumns: facts.sources.flatMap { $0.texts.map { $0.name } }, rows: rows,
      checksums: checksums)
  }

  private func read(
    _ source: DatasetManifest.TableSource, _ file: (name: String, bytes: [UInt8])
  ) throws(DatasetError) -> Part {
    let lines = EditedText.normalized(file.bytes).split(
      separator: UInt8(ascii: "\n"), maxSplits: facts.rows + 2, omittingEmptySubsequences: true)
    guard let first = lines.first else {
      throw .record(file: file.name, record: nil, found: "nothing", expected: "a header")
    }
    let header = try fields(first, 0, file.name)
    let key = try position(source.key, header, file.name)
    var numbers: [Int] = []
    for column in source.numbers {
      numbers.append(try position(column.source, header, file.name))
    }
    var texts: [Int] = []
    for column in source.texts { texts.append(try position(column.source, header, file.name)) }
    guard lines.count - 1 == facts.rows else {
      let found = lines.count - 1 > facts.rows ? "more" : "\(lines.count - 1) rows"
      throw .record(file: file.name, record: nil, found: found, expected: "\(facts.rows) rows")
    }
    var keys: [String] = []
    var values: [[Double]] = []
    var words: [[String]] = []
    var positions: [String: Int] = [:]
    for (index, line) in lines.dropFirst().enumerated() {
      let row = try fields(line, index + 1, file.name)
      guard row.count == header.count else {
        throw .record(
          file: file.name, record: index + 1, found: "\(row.count) fields",
          expected: "\(header.count)")
      }
      guard positions.updateValue(index, forKey: row[key]) == nil else {
        throw .record(
          file: file.name, record: index + 1, found: "key '\(row[key])' again",
          expected: "each key once")
      }
      keys.append(row[key])
      values.append(try read(numbers, of: row, index + 1, file.name))
      words.append(texts.map { row[$0] })
    }
    try refuseFractions(source.numbers, values, file.name)
    return Part(keys: keys, values: values, texts: words, positions: positions)
  }

  /// Refuses accuracies from 0 to 1 where percent are meant: they would be errors of 99 %.
  private func refuseFractions(
    _ columns: [DatasetManifest.TableColumn], _ values: [[Double]], _ file: String
  ) throws(DatasetError) {
    for (index, column) in columns.enumerated() where column.name.contains("accuracy") {
      guard let largest = values.map({ $0[index] }).max(), largest > 0, largest <= 1 else {
        continue
      }
      throw .record(
        file: file, record: nil,
        found: "at most \(largest.shortText) in column '\(column.source)', as fractions are",
        expected: "accuracies in percent, from 0 to 100")
    }
  }

  private func read(
    _ columns: [Int], of row: [String], _ record: Int, _ file: String
  ) throws(DatasetError) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(columns.count)
    for column in columns {
      guard let value = Double(row[column]), value.isFinite else {
        throw .record(
          file: file, record: record, found: "'\(row[column].prefix(40))'", expected: "a number")
      }
      values.append(value)
    }
    return values
  }

  private func fields(
    _ line: ArraySlice<UInt8>, _ record: Int, _ file: String
  ) throws(DatasetError) -> [String] {
    guard line.count <= Self.limitLineBytes else {
      throw .record(
        file: file, record: record, found: "a line of \(line.count) bytes",
        expected: "at most \(Self.limitLineBytes)")
    }
    return line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private func position(
    _ column: String, _ header: [String], _ file: String
  ) throws(DatasetError) -> Int {
    guard let position = header.firstIndex(of: column) else {
      throw .record(
        file: file, record: nil, found: "columns \(header.prefix(20).joined(separator: ", "))",
        expected: "a column '\(column)'")
    }
    guard header.lastIndex(of: column) == position else {
      throw .record(
        file: file, record: nil, found: "column '\(column)' twice", expected: "each column once")
    }
    return position
  }
}
