import Experiments
import Foundation
import OperationCosts
import SearchCore
import Testing

/// The sentences of the design about budgets, on work that costs the same each step.
@Suite struct RunExecutorTests {
  private let folder = TemporaryFolder()

  @discardableResult
  private func execute(
    _ evaluator: FakeEvaluator, search: Budget = Budget(1e-6, .referenceGPUSeconds),
    final: Budget? = Budget(3e-7, .referenceGPUSeconds)
  ) throws -> RunExecutor.End {
    try RunFixture(suite: .fake(search: search, final: final), folder: folder.url)
      .execute(evaluator)
  }

  private var events: [JournalEvent] {
    get throws { try RunFixture.canonicalEvents(folder.url) }
  }

  private var trials: [TrialRecord] {
    get throws {
      try events.compactMap { event in
        if case .trialFinished(let record) = event { record } else { nil }
      }
    }
  }

  @Test func aSearchStopsAtTheFirstStepAtOrPastItsBudget() throws {
    // 10 steps of 100 ns: two trials of 4, and 2 steps of the third.
    #expect(try execute(FakeEvaluator()) == .finished(.completed))
    #expect(try trials.map(\.status) == [.completed, .completed, .budgetSpent])
    #expect(try trials.map(\.chargedSoFar.referenceNanoseconds) == [400, 800, 1_000])
    #expect(try trials.map(\.budgetFraction) == [0.4, 0.8, 1])
  }

  @Test func overshootIsAtMostOneStep() throws {
    try execute(FakeEvaluator(), search: Budget(9.5e-7, .referenceGPUSeconds))
    #expect(try trials.last?.chargedSoFar.referenceNanoseconds == 1_000)
  }

  @Test func anUnfinishedTrialIsChargedAndNeverTheIncumbent() throws {
    let evaluator = FakeEvaluator()
    // Every later trial would score better; the third is cut off.
    var started = 0
    evaluator.trialError = { _ in
      started += 1
      return 1 / Double(started + 1)
    }
    try execute(evaluator)
    let last = try #require(try trials.last)
    #expect(last.measurement == Measurement())
    #expect(last.charges.charge(of: .search).referenceNanoseconds == 200)
    let selection = try events.compactMap { event in
      if case .selected(let record) = event { record.trial } else { nil }
    }
    #expect(selection == [1])
  }

  @Test func aTablesTrialPastTheBudgetIsDiscarded() throws {
    let evaluator = FakeEvaluator()
    evaluator.overrunRule = .discardTrial
    try execute(evaluator)
    #expect(try trials.map(\.status) == [.completed, .completed])
    #expect(try trials.last?.budgetFraction == 0.8)
  }

  @Test func workThatNothingStopsIsLeftUnfinishedPastTheBudget() throws {
    for (rule, status) in [
      (OverrunRule.stopAtStep, RunStatus.completed), (.leaveUnfinished, .budgetSpent),
    ] {
      let evaluator = FakeEvaluator()
      evaluator.overrunRule = rule
      evaluator.isIndivisible = true
      // A trial of 400 ns ends past this.
      let budget = Budget(3e-7, .referenceGPUSeconds)
      let test = RunExecutorTests()
      try test.execute(evaluator, search: budget)
      #expect(try test.trials.map(\.status) == [status])
      #expect(try test.trials.first?.budgetFraction ?? 0 > 1)
    }
  }

  @Test(arguments: [
    (Budget(1e-6 / 3600, .referenceGPUHours), 3), (Budget(10, .gigaflops), 3),
    (Budget(5, .trials), 5), (Budget(1, .epochs), 3),
  ])
  func everyUnitEndsTheSearch(budget: Budget, count: Int) throws {
    try execute(FakeEvaluator(), search: budget)
    #expect(try trials.count == count)
  }

  @Test func wallClockBudgetsUseMeasuredTime() throws {
    // The clock moves a millisecond with each look.
    try execute(FakeEvaluator(), search: Budget(0.1 / 3600, .wallClockHours))
    #expect(try trials.count > 2)
    #expect(try trials.last?.budgetFraction ?? 0 >= 1)
  }

  @Test func aDivergedTrialIsRecordedAndNeverTheIncumbent() throws {
    let evaluator = FakeEvaluator()
    var count = 0
    evaluator.diverging = { _ in
      count += 1
      return count == 1
    }
    try execute(evaluator)
    #expect(try trials.first?.status == .diverged)
    #expect(try trials.first?.measurement.validation == nil)
    #expect(try trials.first?.chargedSoFar.referenceNanoseconds == 400)
    #expect(
      try events.contains {
        if case .selected(let record) = $0 { record.trial == 1 } else { false }
      })
  }

  @Test func aRunWithoutACompletedTrialSelectsNothing() throws {
    let evaluator = FakeEvaluator()
    evaluator.diverging = { _ in true }
    #expect(try execute(evaluator) == .finished(.budgetSpent))
    #expect(
      try events.allSatisfy { if case .testSplitRead = $0 { false } else { true } })
  }

  @Test func theEarliestOfEqualsIsSelected() throws {
    let evaluator = FakeEvaluator()
    evaluator.trialError = { _ in 1 }
    try execute(evaluator)
    #expect(
      try events.contains {
        if case .selected(let record) = $0 { record.trial == 0 } else { false }
      })
  }

  @Test func phasesAreChargedApartAndSumExactly() throws {
    try execute(FakeEvaluator())
    guard case .runFinished(let end)? = try events.last else {
      Issue.record("the run has no end")
      return
    }
    #expect(end.charges.charge(of: .search).referenceNanoseconds == 1_000)
    #expect(end.charges.charge(of: .finalTraining).referenceNanoseconds == 300)
    #expect(end.charges.charge(of: .scheduledEvaluation).referenceNanoseconds == 100)
    #expect(end.charges.total.referenceNanoseconds == 1_400)
  }

  @Test func theTestSplitIsReadOnceAndJournaled() throws {
    try execute(FakeEvaluator())
    let reads = try events.compactMap { event in
      if case .testSplitRead(let record) = event { record.reason } else { nil }
    }
    #expect(reads == ["test error of the selected architecture"])
  }

  @Test func aTrialMayNotReadTheTestSplit() throws {
    let evaluator = FakeEvaluator()
    evaluator.trialsReadTheTestSplit = true
    #expect(
      throws: SuiteError(
        "one/fake-method/0: a trial read the test split; expected only final training to")
    ) { try execute(evaluator) }
  }

  @Test func finalTrainingMayNotGoOnPastItsBudget() throws {
    let evaluator = FakeEvaluator()
    evaluator.finalIgnoresItsBudget = true
    #expect(
      throws: SuiteError(
        "one/fake-method/0: final training went on past its budget; expected it to stop")
    ) { try execute(evaluator) }
  }

  @Test func anImpossibleErrorRateIsRefused() throws {
    let evaluator = FakeEvaluator()
    evaluator.trialError = { _ in -.infinity }
    #expect(
      throws: SuiteError("one/fake-method/0: found classification-error -inf; expected 0 to 1")
    ) { try execute(evaluator) }
  }

  @Test func aTrialPastItsTimeLimitIsRecordedAndTheSearchGoesOn() throws {
    // The clock moves a millisecond with each look.
    var suite = Suite.fake(search: Budget(3, .trials))
    suite.studies[0].trialTimeLimitSeconds = 0.02
    let evaluator = FakeEvaluator()
    evaluator.stepsPerTrial = 100
    _ = try RunFixture(suite: suite, folder: folder.url).execute(evaluator)
    #expect(try trials.map(\.status) == [.timedOut, .timedOut, .timedOut])
    #expect(try trials.allSatisfy { $0.measurement == Measurement() })
    #expect(try trials.allSatisfy { $0.charges.total.flops > 0 })
  }

  @Test func aTrialForeseenToNeedTooMuchMemoryIsNotBegun() throws {
    let evaluator = FakeEvaluator()
    evaluator.memoryOfTrial = { $0.choices[0] == 0 ? 1 << 40 : 1 << 20 }
    evaluator.isForeseen = false
    let fixture = RunFixture(
      suite: .fake(search: Budget(20, .trials)), folder: folder.url,
      conditions: RunConditions(memoryLimitBytes: 1 << 30))
    #expect(try fixture.execute(evaluator) == .finished(.completed))
    let refused = try trials.filter { $0.status == .outOfMemory }
    #expect(!refused.isEmpty)
    #expect(refused.allSatisfy { $0.architecture.hasPrefix("0-") && $0.charges == Ledger() })
    #expect(try trials.count == 20)
  }

  @Test func aRunForeseenToNeedTooMuchMemoryIsRefusedWithItsStatus() throws {
    let evaluator = FakeEvaluator()
    evaluator.memoryOfTrial = { _ in 3 << 30 }
    let fixture = RunFixture(
      suite: .fake(), folder: folder.url, conditions: RunConditions(memoryLimitBytes: 1 << 30))
    let message =
      "one/fake-method/0: is foreseen to need 3072 MiB of memory, and may use 1024 MiB; lower the "
      + "batch size or the scale, or run fewer at once with --jobs"
    let error = #expect(throws: RunRefusal.self) { try fixture.execute(evaluator) }
    #expect(error?.description == message)
    #expect(evaluator.steps == 0)
    let lines = try Journal.read(folder.url.appending(path: "journal.jsonl")).lines
    #expect(lines.last?.event == .failed(Failure(message: message, status: .outOfMemory)))
    // With memory for it, the run goes through.
    #expect(
      try RunFixture(suite: .fake(), folder: folder.url).execute(evaluator)
        == .finished(.completed))
  }

  @Test func anEvaluatorsErrorIsJournaled() throws {
    let evaluator = FakeEvaluator()
    evaluator.beforeStep = { if $0 == 5 { throw SuiteError("the disk is on fire") } }
    #expect(throws: SuiteError("the disk is on fire")) { try execute(evaluator) }
    let lines = try Journal.read(folder.url.appending(path: "journal.jsonl")).lines
    #expect(lines.last?.event == .failed(Failure(message: "the disk is on fire")))
  }
}

/// One run in one folder.
struct RunFixture {
  let suite: Suite
  let folder: URL

  var conditions = RunConditions()
  /// The method; `nil` for the one that the suite names.
  var method: (any MethodDescription.Type)?

  func execute(_ evaluator: FakeEvaluator, stop: StopFlag = StopFlag()) throws -> RunExecutor.End {
    let run = suite.runs[0]
    let named = FakeWorkbench().methods.first { $0.name == run.method.name }
    return try RunExecutor(
      suite: suite, run: run,
      procedure: SearchProcedure(
        of: try method ?? #require(named), settings: run.method.settings), evaluator: evaluator,
      folder: folder, clock: FakeClock(), stop: stop, conditions: conditions
    ).execute()
  }

  static func canonicalEvents(_ folder: URL) throws -> [JournalEvent] {
    try Journal.read(folder.appending(path: "journal.jsonl")).lines.map(\.event)
      .filter(\.isCanonical)
  }
}
