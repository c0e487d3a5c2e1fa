import Experiments
import Foundation
import OperationCosts
import Randomness
import SearchCore
import Testing

/// Proposes what it knows: its own number, the trial it was told last (99 for none), and how many it
/// was told.
struct EchoMethod: SearchMethod {
  static let name = "echo-method"
  static let settings = [
    MethodSetting(
      name: "workers", defaultValue: 1, range: 1...100, isInteger: true,
      source: "made up for tests"),
    MethodSetting(
      name: "longest", defaultValue: 0, range: 0...100, isInteger: true,
      source: "made up for tests"),
  ]

  let workers: Int
  /// Most epochs that it asks for, every other time; 0 to leave them to the study.
  private let longest: Int
  private var asked = 0
  private var told: [Int] = []

  init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    workers = Int(settings["workers"])
    longest = Int(settings["longest"])
  }

  var minimumTrials: Int { 1 }

  func fidelities(ofTrials count: Int) -> [Fidelity] {
    longest == 0
      ? [.own] : [Fidelity(epochs: 1, share: 0.5), Fidelity(epochs: longest, share: 0.5)]
  }

  mutating func ask() -> Proposal {
    defer { asked += 1 }
    let choices = [asked, told.last ?? 99, told.count]
    let epochs = longest == 0 ? nil : asked % 2 == 0 ? 1 : longest
    return Proposal(Architecture(space: FakeSpace.name, choices: choices), epochs: epochs)
  }

  mutating func tell(_ observation: Observation) { told.append(observation.trial) }
}

/// Workers are simulated on the ledger's clock: what they cost decides who ends first.
@Suite struct AsynchronousSearchTests {
  private let folder = TemporaryFolder()

  private func fixture(
    _ settings: [String: Double], search: Budget = Budget(8, .trials), folder: URL? = nil
  ) -> RunFixture {
    var suite = Suite.fake(search: search)
    suite.studies[0].methods[0].settings = MethodSettings(
      of: EchoMethod.settings, replacing: settings)
    return RunFixture(suite: suite, folder: folder ?? self.folder.url, method: EchoMethod.self)
  }

  /// A step costs 100 ns; these are the steps of trials 0 to 7.
  private func evaluator() -> FakeEvaluator {
    let evaluator = FakeEvaluator()
    evaluator.stepsOfTrial = { [5, 2, 2, 1, 4, 3, 1, 2][$0.choices[0] % 8] }
    return evaluator
  }

  private var trials: [TrialRecord] {
    get throws {
      try RunFixture.canonicalEvents(folder.url).compactMap { event in
        if case .trialFinished(let record) = event { record } else { nil }
      }
    }
  }

  // By hand, in units of 100 ns: trials 0, 1, 2 begin at 0 and end at 5, 2, 2; at 2 both short ones
  // are told, in the order of asking, and 3 and 4 begin; 3 ends at 3 and 5 begins; 0 ends at 5 and 6
  // begins; at 6 the trials 4, 5, 6 end together and 7 begins.
  @Test func trialsAreToldInTheOrderInWhichTheyEnd() throws {
    #expect(try fixture(["workers": 3]).execute(evaluator()) == .finished(.completed))
    #expect(
      try trials.map(\.architecture) == [
        "0-99-0", "1-99-0", "2-99-0", "3-2-2", "4-2-2", "5-3-3", "6-0-4", "7-6-7",
      ])
    #expect(
      try trials.map { $0.simulated?.start } == [0, 0, 0, 200, 200, 300, 500, 600])
    #expect(
      try trials.map { $0.simulated?.end } == [500, 200, 200, 300, 600, 600, 600, 800])
    #expect(try trials.map { $0.simulated?.told } == [0, 0, 0, 2, 2, 3, 4, 7])
    #expect(try SimulatedTime.staleness(of: trials) == [3, 0, 1, 0, 2, 2, 2, nil])
  }

  @Test func oneWorkerIsToldOfEachTrialAtOnce() throws {
    #expect(try fixture(["workers": 1]).execute(evaluator()) == .finished(.completed))
    #expect(
      try trials.map(\.architecture) == ["0-99-0"] + (1..<8).map { "\($0)-\($0 - 1)-\($0)" })
    // Journals of one worker are those of earlier programs.
    let text = try String(
      contentsOf: folder.url.appending(path: "journal.jsonl"), encoding: .utf8)
    #expect(!text.contains("simulated"))
    #expect(try SimulatedTime.staleness(of: trials) == Array(repeating: 0, count: 8))
  }

  @Test func workersShareTheBudget() throws {
    // 10 steps of 100 ns for all workers together: two trials of 4, and 2 steps of the third.
    let fixture = fixture(["workers": 3], search: Budget(1e-6, .referenceGPUSeconds))
    #expect(try fixture.execute(FakeEvaluator()) == .finished(.completed))
    #expect(try trials.map(\.status) == [.completed, .completed, .budgetSpent])
    #expect(try trials.map(\.chargedSoFar.referenceNanoseconds) == [400, 800, 1_000])
    #expect(try trials.map { $0.simulated?.end } == [400, 400, 200])
  }

  @Test func trialsThatCostNothingAreToldAtOnce() throws {
    let evaluator = FakeEvaluator()
    evaluator.stepsOfTrial = { _ in 0 }
    #expect(try fixture(["workers": 3]).execute(evaluator) == .finished(.completed))
    #expect(try trials.map { $0.simulated?.told } == Array(0..<8))
  }

  @Test func aTablesWorkersDiscardTheTrialPastTheBudget() throws {
    let evaluator = FakeEvaluator()
    evaluator.overrunRule = .discardTrial
    let fixture = fixture(["workers": 3], search: Budget(1e-6, .referenceGPUSeconds))
    #expect(try fixture.execute(evaluator) == .finished(.completed))
    #expect(try trials.map(\.architecture) == ["0-99-0", "1-99-0"])
  }

  @Test(arguments: 0..<30)
  func stoppingAfterAnyStepChangesNothing(step: Int) throws {
    let whole = TemporaryFolder()
    _ = try fixture(["workers": 3], folder: whole.url).execute(evaluator())
    let stop = StopFlag()
    let stopped = evaluator()
    stopped.beforeStep = { if $0 == step { stop.raise() } }
    if try fixture(["workers": 3]).execute(stopped, stop: stop) == .interrupted {
      #expect(try fixture(["workers": 3]).execute(evaluator()) == .finished(.completed))
    }
    #expect(
      try RunFixture.canonicalEvents(folder.url) == RunFixture.canonicalEvents(whole.url))
  }

  @Test func aJournalOfOtherWorkersIsRefused() throws {
    let stop = StopFlag()
    let stopped = evaluator()
    stopped.beforeStep = { if $0 == 20 { stop.raise() } }
    #expect(try fixture(["workers": 3]).execute(stopped, stop: stop) == .interrupted)
    let journal = folder.url.appending(path: "journal.jsonl").path
    #expect(
      throws: SuiteError(
        "\(journal):2: the run now differs from what was recorded; the data, the program or the "
          + "suite has changed; type 'searchlight run SUITE --fresh' to start anew")
    ) { try fixture(["workers": 2]).execute(evaluator()) }
  }

  @Test func theBestOfTheLongestTrainedIsSelected() throws {
    let evaluator = FakeEvaluator()
    // Trials of even number train for 1 epoch and score best.
    evaluator.trialError = { 0.1 + ($0.choices[0] % 2 == 0 ? 0 : 0.1 * Double($0.choices[0])) }
    #expect(try fixture(["longest": 3]).execute(evaluator) == .finished(.completed))
    #expect(try trials.map(\.epochs) == [1, 3, 1, 3, 1, 3, 1, 3])
    #expect(
      try trials.map { $0.charges.total.referenceNanoseconds }
        == [400, 1200, 400, 1200, 400, 1200, 400, 1200])
    let selected = try RunFixture.canonicalEvents(folder.url).compactMap { event in
      if case .selected(let record) = event { record.trial } else { nil }
    }
    #expect(selected == [1])
  }
}
