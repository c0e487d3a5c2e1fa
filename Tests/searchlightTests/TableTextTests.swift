import Experiments
import Testing
import searchlight

@Suite struct TableTextTests {
  @Test(arguments: [
    (0.04, "0.0 s"), (9.96, "10.0 s"), (59.4, "59 s"), (200, "3 min 20 s"),
    (7_500, "2 h 5 min"), (18_000_000, "208 d 8 h"), (.infinity, "unknown"),
  ])
  func timesAreSaidAsPeopleSayThem(seconds: Double, text: String) {
    #expect(TableText.seconds(seconds) == text)
  }

  @Test(arguments: [(12.345, 2, "12.35"), (-0.5, 1, "-0.5"), (7, 0, "7"), (3.04, 2, "3.04")])
  func decimalsAreFixed(value: Double, count: Int, text: String) {
    #expect(TableText.decimals(value, count) == text)
  }

  @Test func runningRunsComeFirst() {
    var running = RunState(run: "one/b/0")
    running.stage = .running
    running.progress = RunProgress(
      phase: .search, trials: 7, objective: .classificationError, incumbentValidation: 0.1234,
      budgetFraction: 0.25,
      activeSeconds: 10, isFinished: false)
    #expect(
      TableText.table(of: [RunState(run: "one/a/0"), running], limit: 1) == [
        "run      stage        trials  validation score  budget used  time left",
        "one/b/0  running           7           12.34 %         25 %       30 s",
        "... and 1 more",
      ])
  }

  @Test func aFailureSaysWhy() {
    var state = RunState(run: "one/a/0")
    #expect(TableText.failure(of: state) == nil)
    state.stage = .failed
    state.message = "the disk is full"
    #expect(TableText.failure(of: state) == "one/a/0 failed: the disk is full")
    #expect(
      TableText.summary(of: [state, RunState(run: "one/a/1")], suite: "toy")
        == "toy: 2 runs: 1 waiting, 1 failed")
  }
}
