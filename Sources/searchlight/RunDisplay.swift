import Experiments
import Foundation

/// Shows a suite's progress: a table redrawn in place on a terminal, plain lines elsewhere, or one
/// JSON event a line.
final class RunDisplay {
  private let suite: String
  private let json: Bool
  private let terminal: Terminal
  private var shown: [String: RunState] = [:]
  private var drawn = (lines: 0, columns: 0)
  private var lastPlain = ContinuousClock.now
  private let encoder = JSONEncoder()

  /// Suites with more runs than this get summaries instead of a line for each run.
  private static let mostPlainRuns = 60
  private static let mostRows = 12

  /// Prepares a display.
  init(suite: String, json: Bool, terminal: Terminal = Terminal(1)) {
    self.suite = suite
    self.json = json
    self.terminal = terminal
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// Shows where the runs stand now.
  func show(_ states: [RunState]) {
    if json {
      events(states)
    } else if terminal.canRedraw {
      draw(states)
    } else {
      plain(states)
    }
    for state in states where state.stage != .waiting { shown[state.run] = state }
  }

  private func events(_ states: [RunState]) {
    for state in states where state.stage != .waiting && shown[state.run] != state {
      guard let data = try? encoder.encode(state) else { continue }
      write(String(decoding: data, as: UTF8.self) + "\n")
    }
  }

  private func draw(_ states: [RunState]) {
    let (columns, rows) = terminal.size
    var lines = TableText.table(of: states.filter { $0.stage == .running }, limit: Self.mostRows)
    lines += states.compactMap(TableText.failure(of:)).suffix(3)
    lines.append(TableText.summary(of: states, suite: suite) + timeLeft(states))
    // A line that wraps, or a table higher than the window, would be drawn anew below itself.
    lines = lines.suffix(max(1, rows - 1)).map { Terminal.cut($0, to: columns) }
    // Up to the table's first line, then each line cleared before it is written. In a window that
    // became narrower the old lines may be wrapped, nobody knows how: the table begins below them.
    let isBelow = drawn.lines == 0 || columns < drawn.columns || drawn.lines >= rows
    var text = isBelow ? "" : "\u{1B}[\(drawn.lines)A\r"
    for line in lines { text += "\u{1B}[2K\(line)\n" }
    text += "\u{1B}[J"
    drawn = (lines.count, columns)
    write(text)
  }

  private func plain(_ states: [RunState]) {
    if states.count <= Self.mostPlainRuns {
      for state in states where shown[state.run]?.stage != state.stage { announce(state) }
    }
    let now = ContinuousClock.now
    guard lastPlain.duration(to: now) >= .seconds(15) else { return }
    lastPlain = now
    write(TableText.summary(of: states, suite: suite) + timeLeft(states) + "\n")
  }

  private func announce(_ state: RunState) {
    switch state.stage {
    case .waiting, .queued, .lost: break
    case .running: write("\(state.run) running\n")
    case .failed: write((TableText.failure(of: state) ?? "") + "\n")
    case .interrupted: write("\(state.run) stopped\n")
    case .finished:
      let words =
        state.progress.flatMap { progress in
          progress.incumbentValidation.map {
            let objective = progress.objective
            return ", \(objective.name(on: .validation)) \(objective.plainText($0))"
          }
        } ?? ""
      write("\(state.run) finished\(words)\n")
    }
  }

  private func timeLeft(_ states: [RunState]) -> String {
    states.secondsLeft.map { ", about \(TableText.seconds($0)) left" } ?? ""
  }

  private func write(_ text: String) { Output.write(text) }
}
