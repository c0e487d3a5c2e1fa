import Foundation
import SearchCore

// Every line of a journal bears a clock, which a coder takes a third of the line's time for.
extension JournalLine.Clock {
  fileprivate static let phases = Phase.allCases.sorted { $0.rawValue < $1.rawValue }

  /// JSON with sorted keys, as an encoder writes it; `nil` where one would refuse.
  var json: String? {
    guard activeSeconds.isFinite, cpuSeconds.isFinite else { return nil }
    var text = #"{"activeSeconds":\#(Self.json(activeSeconds)),"#
    text += #""cpuSeconds":\#(Self.json(cpuSeconds)),"#
    if let measured {
      let costs = Self.phases.compactMap { phase in
        measured.costs[phase].map { #""\#(phase.rawValue)":\#(Self.json($0))"# }
      }
      text += #""measured":{\#(costs.joined(separator: ","))},"#
    }
    return text + #""unixSeconds":\#(unixSeconds)}"#
  }

  private static func json(_ number: Double) -> String {
    let text = number.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func json(_ cost: MeasuredCost) -> String {
    let energy = cost.microjoules.map { #","microjoules":\#($0)"# } ?? ""
    return #"{"cpuNanoseconds":\#(cost.cpuNanoseconds)\#(energy),"#
      + #""wallNanoseconds":\#(cost.wallNanoseconds)}"#
  }
}

/// Takes a line's body apart without decoding its event.
struct ClockScanner {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  /// The parts of a body that is exactly as this program writes it; `nil` for any other.
  static func split(_ body: Data) -> (clock: JournalLine.Clock, event: Data, sequence: Int)? {
    body.withUnsafeBytes { bytes in
      var scanner = ClockScanner(bytes: bytes)
      guard scanner.skip(#"{"clock":"#) else { return nil }
      let start = scanner.position
      // Written again it must be the same: the scanner itself takes what JSON does not allow.
      guard let clock = scanner.clock(), let json = clock.json,
        json.utf8.elementsEqual(bytes[start..<scanner.position]), scanner.skip(#","event":"#)
      else { return nil }
      let event = scanner.position
      guard let end = bytes.lastIndex(of: UInt8(ascii: ",")), end > event else { return nil }
      scanner.position = end
      let text = bytes[end...]
      guard scanner.skip(#","sequence":"#), let sequence = Int(scanner.number()),
        text.elementsEqual(#","sequence":\#(sequence)}"#.utf8)
      else { return nil }
      return (clock, body[body.startIndex + event..<body.startIndex + end], sequence)
    }
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private mutating func clock() -> JournalLine.Clock? {
    guard skip(#"{"activeSeconds":"#), let active = Double(number()), skip(#","cpuSeconds":"#),
      let cpu = Double(number())
    else { return nil }
    var clock = JournalLine.Clock(activeSeconds: active, cpuSeconds: cpu, unixSeconds: 0)
    if skip(#","measured":{"#) {
      var costs: [Phase: MeasuredCost] = [:]
      for phase in JournalLine.Clock.phases {
        let start = position
        _ = skip(",")
        if skip("\"\(phase.rawValue)\":") {
          guard let cost = cost() else { return nil }
          costs[phase] = cost
        } else {
          position = start
        }
      }
      clock.measured = MeasuredCosts(costs: costs)
      guard skip("}") else { return nil }
    }
    guard skip(#","unixSeconds":"#), let unix = Int(number()), skip("}") else { return nil }
    clock.unixSeconds = unix
    return clock
  }

  private mutating func cost() -> MeasuredCost? {
    guard skip(#"{"cpuNanoseconds":"#), let cpu = Int(number()) else { return nil }
    let energy = skip(#","microjoules":"#) ? Int(number()) : nil
    guard skip(#","wallNanoseconds":"#), let wall = Int(number()), skip("}") else { return nil }
    return MeasuredCost(wallNanoseconds: wall, cpuNanoseconds: cpu, microjoules: energy)
  }

  /// Goes past a text if it comes next.
  private mutating func skip(_ text: String) -> Bool {
    let end = position + text.utf8.count
    guard end <= bytes.count, bytes[position..<end].elementsEqual(text.utf8) else { return false }
    position = end
    return true
  }

  /// Goes past whatever a number may consist of.
  private mutating func number() -> String {
    let start = position
    while position < bytes.count, !"\",}".utf8.contains(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }
}
