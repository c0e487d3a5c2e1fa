import Experiments
import Foundation
import OperationCosts
import Randomness
import SearchCore
import Testing

/// Proposes one architecture, as random sampling does.
private struct SingleMethod: SearchMethod {
  static let name = "single-method"
  static let settings: [MethodSetting] = []
  private let space: any SearchSpace
  private var generator: KeyedGenerator

  init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    generator = key.generator()
  }

  var minimumTrials: Int { 1 }
  var maximumTrials: Int? { 1 }

  mutating func ask() -> Proposal { Proposal(space.sample(using: &generator)) }

  mutating func tell(_ observation: Observation) {}
}

/// A method that has nothing more to propose ends its search, whatever is left of the budget.
@Suite struct BoundedSearchTests {
  private let folder = TemporaryFolder()

  private func suite() -> Suite {
    var suite = Suite.fake(search: Budget(8, .trials))
    suite.studies[0].methods[0] = MethodChoice(
      name: SingleMethod.name, settings: MethodSettings(of: SingleMethod.settings))
    return suite
  }

  @Test(arguments: [OverrunRule.stopAtStep, .discardTrial])
  func oneTrialIsMadeAndTrained(rule: OverrunRule) throws {
    let evaluator = FakeEvaluator()
    evaluator.overrunRule = rule
    let fixture = RunFixture(suite: suite(), folder: folder.url, method: SingleMethod.self)
    #expect(try fixture.execute(evaluator) == .finished(.completed))
    let events = try RunFixture.canonicalEvents(folder.url)
    let trials = events.compactMap { event in
      if case .trialFinished(let record) = event { record } else { nil }
    }
    #expect(trials.count == 1)
    #expect(
      events.contains { event in
        if case .selected(let selection) = event {
          selection.architecture == trials.first?.architecture
        } else {
          false
        }
      })
  }

  /// Four steps a trial and three of final training.
  @Test(arguments: 0..<7)
  func aStopChangesNothing(step: Int) throws {
    let whole = TemporaryFolder()
    _ = try RunFixture(suite: suite(), folder: whole.url, method: SingleMethod.self)
      .execute(FakeEvaluator())
    let stop = StopFlag()
    let stopped = FakeEvaluator()
    stopped.beforeStep = { if $0 == step { stop.raise() } }
    let fixture = RunFixture(suite: suite(), folder: folder.url, method: SingleMethod.self)
    if try fixture.execute(stopped, stop: stop) == .interrupted {
      #expect(try fixture.execute(FakeEvaluator()) == .finished(.completed))
    }
    #expect(
      try RunFixture.canonicalEvents(folder.url) == RunFixture.canonicalEvents(whole.url))
  }

  @Test func thePlanCountsOneTrial() throws {
    var workbench = FakeWorkbench()
    workbench.methods = [SingleMethod.self]
    let plan = try SuitePlan(
      suite: suite(), workbench: workbench,
      evaluators: SuiteEvaluators(FakeEvaluator(), of: suite()), jobs: 1)
    #expect(plan.studies[0].methods[0].expectedTrials == 1)
    #expect(plan.refusals.isEmpty)
  }
}
