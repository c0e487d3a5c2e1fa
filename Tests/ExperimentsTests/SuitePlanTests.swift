import Experiments
import Randomness
import SearchCore
import Testing

@Suite struct SuitePlanTests {
  private func plan(_ suite: Suite, rate: Double? = nil) throws -> SuitePlan {
    let evaluator = FakeEvaluator()
    evaluator.rate = rate
    return try SuitePlan(
      suite: suite, workbench: FakeWorkbench(), evaluators: SuiteEvaluators(evaluator, of: suite),
      jobs: 2,
      measuresMachine: true)
  }

  @Test func countsTrialsCostAndMemory() throws {
    // A trial costs 4 steps of 100 ns; the budget is 2000 ns; final training 300 ns; 2 runs.
    let plan = try plan(.fake(search: Budget(2e-6, .referenceGPUSeconds)), rate: 10)
    let study = try #require(plan.studies.first)
    #expect(abs((study.methods[0].expectedTrials ?? 0) - 5) < 1e-9)
    #expect(abs((study.referenceSeconds ?? 0) - 2 * 2.3e-6) < 1e-15)
    #expect(abs((study.machineSeconds ?? 0) - 2.3e-5) < 1e-14)
    #expect(study.peakMemoryBytes == 2 << 20)
    #expect(plan.refusals.isEmpty)
  }

  @Test func tellsHowFarItIs() throws {
    let suite = Suite.fake()
    var told: [[Int]] = []
    _ = try SuitePlan(
      suite: suite, workbench: FakeWorkbench(),
      evaluators: SuiteEvaluators(FakeEvaluator(), of: suite), jobs: 1
    ) { told.append([$0, $1]) }
    let count = suite.studies[0].methods.count
    #expect(told.first == [0, count] && told.last == [count, count])
    #expect(Set(told) == Set((0...count).map { [$0, count] }))
  }

  /// Above 1 %, of the trials that have most of it: those of one epoch.
  @Test(
    arguments: [(0.349, 0.349), (0.0101, 0.0101), (0.01, nil), (0, nil)] as [(Double, Double?)])
  func saysWhereTrialsAreScoredTooEarly(part: Double, expected: Double?) throws {
    let evaluator = FakeEvaluator()
    evaluator.unlearntStatistics = part
    #expect(try planOfLongTrials(evaluator).studies[0].methods[0].unlearntStatistics == expected)
  }

  @Test func timeHereIsUnknownUntilMeasured() throws {
    #expect(try plan(.fake()).studies[0].machineSeconds == nil)
  }

  @Test func refusesABudgetBelowAMethodsMinimum() throws {
    var suite = Suite.fake()
    suite.studies[0].methods[0].settings = MethodSettings(
      of: FakeMethod.settings, replacing: ["warm-up": 30])
    #expect(
      try plan(suite).refusals == [
        "study 'one': a search budget of 1e-06 reference-gpu-seconds makes about 2 trials; "
          + "fake-method needs at least 30; raise the budget or lower its settings"
      ])
  }

  private func planOfLongTrials(
    _ evaluator: FakeEvaluator,
    of method: any SearchMethod.Type = EchoMethod.self, settings: [String: Double] = ["longest": 3]
  ) throws -> SuitePlan {
    var suite = Suite.fake(search: Budget(2e-6, .referenceGPUSeconds))
    suite.studies[0].methods = [
      MethodChoice(
        name: method.name, settings: MethodSettings(of: method.settings, replacing: settings))
    ]
    var workbench = FakeWorkbench()
    workbench.methods = [method]
    return try SuitePlan(
      suite: suite, workbench: workbench, evaluators: SuiteEvaluators(evaluator, of: suite),
      jobs: 1)
  }

  @Test func countsTrialsOfSeveralFidelities() throws {
    // Half the trials are of 1 epoch, 400 ns, half of 3, 1200 ns; the budget is 2000 ns.
    let method = try planOfLongTrials(FakeEvaluator()).studies[0].methods[0]
    #expect(abs((method.expectedTrials ?? 0) - 2.5) < 1e-9)
    #expect(abs((method.secondsPerTrial ?? 0) - 8e-7) < 1e-15)
  }

  @Test func countsTrialsThatGrowDearer() throws {
    // Two trials of 1 epoch, 400 ns, then of 3, 1200 ns: the third ends the budget of 2000 ns.
    let method = try planOfLongTrials(FakeEvaluator(), of: GrowingMethod.self, settings: [:])
      .studies[0].methods[0]
    #expect(abs((method.expectedTrials ?? 0) - 3) < 1e-9)
    #expect(abs((method.secondsPerTrial ?? 0) - 2e-6 / 3) < 1e-15)
  }

  @Test func refusesFidelitiesThatAnEvaluatorHasNot() throws {
    let evaluator = FakeEvaluator()
    evaluator.recordedEpochs = 1
    #expect(
      try planOfLongTrials(evaluator).refusals
        == ["study 'one': echo-method: no trials of 3 epochs"])
  }
}

/// Trains its first two trials for an epoch and all others for three.
private struct GrowingMethod: SearchMethod {
  static let name = "growing-method"
  static let settings: [MethodSetting] = []
  private let space: any SearchSpace
  private var generator: KeyedGenerator

  init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    generator = key.generator()
  }

  var minimumTrials: Int { 1 }

  func fidelities(ofTrials count: Int) -> [Fidelity] {
    let short = Double(min(count, 2)) / Double(count)
    return [Fidelity(epochs: 1, share: short), Fidelity(epochs: 3, share: 1 - short)]
  }

  mutating func ask() -> Proposal { Proposal(space.sample(using: &generator)) }

  mutating func tell(_ observation: Observation) {}
}
