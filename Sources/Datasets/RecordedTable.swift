import Checks

/// What someone measured of architectures, row by row, to be looked up instead of trained.
public struct RecordedTable: Sendable {
  /// The row of one architecture.
  public struct Row: Hashable, Sendable {
    /// The architecture in the table's notation.
    public let key: String
    /// One number for each of `columns`.
    public let values: [Double]
    /// One text for each of `textColumns`.
    public let texts: [String]

    public init(key: String, values: [Double], texts: [String]) {
      self.key = key
      self.values = values
      self.texts = texts
    }
  }

  /// Name of the dataset.
  public let name: String
  /// Names of the columns of numbers.
  public let columns: [String]
  /// Names of the columns of text.
  public let textColumns: [String]
  /// Rows in the order of the first file.
  public let rows: [Row]
  /// SHA-256 of every file that was read, in the manifest's order.
  public let checksums: [FileChecksum]

  // Only ever looked up by key: its order reaches no result.
  private let positions: [String: Int]

  /// Puts a table together.
  ///
  /// - Precondition: Every row has one value and one text a column, and no key is there twice.
  public init(
    name: String, columns: [String], textColumns: [String] = [], rows: [Row],
    checksums: [FileChecksum] = []
  ) {
    check(
      rows.allSatisfy { $0.values.count == columns.count && $0.texts.count == textColumns.count },
      "RecordedTable: a row has another number of columns")
    var positions: [String: Int] = [:]
    for (index, row) in rows.enumerated() { positions[row.key] = index }
    check(positions.count == rows.count, "RecordedTable: a key is there twice")
    self.name = name
    self.columns = columns
    self.textColumns = textColumns
    self.rows = rows
    self.checksums = checksums
    self.positions = positions
  }

  /// The row of an architecture, or `nil` if the table has none.
  public func row(_ key: String) -> Row? { positions[key].map { rows[$0] } }

  /// Position of a column of numbers in each row's `values`, or `nil` if there is none.
  public func column(_ name: String) -> Int? { columns.firstIndex(of: name) }

  /// Position of a column of text in each row's `texts`, or `nil` if there is none.
  public func textColumn(_ name: String) -> Int? { textColumns.firstIndex(of: name) }

  /// One number of an architecture, or `nil` if there is no such row or column.
  public func value(_ key: String, _ columnName: String) -> Double? {
    guard let row = row(key), let index = column(columnName) else { return nil }
    return row.values[index]
  }
}
