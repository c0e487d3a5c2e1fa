import Experiments
import OperationCosts
import SearchCore
import Testing

@Suite struct LedgerTests {
  private var ledger: Ledger {
    var ledger = Ledger()
    for (index, phase) in Phase.allCases.enumerated() {
      ledger.add(Charge(flops: 1 << (4 * index), referenceNanoseconds: 1), to: phase)
    }
    return ledger
  }

  @Test func theSumOfThePhasesIsTheTotal() {
    #expect(ledger.total == Charge(flops: 0x11111, referenceNanoseconds: 5))
  }

  @Test func theSearchBudgetPaysForSearchAndSelectionAlone() {
    #expect(ledger.searchCharge.flops == 0x11)
  }

  @Test func theFinalBudgetPaysForFinalTrainingAlone() {
    #expect(ledger.finalCharge.flops == 0x100)
  }

  @Test func wastedWorkIsNotCanonical() {
    #expect(ledger.canonical.total.flops == 0x1111)
  }

  @Test func aPhaseWithoutCostIsAbsent() {
    var ledger = Ledger()
    ledger.add(.zero, to: .search)
    #expect(ledger.charges.isEmpty)
  }
}
