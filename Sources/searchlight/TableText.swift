import Experiments
import SearchCore

/// The words and columns in which runs are shown.
package enum TableText {
  /// A header and a row for each run, at most `limit` rows; running ones come first.
  package static func table(of states: [RunState], limit: Int) -> [String] {
    let order: [RunState.Stage] = [
      .running, .failed, .lost, .interrupted, .finished, .queued, .waiting,
    ]
    let sorted = order.flatMap { stage in states.filter { $0.stage == stage } }
    let shown = sorted.prefix(limit)
    let width = max(3, shown.map(\.run.count).max() ?? 3)
    var lines = [
      pad("run", width) + "  stage        trials  validation score  budget used  time left"
    ]
    lines += shown.map { row($0, width: width) }
    if sorted.count > limit { lines.append("... and \(sorted.count - limit) more") }
    return lines
  }

  /// Lines of cells: the first column is aligned to the left, the others to the right.
  package static func aligned(_ rows: [[String]]) -> [String] {
    let columns = rows.map { $0.count }.max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        column == 0 ? pad(cell, widths[0]) : padLeft(cell, widths[column])
      }.joined(separator: "  ")
    }
  }

  /// How many runs are done.
  package static func summary(of states: [RunState], suite: String) -> String {
    let counts: [RunState.Stage] = [
      .finished, .running, .queued, .waiting, .interrupted, .lost, .failed,
    ]
    let words = counts.compactMap { stage in
      let count = states.filter { $0.stage == stage }.count
      return count > 0 ? "\(count) \(stage.rawValue)" : nil
    }
    return "\(suite): \(states.count) runs: \(words.joined(separator: ", "))"
  }

  /// Why a run failed; `nil` if it did not.
  package static func failure(of state: RunState) -> String? {
    guard state.stage == .failed else { return nil }
    return "\(state.run) failed: \(state.message ?? "no reason was recorded")".onOneLine
  }

  private static func row(_ state: RunState, width: Int) -> String {
    let progress = state.progress
    let stage =
      state.stage == .running && progress?.phase == .finalTraining ? "final" : state.stage.rawValue
    let score =
      progress.flatMap { found in found.incumbentValidation.map(found.objective.plainText) } ?? "-"
    let used = progress.map { "\(decimals(100 * min(9.99, $0.budgetFraction), 0)) %" } ?? "-"
    let left = state.stage == .running ? state.secondsLeft.map(seconds) ?? "-" : "-"
    return pad(state.run, width) + "  " + pad(stage, 11) + "  "
      + padLeft(progress.map { "\($0.trials)" } ?? "-", 6) + "  " + padLeft(score, 16) + "  "
      + padLeft(used, 11) + "  " + padLeft(left, 9)
  }

  /// A time as people say it: `12 s`, `3 min 20 s`, `2 h 5 min`, `12 d 3 h`.
  package static func seconds(_ value: Double) -> String {
    guard value.isFinite, value < 1e12 else { return "unknown" }
    if value < 10 { return "\(decimals(value, 1)) s" }
    let whole = Int(value.rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3_600: return "\(whole / 60) min \(whole % 60) s"
    case ..<86_400: return "\(whole / 3_600) h \(whole % 3_600 / 60) min"
    default: return "\(whole / 86_400) d \(whole % 86_400 / 3_600) h"
    }
  }

  /// A number with a fixed count of decimals.
  package static func decimals(_ value: Double, _ count: Int) -> String {
    var scale = 1
    for _ in 0..<count { scale *= 10 }
    let scaled = Int((value * Double(scale)).rounded())
    guard count > 0 else { return "\(scaled)" }
    let digits = "\(abs(scaled) % scale)"
    let zeros = String(repeating: "0", count: max(0, count - digits.count))
    return "\(scaled < 0 ? "-" : "")\(abs(scaled) / scale).\(zeros)\(digits)"
  }

  /// The text with spaces behind it, up to a width.
  package static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func padLeft(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
