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
  private let terminal: Terminal
  private let start: ContinuousClock.Instant
  private var lastDrawn: ContinuousClock.Instant?
  private var lastTenth = -1
  private var firstDone: Int?

  /// Prepares a bar; nothing is shown before the first update.
  ///
  /// - Parameters:
  ///   - label: What is going on, as `cifar-10-binary.tar.gz`.
  package init(_ label: String, unit: Unit) {
    self.label = label
    self.unit = unit
    terminal = Terminal(2)
    start = ContinuousClock.now
  }

  /// Shows the state, on a terminal at most ten times a second.
  package mutating func update(done: Int, total: Int) {
    let now = ContinuousClock.now
    let first = firstDone ?? done
    firstDone = first
    let isEnd = done >= total
    if terminal.canRedraw {
      if let lastDrawn, !isEnd, lastDrawn.duration(to: now) < .milliseconds(100) { return }
      lastDrawn = now
      let text = Self.line(
        label: label, unit: unit, done: done, total: total, first: first,
        seconds: Self.seconds(start.duration(to: now)))
      // A cursor behind the last column would wrap.
      let line = Terminal.cut(text, to: terminal.size.columns - 1)
      Output.draw("\r\u{1B}[K" + line + (isEnd ? "\n" : ""))
    } else {
      let tenth = total > 0 ? done * 10 / total : 10
      guard tenth > lastTenth else { return }
      lastTenth = tenth
      Output.draw("\(label): \(tenth * 10) %\n")
    }
  }

  /// Ends the line of an unfinished bar, so that a message can follow.
  package mutating func interrupt() {
    if terminal.canRedraw, lastDrawn != nil { Output.draw("\n") }
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
}
