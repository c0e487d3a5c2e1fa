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
    let body = try body(with: encoder)
    let hash = Self.hash(body, after: previous)
    var data = Self.prefix
    data.reserveCapacity(body.count + Self.bodyStart + 2)
    data.append(contentsOf: hash.utf8)
    data.append(Self.infix)
    data.append(body)
    data.append(contentsOf: "}\n".utf8)
    return (data, hash)
  }

  /// What `encoder` makes of the line, which sorts keys; the clock is written without it.
  private func body(with encoder: JSONEncoder) throws -> Data {
    guard let clock = clock.json else { return try encoder.encode(self) }
    var body = Data(#"{"clock":\#(clock),"event":"#.utf8)
    body.append(try encoder.encode(event))
    body.append(contentsOf: #","sequence":\#(sequence)}"#.utf8)
    return body
  }

  /// A line as it was written, where another program put a byte order mark or the end of a line of
  /// another system in.
  static func unedited(_ data: Data) -> Data {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let line = data.starts(with: mark) ? data.dropFirst(mark.count) : data
    return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }

  /// The hash that a line without its newline bears; `nil` if it is no journal line.
  static func hash(in data: Data) -> String? {
    guard data.count > bodyStart + 1, data.starts(with: prefix), data.last == UInt8(ascii: "}")
    else { return nil }
    let start = data.startIndex + prefix.count
    guard data[start + 64..<data.startIndex + bodyStart] == infix else { return nil }
    return String(decoding: data[start..<start + 64], as: UTF8.self)
  }

  /// Reads a line without its newline.
  ///
  /// - Parameter sequence: The number that it must have; `nil` if that is not known.
  /// - Returns: The line and its hash, or what is wrong with it.
  static func decoded(
    _ data: Data, after previous: String, sequence: Int?, with decoder: JSONDecoder
  ) -> Result<(JournalLine, hash: String), SuiteError> {
    guard let hash = hash(in: data) else { return .failure(SuiteError("is not a journal line")) }
    let body = data[data.startIndex + bodyStart..<data.endIndex - 1]
    guard Self.hash(body, after: previous) == hash else {
      return .failure(SuiteError("does not match its checksum"))
    }
    do {
      let line = try decoder.decode(JournalLine.self, from: body)
      guard line.sequence == sequence ?? line.sequence else {
        return .failure(SuiteError("has number \(line.sequence)"))
      }
      return .success((line, hash))
    } catch {
      return .failure(SuiteError("cannot be read"))
    }
  }

  private static func hash(_ body: Data, after previous: String) -> String {
    var function = SHA256()
    var previous = previous
    previous.withUTF8 { function.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    function.update(data: body)
    return function.finalize().hexadecimal
  }
}

extension Sequence<UInt8> {
  /// Two lower-case digits a byte.
  var hexadecimal: String {
    func digit(_ value: UInt8) -> UInt8 {
      value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }
    var text: [UInt8] = []
    text.reserveCapacity(2 * underestimatedCount)
    for byte in self {
      text.append(digit(byte >> 4))
      text.append(digit(byte & 15))
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
