import Experiments
import SearchCore
import Testing

/// How long a suite will take, as far as its runs tell.
@Suite struct TimeLeftTests {
  private func state(
    _ run: String, _ stage: RunState.Stage, share: Double = 0, seconds: Double? = nil
  ) -> RunState {
    var state = RunState(run: run)
    state.stage = stage
    state.progress = seconds.map {
      RunProgress(
        phase: .search, trials: 0, objective: .classificationError, incumbentValidation: nil,
        budgetFraction: share, activeSeconds: $0, isFinished: stage == .finished)
    }
    return state
  }

  /// A thousand runs of a table that took a millisecond each say nothing of three that train.
  @Test func studiesAreApart() throws {
    var states = (0..<1_000).map {
      state("table/method/\($0)", .finished, share: 1, seconds: 0.001)
    }
    states += [
      state("trained/method/0", .finished, share: 1, seconds: 100),
      state("trained/method/1", .running, share: 0.5, seconds: 60),
      state("trained/method/2", .waiting),
    ]
    // 160 s for 1.5 runs; 1.5 are left, one at a time.
    #expect(abs(try #require(states.secondsLeft) - 160) < 1e-9)
    states[1_002].stage = .running
    #expect(abs(try #require(states.secondsLeft) - 80) < 1e-9)
  }

  @Test func nothingIsGuessedWithoutABasis() {
    let done = state("table/method/0", .finished, share: 1, seconds: 1)
    #expect([done].secondsLeft == nil)
    #expect([done, state("trained/method/0", .waiting)].secondsLeft == nil)
    #expect([state("a/b/0", .running, share: 0.001, seconds: 5)].secondsLeft == nil)
  }
}
