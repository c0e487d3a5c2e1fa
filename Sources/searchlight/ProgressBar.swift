import Foundation

/// Shows how far a piece of work is and how long the rest will take.
///
/// On a terminal one line is drawn over and over; elsewhere a plain line comes with every tenth.
package struct ProgressBar {
  /// How amounts are written.
  package enum Unit {
    case bytes
    case count(String)
  }

  private let label: String
  private let unit: Unit
  private let isTerminal: Bool
  private let start: ContinuousClock.Instant
  private var lastDrawn: ContinuousClock.Instant?
  private var lastTenth = -1
  private var firstDone: Int?

  /// Prepares a bar; nothing is shown before the first update.
  ///
  /// - Parameters:
  ///   - label: What is going on, as `cifar-10-binary.tar.gz`.
  ///   - isTerminal: Whether to draw over one line; by default whether standard error is one.
  package init(_ label: String, unit: Unit, isTerminal: Bool = isatty(2) == 1) {
    self.label = label
    self.unit = unit
    self.isTerminal = isTerminal
    start = ContinuousClock.now
  }

  /// Shows the state, on a terminal at most ten times a second.
  package mutating func update(done: Int, total: Int) {
    let now = ContinuousClock.now
    let first = firstDone ?? done
    firstDone = first
    let isEnd = done >= total
    if isTerminal {
      if let lastDrawn, !isEnd, lastDrawn.duration(to: now) < .milliseconds(100) { return }
      lastDrawn = now
      let text = Self.line(
        label: label, unit: unit, done: done, total: total, first: first,
        seconds: Self.seconds(start.duration(to: now)))
      Self.write("\r\u{1B}[K" + text + (isEnd ? "\n" : ""))
    } else {
      let tenth = total > 0 ? done * 10 / total : 10
      guard tenth > lastTenth else { return }
      lastTenth = tenth
      Self.write("\(label): \(tenth * 10) %\n")
    }
  }

  /// Ends the line of an unfinished bar, so that a message can follow.
  package mutating func interrupt() {
    if isTerminal, lastDrawn != nil { Self.write("\n") }
    lastDrawn = nil
  }

  /// One line: label, bar, share, amounts, time left.
  ///
  /// - Parameters:
  ///   - first: What was done before the clock started, such as the part of a resumed download.
  ///   - seconds: Time since then.
  package static func line(
    label: String, unit: Unit, done: Int, total: Int, first: Int, seconds: Double
  ) -> String {
    let width = 24
    let filled = total > 0 ? min(width, done * width / total) : width
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    let percent = total > 0 ? done * 100 / total : 100
    let amounts: String
    switch unit {
    case .bytes: amounts = "\(megabytes(done)) of \(megabytes(total)) MB"
    case .count(let name): amounts = "\(done) of \(total) \(name)"
    }
    var left = ""
    if done > first, done < total, seconds > 0.5 {
      let rest = Double(total - done) * seconds / Double(done - first)
      left = ", \(duration(seconds: rest)) left"
    }
    return "\(label) [\(bar)] \(percent) % \(amounts)\(left)"
  }

  /// A length of time as people say it: `12 s`, `3 min 05 s`, `2 h 10 min`.
  package static func duration(seconds: Double) -> String {
    let whole = Int(max(0, seconds).rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
    return "\(whole / 3600) h \(padded(whole % 3600 / 60)) min"
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func megabytes(_ bytes: Int) -> String {
    let tenths = bytes / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private static func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
