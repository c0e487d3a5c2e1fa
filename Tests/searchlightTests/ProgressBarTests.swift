import Testing
import searchlight

@Suite struct ProgressBarTests {
  @Test func lineShowsShareAmountsAndTimeLeft() {
    // 50 MB in 10 s after a start at 20 MB: the other 50 MB take 10 × 50 / 30 s.
    let line = ProgressBar.line(
      label: "a.tar.gz", unit: .bytes, done: 50_000_000, total: 100_000_000, first: 20_000_000,
      seconds: 10)
    #expect(line == "a.tar.gz [############............] 50 % 50.0 of 100.0 MB, 17 s left")
  }

  @Test func finishedLineHasNoTimeLeft() {
    let line = ProgressBar.line(
      label: "trials", unit: .count("trials"), done: 3, total: 3, first: 0, seconds: 5)
    #expect(line == "trials [########################] 100 % 3 of 3 trials")
  }

  @Test(arguments: [
    (0.2, "1 s"), (59.5, "1 min 00 s"), (185.0, "3 min 05 s"), (7800.0, "2 h 10 min"),
  ])
  func durationsReadAsPeopleSayThem(_ seconds: Double, _ text: String) {
    #expect(ProgressBar.duration(seconds: seconds) == text)
  }
}
