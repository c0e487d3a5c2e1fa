import Experiments
import OperationCosts
import SearchCore

/// A run's ledger in five units, by phase, with a total that is their sum.
package struct LedgerTable {
  private let charges: Ledger
  private let measured: MeasuredCosts?

  /// Adds up a journal.
  package init(_ lines: [JournalLine]) {
    var charges = Ledger()
    for line in lines {
      switch line.event {
      case .trialFinished(let record): charges.add(record.charges)
      case .finalFinished(let record): charges.add(record.charges)
      case .interrupted(let record): charges.add(record.lost)
      default: break
      }
    }
    self.charges = charges
    measured = lines.last?.clock.measured
  }

  /// A header, a row a phase, and the total; what is not known says so.
  package var rows: [[String]] {
    let header = ["phase", "reference GPU-hours", "wall-clock s", "CPU s", "FLOPs", "joules"]
    let phases = Phase.allCases.map { phase in
      row(phase.rawValue, charges.charge(of: phase), measured.map { $0[phase] })
    }
    return [header] + phases + [row("total", charges.total, measured?.total)]
  }

  private func row(_ name: String, _ charge: Charge, _ cost: MeasuredCost?) -> [String] {
    [
      name, TableText.decimals(Double(charge.referenceNanoseconds) / 3.6e12, 6),
      cost.map { TableText.decimals(Double($0.wallNanoseconds) * 1e-9, 2) } ?? "unknown",
      cost.map { TableText.decimals(Double($0.cpuNanoseconds) * 1e-9, 2) } ?? "unknown",
      charge.knownFlops.map { "\($0)" } ?? "unknown",
      cost?.microjoules.map { TableText.decimals(Double($0) * 1e-6, 1) } ?? "unknown",
    ]
  }
}
