import SearchCore
import Testing

/// Ids that journals, stores and suites hold; once published they are never renamed.
@Suite struct StoredNamesTests {
  @Test func budgetUnitsKeepTheirIds() {
    let ids = BudgetUnit.allCases.map { $0.rawValue }
    #expect(
      ids == [
        "reference-gpu-hours", "reference-gpu-seconds", "gigaflops", "trials", "epochs",
        "wall-clock-hours",
      ])
  }

  @Test func phasesKeepTheirIds() {
    let ids = Phase.allCases.map { $0.rawValue }
    #expect(ids == ["search", "selection", "final-training", "scheduled-evaluation", "wasted"])
  }

  @Test func outcomesKeepTheirIds() {
    let ids = RunStatus.allCases.map { $0.rawValue }
    #expect(
      ids == [
        "completed", "diverged", "budget-spent", "timed-out", "killed", "out-of-memory",
        "out-of-domain", "failed",
      ])
  }
}
