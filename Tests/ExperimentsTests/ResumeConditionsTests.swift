import Experiments
import Foundation
import OperationCosts
import SearchCore
import Testing

/// What a resumed run checks, and what it makes of clocks.
@Suite struct ResumeConditionsTests {
  private let folder = TemporaryFolder()
  private var journal: URL { folder.url.appending(path: "journal.jsonl") }

  private func execute(
    _ suite: Suite = .fake(), kernel: String = "Zen", clock: any RunClock = FakeClock(),
    stopBefore step: Int? = nil
  ) throws -> RunExecutor.End {
    let stop = StopFlag()
    let evaluator = FakeEvaluator()
    evaluator.beforeStep = { if $0 == step { stop.raise() } }
    return try RunExecutor(
      suite: suite, run: suite.runs[0],
      procedure: SearchProcedure(
        of: FakeMethod.self, settings: suite.runs[0].method.settings), evaluator: evaluator,
      folder: folder.url,
      environment: [
        EnvironmentFact(name: "BLAS kernel", value: kernel),
        EnvironmentFact(name: "processor", value: kernel),
      ], clock: clock, stop: stop
    ).execute()
  }

  @Test func anotherBLASKernelIsNamedAndRefused() throws {
    #expect(try execute(stopBefore: 3) == .interrupted)
    #expect(
      throws: SuiteError(
        "one/fake-method/0: was begun with BLAS kernel 'Zen', and here it is 'Haswell', which "
          + "rounds differently; go on where it is the same, or type 'searchlight run SUITE --fresh'"
      )
    ) { try execute(kernel: "Haswell") }
    #expect(try execute() == .finished(.completed))
  }

  @Test func aRecordedTableIsReadWithAnyKernel() throws {
    let suite = Suite.fake(final: nil, evaluator: "table")
    #expect(try execute(suite, stopBefore: 3) == .interrupted)
    #expect(try execute(suite, kernel: "Haswell") == .finished(.completed))
  }

  /// Every clock goes back by an hour in the middle of the run.
  private final class BackwardsClock: RunClock {
    private var looks = 0
    func monotonicSeconds() -> Double {
      looks += 1
      return 5_000 + 0.001 * Double(looks) - (looks > 50 ? 3_600 : 0)
    }
    func cpuSeconds() -> Double { looks > 50 ? 1 : 2 }
    func unixSeconds() -> Int { looks > 50 ? 1_000 : 4_600 }
  }

  @Test func aClockThatGoesBackChangesNoResultAndNoTimeIsNegative() throws {
    #expect(try execute(clock: BackwardsClock()) == .finished(.completed))
    let lines = try Journal.read(journal).lines
    let seconds = lines.map(\.clock.activeSeconds)
    #expect(seconds == seconds.sorted())
    #expect(lines.allSatisfy { $0.clock.cpuSeconds >= 0 })
    let found = try RunFixture.canonicalEvents(folder.url)
    let other = TemporaryFolder()
    _ = try RunFixture(suite: .fake(), folder: other.url).execute(FakeEvaluator())
    #expect(try found == RunFixture.canonicalEvents(other.url))
  }

  @Test func measuredCostsAreBookedByPhaseAndSumExactly() throws {
    #expect(try execute(stopBefore: 3) == .interrupted)
    #expect(try execute() == .finished(.completed))
    let measured = try #require(try Journal.read(journal).lines.last?.clock.measured)
    for phase in [Phase.search, .finalTraining, .scheduledEvaluation, .wasted] {
      #expect(measured[phase].wallNanoseconds > 0, "\(phase)")
    }
    #expect(
      measured.total.wallNanoseconds
        == Phase.allCases.reduce(0) { $0 + measured[$1].wallNanoseconds })
    #expect(
      measured.useful.wallNanoseconds + measured[.wasted].wallNanoseconds
        == measured.total.wallNanoseconds)
  }

  @Test func aWallClockBudgetIsTakenUpWhereItWas() throws {
    let suite = Suite.fake(search: Budget(0.1 / 3600, .wallClockHours))
    #expect(try execute(suite, stopBefore: 9) == .interrupted)
    #expect(try execute(suite) == .finished(.completed))
    let lines = try Journal.read(journal).lines.count
    // Done again from the start, the journal is only compared.
    #expect(try execute(suite) == .finished(.completed))
    #expect(try Journal.read(journal).lines.count == lines)
  }

  @Test func unknownEnergyIsNotZero() {
    var costs = MeasuredCosts()
    costs.add(MeasuredCost(wallNanoseconds: 1, cpuNanoseconds: 1, microjoules: 5), to: .search)
    costs.add(
      MeasuredCost(wallNanoseconds: 1, cpuNanoseconds: 1, microjoules: nil), to: .finalTraining)
    #expect(costs[.search].microjoules == 5)
    #expect(costs.total.microjoules == nil)
  }

  @Test func energyCountersBeginAgainAtZero() throws {
    let package = folder.url.appending(path: "intel-rapl:0")
    let part = folder.url.appending(path: "intel-rapl:0:0")
    for place in [package, part] {
      try RecordFile.write(Data("1000\n".utf8), to: place.appending(path: "max_energy_range_uj"))
      try RecordFile.write(Data("990\n".utf8), to: place.appending(path: "energy_uj"))
    }
    var counter = EnergyCounter(folder: folder.url)
    #expect(counter.microjoules(at: 0) == 0)
    try RecordFile.write(Data("20\n".utf8), to: package.appending(path: "energy_uj"))
    #expect(counter.microjoules(at: 1) == 30)
    var none = EnergyCounter(folder: folder.url.appending(path: "nothing"))
    #expect(none.microjoules(at: 0) == nil)
  }

  @Test func aSecondRunOfASuiteIsRefusedInOneLine() throws {
    let results = ResultsFolder(root: folder.url.appending(path: "toy"))
    let first = try results.lockForRunning()
    #expect(
      throws: SuiteError(
        "\(results.root.path): another 'searchlight run' works on this suite; wait for it, or stop "
          + "it first")
    ) { try results.lockForRunning() }
    withExtendedLifetime(first) {}
  }
}
