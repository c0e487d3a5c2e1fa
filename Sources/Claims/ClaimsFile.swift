import Foundation
import SearchCore

/// A file of published results that could not be read; one line says where and why.
public enum ClaimsError: Error, Hashable, CustomStringConvertible, Sendable {
  case unreadable(file: String, reason: String)
  case tooLarge(file: String, bytes: Int)
  /// A line that is not a published result.
  case line(file: String, line: Int, problem: String)

  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): cannot be read (\(reason)); give the path of a CSV file of published results"
    case .tooLarge(let file, let bytes):
      "\(file): \(bytes) bytes, at most \(ClaimsFile.largestBytes) are read; "
        + "split it into several files"
    case .line(let file, let line, let problem): "\(file):\(line): \(problem)"
    }
  }
}

/// Reads published results from CSV, one file a paper.
///
/// Columns as in `header`; values are as printed, in the metric's unit. What a paper does not
/// state is empty. Fields with commas stand in double quotes (RFC 4180, without line breaks inside
/// fields).
public enum ClaimsFile {
  /// Larger files are refused.
  public static let largestBytes = 1 << 20

  static let header = [
    "id", "subject", "method", "network", "space", "dataset", "metric", "value", "spread", "runs",
    "statistic", "searches", "protocol", "parameters", "cost", "gpu", "source", "status",
    "unverified", "errata", "level", "check", "margin", "expected", "reason",
  ]

  /// Reads a file.
  ///
  /// - Throws: `ClaimsError.unreadable`, `.tooLarge` or `.line`.
  public static func load(_ file: URL) throws(ClaimsError) -> [PublishedResult] {
    let name = file.lastPathComponent
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { handle.closeFile() }
      data = try handle.read(upToCount: largestBytes + 1) ?? Data()
    } catch {
      let exists = FileManager.default.fileExists(atPath: file.path)
      throw .unreadable(file: name, reason: exists ? "it is not a readable file" : "no such file")
    }
    guard data.count <= largestBytes else { throw .tooLarge(file: name, bytes: data.count) }
    guard let text = EditedText(utf8: [UInt8](data))?.text else {
      throw .unreadable(file: name, reason: "not UTF-8")
    }
    return try parse(text, file: name)
  }

  /// Reads the text of a file.
  ///
  /// - Parameter file: Name for messages.
  /// - Throws: `ClaimsError.line` at the first line that is wrong.
  public static func parse(_ text: String, file: String) throws(ClaimsError) -> [PublishedResult] {
    var results: [PublishedResult] = []
    var lines: [String: Int] = [:]
    let texts = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in texts.enumerated() {
      let number = index + 1
      let place = Place(file: file, line: number)
      if index == 0 {
        guard try fields(of: line, place) == header else {
          throw place.problem("the header must be “\(header.joined(separator: ","))”")
        }
        continue
      }
      if line.isEmpty { continue }
      let result = try result(of: try fields(of: line, place), place)
      if let first = lines[result.id] {
        throw place.problem("id “\(result.id)” stands in line \(first) already; ids are unique")
      }
      lines[result.id] = number
      results.append(result)
    }
    return results
  }

  struct Place {
    let file: String
    let line: Int

    func problem(_ text: String) -> ClaimsError {
      .line(file: file, line: line, problem: text)
    }
  }

  private static func fields(of line: Substring, _ place: Place) throws(ClaimsError) -> [String] {
    var fields = [""]
    var isQuoted = false
    var characters = line[...]
    while let character = characters.popFirst() {
      if character == "\"", isQuoted, characters.first == "\"" {
        characters.removeFirst()
        fields[fields.count - 1].append(character)
      } else if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    if isQuoted { throw place.problem("a double quote is not closed") }
    return fields
  }

  private static func result(of fields: [String], _ place: Place) throws(ClaimsError)
    -> PublishedResult
  {
    guard fields.count == header.count else {
      throw place.problem("\(fields.count) fields, expected \(header.count)")
    }
    return try ClaimRow(fields: Dictionary(zip(header, fields)) { $1 }, place: place).result()
  }
}
