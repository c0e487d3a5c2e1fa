import OperationCosts
import SearchCore
import Testing

/// Fractions of budgets worked out by hand.
@Suite struct SpendingTests {
  /// Half an hour of the reference GPU, 5 · 10¹² FLOPs, 75,000 examples, 30 trials, 15 minutes.
  static let spending = Spending(
    charge: Charge(
      flops: 5_000_000_000_000, bytes: 1, referenceNanoseconds: 1_800_000_000_000,
      trainingExamples: 75_000),
    completedTrials: 30, wallClockSeconds: 900)

  @Test(arguments: [
    (Budget(2, .referenceGPUHours), 0.25), (Budget(2400, .referenceGPUSeconds), 0.75),
    (Budget(20_000, .gigaflops), 0.25), (Budget(120, .trials), 0.25),
    // 75,000 of 25,000 a pass are 3 epochs.
    (Budget(6, .epochs), 0.5), (Budget(0.5, .wallClockHours), 0.5),
  ])
  func fractionIsWhatIsUsed(budget: Budget, expected: Double) {
    #expect(Self.spending.fraction(of: budget, examplesPerEpoch: 25_000) == expected)
  }

  @Test(arguments: BudgetUnit.allCases)
  func nothingSpentIsNothingUsed(unit: BudgetUnit) {
    #expect(Spending().fraction(of: Budget(1, unit), examplesPerEpoch: 10) == 0)
  }

  @Test func anOverspentBudgetIsMoreThanUsed() {
    #expect(Self.spending.fraction(of: Budget(10, .trials), examplesPerEpoch: 1) == 3)
  }

  /// A look-up in a table trains on nothing: no epoch passes, and nothing is divided by zero.
  @Test func withoutTrainingSplitNoEpochPasses() {
    #expect(Spending().fraction(of: Budget(1, .epochs), examplesPerEpoch: 0) == 0)
  }
}
