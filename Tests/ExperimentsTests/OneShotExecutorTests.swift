import Experiments
import Foundation
import OperationCosts
import SearchCore
import Testing

/// Searches of four steps in two epochs and one step of selection, 100 ns each.
@Suite struct OneShotExecutorTests {
  private let folder = TemporaryFolder()

  private func suite(
    budget nanoseconds: Double = 500, replacing changes: [String: Double] = [:]
  ) -> Suite {
    var suite = Suite.fake(search: Budget(nanoseconds / 1e9, .referenceGPUSeconds))
    suite.studies[0].methods = [
      MethodChoice(
        name: FakeOneShot.name,
        settings: MethodSettings(of: FakeOneShot.settings, replacing: changes))
    ]
    return suite
  }

  private func events(_ folder: URL) throws -> [JournalEvent] {
    try RunFixture.canonicalEvents(folder)
  }

  @Test func theChoiceIsTheOneTrialAndEpochsAreJournaled() throws {
    let fixture = RunFixture(suite: suite(), folder: folder.url)
    #expect(try fixture.execute(FakeEvaluator()) == .finished(.completed))
    let events = try events(folder.url)
    let epochs = events.compactMap { event -> EpochRecord? in
      if case .epochFinished(let record) = event { record } else { nil }
    }
    #expect(epochs.map(\.epoch.epoch) == [1, 2])
    #expect(epochs.map(\.chargedSoFar.referenceNanoseconds) == [200, 400])
    #expect(epochs.map(\.budgetFraction) == [0.4, 0.8])
    let trials = events.compactMap { event -> TrialRecord? in
      if case .trialFinished(let record) = event { record } else { nil }
    }
    #expect(trials.map(\.architecture) == ["1-2-3"])
    #expect(trials[0].charges.charge(of: .search) == FakeEvaluator.stepCharge * 4)
    #expect(trials[0].charges.charge(of: .selection) == FakeOneShotSearch.selectionCharge)
    #expect(trials[0].budgetFraction == 1)
    #expect(
      events.contains(
        .selected(
          Selection(
            trial: 0, architecture: "1-2-3", identity: "1-2-3", validation: 0.25))))
  }

  @Test func aSearchThatGoesOnPastItsBudgetIsRefused() throws {
    let fixture = RunFixture(suite: suite(budget: 300), folder: folder.url)
    #expect {
      _ = try fixture.execute(FakeEvaluator())
    } throws: {
      "\($0)" == "one/fake-one-shot/0: the search went on past its budget; expected it to stop"
    }
  }

  /// 40 of 100 examples are trained on, and the choice trains on none.
  @Test func aChoiceComesAfterABudgetInEpochsIsSpent() throws {
    var suite = suite()
    suite.studies[0].searchBudget = Budget(0.4, .epochs)
    let fixture = RunFixture(suite: suite, folder: folder.url)
    #expect(try fixture.execute(FakeEvaluator()) == .finished(.completed))
  }

  @Test func aDivergedSearchIsRecordedAndSelectsNothing() throws {
    let fixture = RunFixture(suite: suite(replacing: ["diverges": 1]), folder: folder.url)
    #expect(try fixture.execute(FakeEvaluator()) == .finished(.diverged))
    #expect(try fixture.execute(FakeEvaluator()) == .finished(.diverged))
  }

  @Test func aSearchForeseenToNeedTooMuchMemoryIsRecorded() throws {
    let evaluator = FakeEvaluator()
    evaluator.memoryOfTrial = { _ in 1 << 40 }
    let fixture = RunFixture(
      suite: suite(), folder: folder.url, conditions: RunConditions(memoryLimitBytes: 1 << 30))
    #expect(try fixture.execute(evaluator) == .finished(.outOfMemory))
    #expect(evaluator.steps == 0)
  }

  /// A kill before any of the steps of search, selection and final training, with and without
  /// checkpoints, changes nothing that is canonical.
  @Test(arguments: Array(0..<9), [CheckpointPeriod.standard, .steps(1), .steps(3)])
  func aKillChangesNothing(beforeStep step: Int, period: CheckpointPeriod) throws {
    let whole = TemporaryFolder()
    _ = try RunFixture(suite: suite(), folder: whole.url).execute(FakeEvaluator())
    let evaluator = FakeEvaluator()
    evaluator.isCheckpointable = true
    evaluator.beforeStep = { if $0 == step { throw SuiteError("killed") } }
    let conditions = RunConditions(checkpoints: period)
    let killed = RunFixture(suite: suite(), folder: folder.url, conditions: conditions)
    #expect(throws: SuiteError("killed")) { _ = try killed.execute(evaluator) }
    let resumed = FakeEvaluator()
    resumed.isCheckpointable = true
    let again = RunFixture(suite: suite(), folder: folder.url, conditions: conditions)
    #expect(try again.execute(resumed) == .finished(.completed))
    #expect(try events(folder.url) == events(whole.url))
    // With a checkpoint before each step nothing is done twice, but the step that failed.
    if case .steps(1) = period { #expect(resumed.steps == 9 - step) }
  }

  @Test func aPlanCountsEpochsAndControllerUpdates() throws {
    let suite = suite(budget: 900)
    let plan = try SuitePlan(
      suite: suite, workbench: FakeWorkbench(),
      evaluators: SuiteEvaluators(FakeEvaluator(), of: suite), jobs: 1)
    let method = plan.studies[0].methods[0]
    #expect(abs((method.expectedEpochs ?? 0) - 4) < 1e-9)
    #expect(method.expectedControllerUpdates == 12)
    #expect(plan.refusals.isEmpty)
  }

  @Test func aPlanRefusesABudgetBelowAnEpochOfEachSearch() throws {
    let suite = suite(budget: 600)
    let evaluator = FakeEvaluator()
    evaluator.searches = 3
    let plan = try SuitePlan(
      suite: suite, workbench: FakeWorkbench(), evaluators: SuiteEvaluators(evaluator, of: suite),
      jobs: 1)
    #expect(
      plan.refusals == [
        "study 'one': a search budget of 6e-07 reference-gpu-seconds is less than 3 epochs of "
          + "fake-one-shot and its choice at the end; raise the budget, or set searches: 1"
      ])
    #expect(abs((plan.studies[0].methods[0].selectionSeconds ?? 0) - 1e-7) < 1e-15)
  }

  @Test func aPlanRefusesABudgetBelowAnEpoch() throws {
    let suite = suite(budget: 250)
    let plan = try SuitePlan(
      suite: suite, workbench: FakeWorkbench(),
      evaluators: SuiteEvaluators(FakeEvaluator(), of: suite), jobs: 1)
    #expect(
      plan.refusals == [
        "study 'one': a search budget of 2.5e-07 reference-gpu-seconds is less than one epoch of "
          + "fake-one-shot and its choice at the end; raise the budget or lower its settings"
      ])
  }
}
