import Charts
import Testing

@Suite struct AxisTests {
  // By hand: the round numbers that a person would choose.
  @Test(arguments: [
    ([0.0, 10.0], ["0", "2", "4", "6", "8", "10"]),
    ([-0.4, 0.4], ["−0.4", "−0.2", "0.0", "0.2", "0.4"]),
    ([0.0, 12_000.0], ["0", "2000", "4000", "6000", "8000", "10\u{202F}000", "12\u{202F}000"]),
    ([5.9, 7.1], ["5.8", "6.0", "6.2", "6.4", "6.6", "6.8", "7.0", "7.2"]),
  ])
  func ticksAreRound(_ values: [Double], _ texts: [String]) {
    #expect(Axis("error (%)", holding: values).ticks.map(\.text) == texts)
  }

  @Test func logarithmicTicksAreDecades() {
    let axis = Axis("trials", holding: [1, 100], logarithmic: true)
    #expect(axis.ticks.map(\.text) == ["1", "2", "5", "10", "20", "50", "100"])
    #expect((axis.place(of: 10) - 0.5).magnitude < 1e-12)
  }

  @Test(arguments: [[], [3.0], [0.0, 0.0], [Double.nan, 1, .infinity]])
  func oddDataGiveAUsableAxis(_ values: [Double]) {
    let axis = Axis("x", holding: values)
    #expect(axis.range.lowerBound < axis.range.upperBound)
    #expect(axis.ticks.count >= 2)
  }

  @Test func tightAxisEndsAtTheData() {
    let axis = Axis("x", holding: [0, 0.93], tight: true)
    #expect(axis.range == 0...0.93)
    #expect(axis.ticks.map(\.text) == ["0.0", "0.2", "0.4", "0.6", "0.8"])
  }
}

@Suite struct NumberTextTests {
  @Test(arguments: [
    (12.345, 2, "12.35"), (-0.004, 2, "0.00"), (-1.5, 0, "−2"), (0.05, 1, "0.1"),
    (1_234_567.25, 1, "1\u{202F}234\u{202F}567.3"), (9999, 0, "9999"), (.infinity, 2, "∞"),
    (.nan, 2, "unknown"),
  ])
  func fixedRoundsAndGroups(_ value: Double, _ decimals: Int, _ text: String) {
    #expect(NumberText.fixed(value, decimals) == text)
  }

  @Test(arguments: [(-12.5, 2, "-12.50"), (0.0004, 3, "0.000"), (1e30, 2, "1e+30")])
  func plainIsForMachines(_ value: Double, _ decimals: Int, _ text: String) {
    #expect(NumberText.plain(value, decimals) == text)
  }

  @Test(arguments: [
    (0.62, "=\u{202F}0.62"), (0.0321, "=\u{202F}0.032"), (0.00004, "<\u{202F}0.001"),
  ])
  func probabilitiesHaveTwoDigits(_ value: Double, _ text: String) {
    #expect(NumberText.probability(value) == text)
  }
}
