import Crypto
import Foundation
import SearchCore

/// A piece of work at a step boundary, as it is written down: what it belongs to, what it has cost,
/// and its snapshot.
package struct Checkpoint: Hashable, Sendable {
  /// The versioned JSON part.
  package struct Record: Hashable, Codable, Sendable {
    /// Stable id of the run.
    package var run: String
    /// Name of the piece of work: `trial 3`, `final training`.
    package var work: String
    /// Lines in the journal when this was written, and the chain value after the last of them: a
    /// checkpoint of another history does not fit.
    package var journalLines: Int
    package var journalHash: String
    /// How many of those lines are canonical.
    package var canonicalLines: Int
    /// What the piece has cost so far.
    package var charges: Ledger
    /// The epochs of training that are done; `nil` if none has told of itself.
    package var learning: [LearningPoint]?
    /// What the run was measured to spend so far.
    package var measured: MeasuredCosts
    /// The snapshot's own JSON.
    package var state: String
    /// Name and SHA-256 of the file of tensors beside this one; `nil` if there are none.
    package var tensors: TensorFile?
  }

  /// A file of tensors.
  package struct TensorFile: Hashable, Codable, Sendable {
    package var name: String
    package var sha256: String
  }

  package var record: Record
  package var snapshot: Snapshot

  /// Puts a checkpoint together.
  package init(record: Record, snapshot: Snapshot) {
    self.record = record
    self.snapshot = snapshot
  }

  /// Raised whenever older checkpoints cannot be read any more.
  static let format = 1
  /// Largest record and largest file of tensors that are read, in bytes.
  private static let recordLimit = 256 << 20
  private static let tensorLimit = 16 << 30

  // The record is `{"format":1,"sha256":"<64 digits>","checkpoint":<JSON>}`: the digest covers the
  // JSON's bytes as they stand.
  private static let prefix = #"{"format":"#
  private static let infix = #","sha256":""#
  private static let suffix = #"","checkpoint":"#

  /// The record as bytes.
  package static func encoded(_ record: Record) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = try encoder.encode(record)
    let digest = SHA256.hash(data: body).hexadecimal
    return Data("\(prefix)\(format)\(infix)\(digest)\(suffix)".utf8) + body + Data("}\n".utf8)
  }

  /// Reads a record and checks its format and digest.
  ///
  /// - Throws: `SuiteError` that says what is wrong, without the file's name.
  package static func decoded(_ data: Data) throws(SuiteError) -> Record {
    var rest = data[...]
    func take(_ text: String) throws(SuiteError) {
      guard rest.starts(with: Data(text.utf8)) else {
        throw SuiteError("is not a checkpoint; expected '\(prefix)…'")
      }
      rest = rest.dropFirst(text.utf8.count)
    }
    try take(prefix)
    let digits = rest.prefix(9).prefix { (48...57).contains($0) }
    rest = rest.dropFirst(digits.count)
    guard let found = Int(String(decoding: digits, as: UTF8.self)) else {
      throw SuiteError("is not a checkpoint; expected '\(prefix)…'")
    }
    guard found == format else {
      throw SuiteError("has checkpoint format \(found); this program reads format \(format)")
    }
    try take(infix)
    let digest = String(decoding: rest.prefix(64), as: UTF8.self)
    rest = rest.dropFirst(64)
    try take(suffix)
    guard rest.suffix(2) == Data("}\n".utf8) else { throw SuiteError("is cut off") }
    let body = rest.dropLast(2)
    guard SHA256.hash(data: body).hexadecimal == digest else {
      throw SuiteError("does not match its checksum")
    }
    do {
      return try JSONDecoder().decode(Record.self, from: body)
    } catch {
      throw SuiteError("cannot be read; expected a checkpoint's JSON")
    }
  }

  /// Reads a checkpoint; `nil` if there is none.
  ///
  /// - Throws: `SuiteError`, one line: the file is unreadable, damaged or of another format.
  package static func read(_ url: URL) throws(SuiteError) -> Checkpoint? {
    guard let data = try contents(url, limit: recordLimit) else { return nil }
    let record: Record
    do {
      record = try decoded(data)
    } catch {
      throw SuiteError("\(url.path): \(error.description)")
    }
    var snapshot = Snapshot(state: Array(record.state.utf8))
    if let file = record.tensors {
      let place = url.deletingLastPathComponent().appending(path: file.name)
      guard !file.name.contains("/"), let tensors = try contents(place, limit: tensorLimit) else {
        throw SuiteError("\(place.path): is missing; \(url.lastPathComponent) names it")
      }
      guard SHA256.hash(data: tensors).hexadecimal == file.sha256 else {
        throw SuiteError("\(place.path): does not match its checksum")
      }
      snapshot.tensors = Array(tensors)
    }
    return Checkpoint(record: record, snapshot: snapshot)
  }

  private static func contents(_ url: URL, limit: Int) throws(SuiteError) -> Data? {
    var status = stat()
    guard lstat(url.path, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
      throw SuiteError("\(url.path): is no file of at most \(limit) bytes")
    }
    do {
      return try Data(contentsOf: url)
    } catch {
      throw SuiteError("\(url.path): cannot be read; expected a checkpoint there")
    }
  }
}
