import Reports
import SearchCore
import Testing

@Suite struct ReportTextTests {
  @Test(arguments: [
    (0.0042, "4.20\u{202F}ms"), (0, "0.00\u{202F}s"), (13.7, "13.70\u{202F}s"),
    (600, "10.00\u{202F}min"), (12_000, "3.33\u{202F}h"),
  ])
  func timesHaveAUnitThatFits(_ seconds: Double, _ text: String) {
    #expect(ReportText.TimeUnit(fitting: seconds).text(seconds) == text)
  }

  @Test(arguments: [
    (Budget(12_000, .referenceGPUSeconds), "12\u{202F}000 reference GPU-seconds (modelled)"),
    (Budget(1, .referenceGPUHours), "1 reference GPU-hour (modelled)"),
    (Budget(0.25, .referenceGPUHours), "0.25 reference GPU-hours (modelled)"),
    (Budget(4, .epochs), "4 epochs"), (Budget(1, .trials), "1 trial"),
    (Budget(2.5, .gigaflops), "2.5 GFLOP"), (Budget(1, .wallClockHours), "1 measured hour"),
  ])
  func budgetsAreSaidInWords(_ budget: Budget, _ text: String) {
    #expect(ReportText.budget(budget) == text)
  }

  @Test(arguments: [([], ""), ([3], "3"), ([0, 1, 2, 7, 9, 8], "0–2, 7–9"), ([4, 2], "2, 4")])
  func seedsAreJoinedToRanges(_ seeds: [Int], _ text: String) {
    #expect(ReportText.ranges(seeds) == text)
  }
}
