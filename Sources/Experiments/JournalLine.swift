import Crypto
import Foundation

/// One line of a journal: an event, its number, and when it happened.
public struct JournalLine: Hashable, Codable, Sendable {
  /// Measured times; never part of canonical results.
  public struct Clock: Hashable, Codable, Sendable {
    /// Time that the run has been worked on, over all its sessions, in seconds; without down-time
    /// and lost work.
    public var activeSeconds: Double
    /// Processor time over all sessions and threads, in seconds; with lost work.
    public var cpuSeconds: Double
    /// When the line was written, in whole seconds since 1970; for people, never computed with.
    public var unixSeconds: Int
    /// What was measured so far, by phase; `nil` in journals of earlier programs.
    public var measured: MeasuredCosts?

    /// Notes measured times.
    public init(
      activeSeconds: Double, cpuSeconds: Double, unixSeconds: Int, measured: MeasuredCosts? = nil
    ) {
      self.measured = measured
      self.activeSeconds = activeSeconds
      self.cpuSeconds = cpuSeconds
      self.unixSeconds = unixSeconds
    }
  }

  /// From 0.
  public var sequence: Int
  public var event: JournalEvent
  public var clock: Clock

  /// Chain value before the first line.
  static let firstHash = String(repeating: "0", count: 64)

  // A line is `{"hash":"<64 digits>","line":<the line>}`: the hash covers the line's bytes as they
  // stand, so that checking needs no second encoder.
  private static let prefix = Data(#"{"hash":""#.utf8)
  private static let infix = Data(#"","line":"#.utf8)
  private static let bodyStart = prefix.count + 64 + infix.count

  /// Writes the line, with its newline, and gives the hash that the next line continues from.
  func encoded(after previous: String, with encoder: JSONEncoder) throws -> (Data, hash: String) {
    let body = try encoder.encode(self)
    let hash = Self.hash(body, after: previous)
    var data = Self.prefix
    data.reserveCapacity(body.count + Self.bodyStart + 2)
    data.append(contentsOf: hash.utf8)
    data.append(Self.infix)
    data.append(body)
    data.append(contentsOf: "}\n".utf8)
    return (data, hash)
  }

  /// Reads a line without its newline.
  ///
  /// - Returns: The line and its hash, or what is wrong with it.
  static func decoded(
    _ data: Data, after previous: String, sequence: Int, with decoder: JSONDecoder
  ) -> Result<(JournalLine, hash: String), SuiteError> {
    guard data.count > bodyStart + 1, data.starts(with: prefix), data.last == UInt8(ascii: "}")
    else { return .failure(SuiteError("is not a journal line")) }
    let start = data.startIndex
    guard data[start + prefix.count + 64..<start + bodyStart] == infix else {
      return .failure(SuiteError("is not a journal line"))
    }
    let hash = String(
      decoding: data[start + prefix.count..<start + prefix.count + 64], as: UTF8.self)
    let body = data[start + bodyStart..<data.endIndex - 1]
    guard Self.hash(body, after: previous) == hash else {
      return .failure(SuiteError("does not match its checksum"))
    }
    do {
      let line = try decoder.decode(JournalLine.self, from: body)
      guard line.sequence == sequence else {
        return .failure(SuiteError("has number \(line.sequence)"))
      }
      return .success((line, hash))
    } catch {
      return .failure(SuiteError("cannot be read"))
    }
  }

  private static func hash(_ body: Data, after previous: String) -> String {
    var function = SHA256()
    function.update(data: Data(previous.utf8))
    function.update(data: body)
    return function.finalize().hexadecimal
  }
}

extension Sequence<UInt8> {
  /// Two lower-case digits a byte.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension JournalLine.Clock {
  /// What was measured, by phase; earlier programs knew only sums, which were the search's.
  var account: MeasuredCosts {
    if let measured { return measured }
    func nanoseconds(_ seconds: Double) -> Int { Int(1e9 * min(max(0, seconds), 1e9)) }
    return MeasuredCosts(costs: [
      .search: MeasuredCost(
        wallNanoseconds: nanoseconds(activeSeconds), cpuNanoseconds: nanoseconds(cpuSeconds),
        microjoules: nil)
    ])
  }
}
