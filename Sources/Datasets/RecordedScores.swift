import SearchCore

/// What somebody measured of a space's architectures, in the one form that any such table can be
/// written in: a row for each architecture, split, fidelity and seed.
///
/// The file is of comma-separated values without quotes:
///
///     architecture,split,epochs,seed,score,seconds
///     |none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|,validation,4,0,0.894,0.794
///     |none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|,test,4,0,0.9,
///
/// An architecture is written in its space's notation; a score is the objective's own number, as
/// 0.06 for 6 % classification error; seconds are those of training so long and of validation.
public struct RecordedScores: Sendable {
  /// The first line of the file.
  public static let header = "architecture,split,epochs,seed,score,seconds"

  /// One measurement.
  public struct Row: Hashable, Sendable {
    /// In the space's notation.
    public let architecture: String
    public let split: Objective.Split
    /// Passes over the training split.
    public let epochs: Int
    public let seed: Int
    public let score: Double
    /// `nil` where the file leaves it open, which it may for test scores.
    public let seconds: Double?
  }

  /// Name of the dataset.
  public let name: String
  /// What the manifest says of the table.
  public let facts: DatasetManifest.Scores
  /// In the order of the files.
  public let rows: [Row]
  /// SHA-256 of every file, in the manifest's order.
  public let checksums: [FileChecksum]
}

extension RecordedScores {
  /// What a row is of; no two have the same.
  private struct Place: Hashable {
    let architecture: String
    let split: Objective.Split
    let epochs: Int
    let seed: Int
  }

  /// The most bytes that one line may have.
  private static let limitLineBytes = 1 << 16

  /// Reads files.
  ///
  /// - Throws: `record` for a field that cannot be read or is out of its range, a measurement that
  ///   is there twice, or another number of architectures than the manifest's.
  init(
    name: String, facts: DatasetManifest.Scores, files: [(name: String, bytes: [UInt8])],
    checksums: [FileChecksum]
  ) throws(DatasetError) {
    var rows: [Row] = []
    var places: Set<Place> = []
    var architectures: Set<String> = []
    for file in files {
      let lines = EditedText.normalized(file.bytes).split(separator: UInt8(ascii: "\n"))
      guard let first = lines.first, String(decoding: first, as: UTF8.self) == Self.header else {
        throw .record(
          file: file.name, record: nil,
          found: lines.first.map { "'\(String(decoding: $0.prefix(80), as: UTF8.self))'" }
            ?? "nothing",
          expected: "the header '\(Self.header)'")
      }
      for (number, line) in lines.enumerated().dropFirst() {
        let row = try Self.row(line, number, file.name, facts)
        let place = Place(
          architecture: row.architecture, split: row.split, epochs: row.epochs, seed: row.seed)
        guard places.insert(place).inserted else {
          throw .record(
            file: file.name, record: number,
            found: "'\(row.architecture.prefix(200))', \(row.split.rawValue), \(row.epochs) "
              + "epoch(s), seed \(row.seed) again",
            expected: "each measurement once")
        }
        architectures.insert(row.architecture)
        rows.append(row)
      }
    }
    guard architectures.count == facts.architectures else {
      throw .record(
        file: files.first?.name ?? name, record: nil,
        found: "\(architectures.count) architectures", expected: "\(facts.architectures)")
    }
    self.init(name: name, facts: facts, rows: rows, checksums: checksums)
  }

  private static func row(
    _ line: ArraySlice<UInt8>, _ number: Int, _ file: String, _ facts: DatasetManifest.Scores
  ) throws(DatasetError) -> Row {
    func wrong(_ found: String, _ expected: String) -> DatasetError {
      .record(file: file, record: number, found: found, expected: expected)
    }
    guard line.count <= limitLineBytes else {
      throw wrong("a line of \(line.count) bytes", "at most \(limitLineBytes)")
    }
    let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard fields.count == 6 else { throw wrong("\(fields.count) fields", "6: \(header)") }
    guard let split = Objective.Split(rawValue: fields[1]) else {
      throw wrong("split '\(fields[1].prefix(40))'", "validation or test")
    }
    func integer(_ place: Int, _ name: String, from lowest: Int) throws(DatasetError) -> Int {
      guard let value = Int(fields[place]), (lowest...1_000_000_000).contains(value) else {
        throw wrong("\(name) '\(fields[place].prefix(40))'", "an integer from \(lowest)")
      }
      return value
    }
    let epochs = try integer(2, "epochs", from: 1)
    let seed = try integer(3, "seed", from: 0)
    guard let score = Double(fields[4]), facts.objective.accepts(score) else {
      throw wrong(
        "score '\(fields[4].prefix(40))'", "\(facts.objective.id), \(facts.objective.rangeText)")
    }
    let seconds = fields[5].isEmpty ? nil : Double(fields[5])
    guard seconds.map({ $0 > 0 && $0 < 1e9 }) ?? (fields[5].isEmpty && split == .test) else {
      throw wrong("seconds '\(fields[5].prefix(40))'", "a number above 0 and below 1e9")
    }
    return Row(
      architecture: fields[0], split: split, epochs: epochs, seed: seed, score: score,
      seconds: seconds)
  }
}
