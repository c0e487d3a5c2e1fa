import Charts
import Claims
import SearchCore
import Statistics

/// Wordings that a report uses in several places.
package enum ReportText {
  /// A unit of time that suits a size.
  package struct TimeUnit: Hashable, Sendable {
    /// Name to print: `ms`, `s`, `min`, `h`.
    package let name: String
    /// Length of the unit.
    package let seconds: Double

    /// The unit in which the largest of several times has one to three digits before its point.
    package init(fitting seconds: Double) {
      // A measured time must not round to 0, which would read as not measured.
      if seconds > 0, seconds < 1 {
        (name, self.seconds) = ("ms", 0.001)
        return
      }
      (name, self.seconds) = seconds < 120 ? ("s", 1) : seconds < 7200 ? ("min", 60) : ("h", 3600)
    }

    /// A time in this unit, without the unit's name.
    package func number(_ time: Double) -> String { NumberText.fixed(time / seconds, 2) }

    /// A time in this unit, with the unit's name.
    package func text(_ time: Double) -> String { number(time) + NumberText.thinSpace + name }
  }

  /// A budget in words: `12 000 GPU-seconds (modelled)`.
  package static func budget(_ budget: Budget, isMeasured: Bool = false) -> String {
    let amount = amount(budget.amount)
    let unit = unit(budget.unit)
    let isPlural = budget.amount != 1
    switch budget.unit {
    case .referenceGPUHours, .referenceGPUSeconds:
      return
        "\(amount) \(isPlural ? unit : String(unit.dropLast())) (\(isMeasured ? "measured" : "modelled"))"
    case .gigaflops: return "\(amount) \(unit)"
    case .wallClockHours: return "\(amount) measured \(isPlural ? "hours" : "hour")"
    case .trials, .epochs: return "\(amount) \(isPlural ? unit : String(unit.dropLast()))"
    }
  }

  /// A unit of budget in words, plural.
  package static func unit(_ unit: BudgetUnit) -> String {
    switch unit {
    case .referenceGPUHours: "reference GPU-hours"
    case .referenceGPUSeconds: "reference GPU-seconds"
    case .gigaflops: "GFLOP"
    case .trials: "trials"
    case .epochs: "epochs"
    case .wallClockHours: "wall-clock hours"
    }
  }

  /// A number with as many decimals as it has, at most four.
  package static func amount(_ value: Double) -> String {
    for decimals in 0..<4 {
      let text = NumberText.plain(value, decimals)
      if let shown = Double(text), (shown - value).magnitude <= 1e-9 * value.magnitude {
        return NumberText.fixed(value, decimals)
      }
    }
    return NumberText.fixed(value, 4)
  }

  /// A count with its noun.
  package static func count(_ count: Int, _ noun: String) -> String {
    "\(NumberText.integer(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  /// Items as a sentence lists them: `a, b and c`.
  package static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }

  /// Whole numbers with runs joined: `0–4, 7`.
  package static func ranges(_ numbers: [Int]) -> String {
    var parts: [(first: Int, last: Int)] = []
    for number in numbers.sorted() {
      if let end = parts.last, end.last + 1 == number {
        parts[parts.count - 1].last = number
      } else {
        parts.append((number, number))
      }
    }
    return parts.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)–\($0.last)" }
      .joined(separator: ", ")
  }

  /// A phase as printed.
  package static func phase(_ phase: Phase) -> String {
    switch phase {
    case .search: "search"
    case .selection: "selection"
    case .finalTraining: "final training"
    case .scheduledEvaluation: "scheduled evaluation"
    case .wasted: "wasted"
    }
  }

  /// A status as printed.
  package static func status(_ status: RunStatus) -> String {
    switch status {
    case .completed: "completed"
    case .diverged: "diverged"
    case .failed: "failed"
    case .budgetSpent: "budget spent"
    case .timedOut: "timed out"
    case .killed: "killed"
    case .outOfMemory: "out of memory"
    case .outOfDomain: "out of domain"
    }
  }
}
