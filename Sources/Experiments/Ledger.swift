import OperationCosts
import SearchCore

/// What a run has spent, by phase: exact sums of whole numbers.
public struct Ledger: Hashable, Codable, Sendable {
  /// Charges by phase; a phase without cost is absent.
  public private(set) var charges: [Phase: Charge]

  /// Starts an account, empty or with what was charged before.
  public init(charges: [Phase: Charge] = [:]) {
    self.charges = charges.filter { $0.value != .zero }
  }

  /// Books a charge.
  public mutating func add(_ charge: Charge, to phase: Phase) {
    guard charge != .zero else { return }
    charges[phase, default: .zero] += charge
  }

  /// Books everything of another account.
  public mutating func add(_ other: Ledger) {
    for phase in Phase.allCases { add(other.charge(of: phase), to: phase) }
  }

  /// What was spent beyond an earlier state of the same account; nothing if that one is larger.
  func minus(_ earlier: Ledger) -> Ledger {
    var rest = Ledger()
    for phase in Phase.allCases {
      let difference = charge(of: phase) - earlier.charge(of: phase)
      guard difference.flops >= 0, difference.bytes >= 0, difference.referenceNanoseconds >= 0,
        difference.trainingExamples >= 0
      else { return Ledger() }
      rest.add(difference, to: phase)
    }
    return rest
  }

  /// What a phase was charged.
  public func charge(of phase: Phase) -> Charge { charges[phase] ?? .zero }

  /// What counts against the search budget: the search itself and the selection.
  public var searchCharge: Charge { charge(of: .search) + charge(of: .selection) }

  /// What counts against the final budget.
  public var finalCharge: Charge { charge(of: .finalTraining) }

  /// Everything, wasted work included: the sum of the phases.
  public var total: Charge { Phase.allCases.reduce(.zero) { $0 + charge(of: $1) } }

  /// Everything in one place, for work that is lost: no phase but `wasted` has a charge.
  public var asWasted: Ledger { Ledger(charges: [.wasted: total]) }

  /// The account without lost work, which depends on kills and is not canonical.
  public var canonical: Ledger { Ledger(charges: charges.filter { $0.key != .wasted }) }
}
