import Experiments
import Foundation
import SearchCore
import Synchronization
import Testing

@Suite struct SuiteRunnerTests {
  private let temporary = TemporaryFolder()
  private var folder: ResultsFolder { ResultsFolder(root: temporary.url) }

  private func run(
    _ suite: Suite, launcher: FakeLauncher, jobs: Int = 2, stop: StopFlag = StopFlag()
  ) throws -> SuiteOutcome {
    var options = SuiteRunner.Options(jobs: jobs, environment: [])
    options.pollSeconds = 0.001
    return try SuiteRunner(
      suite: suite, workbench: FakeWorkbench(), folder: folder, launcher: launcher,
      options: options, stop: stop
    ) { _ in }.run()
  }

  private func launcher(_ suite: Suite) -> FakeLauncher { FakeLauncher(suite, folder) }

  @Test func tableRunsShareThisProcess() throws {
    let suite = Suite.fake(final: nil, evaluator: "table", seeds: 3)
    let launcher = launcher(suite)
    #expect(try run(suite, launcher: launcher).isComplete)
    #expect(launcher.launched.isEmpty)
  }

  @Test(arguments: [1, 2, 3])
  func asManyProcessesAsJobsRunAtOnce(jobs: Int) throws {
    let suite = Suite.fake(seeds: 5)
    let launcher = launcher(suite)
    #expect(try run(suite, launcher: launcher, jobs: jobs).isComplete)
    #expect(launcher.launched == suite.runs.map(\.id))
    #expect(launcher.mostAtOnce == jobs)
  }

  @Test func aFailedRunNeverStopsTheOthers() throws {
    let suite = Suite.fake(seeds: 4)
    let launcher = launcher(suite)
    launcher.exits["one/fake-method/1"] = .killed(signal: 9)
    launcher.exits["one/fake-method/2"] = .failed(code: 1)
    let outcome = try run(suite, launcher: launcher)
    #expect(outcome.states.map(\.stage) == [.finished, .failed, .failed, .finished])
    #expect(outcome.states[1].message == "its process was killed by signal 9")
    #expect(outcome.states[2].message == "its process ended with code 1")
  }

  @Test func aProcessThatEndsWithoutARecordHasFailed() throws {
    let suite = Suite.fake(seeds: 1)
    let launcher = launcher(suite)
    launcher.exits["one/fake-method/0"] = .finished
    let outcome = try run(suite, launcher: launcher)
    #expect(
      outcome.states[0].message == "its process ended without the record of a finished run")
  }

  @Test func runningAgainDoesOnlyWhatIsLeft() throws {
    let suite = Suite.fake(seeds: 3)
    let first = launcher(suite)
    first.exits["one/fake-method/1"] = .failed(code: 1)
    #expect(try !run(suite, launcher: first).isComplete)
    let second = launcher(suite)
    #expect(try run(suite, launcher: second).isComplete)
    #expect(second.launched == ["one/fake-method/1"])
  }

  @Test func aStopReachesTheProcessesAndStartsNoMore() throws {
    let suite = Suite.fake(seeds: 4)
    let launcher = launcher(suite)
    let stop = StopFlag()
    launcher.onLaunch = { if $0 == 2 { stop.raise() } }
    let outcome = try run(suite, launcher: launcher, stop: stop)
    #expect(launcher.launched.count == 2)
    #expect(outcome.count(.interrupted) == 2)
    #expect(outcome.count(.waiting) == 2)
  }

  /// A process that was only just started cannot listen yet: the signal that asks it ends it.
  @Test(arguments: [(SIGTERM, true), (SIGKILL, false), (SIGSEGV, false)])
  func aProcessThatWasAskedTooEarlyIsInterrupted(signal: Int32, isAsked: Bool) throws {
    let suite = Suite.fake(seeds: 1)
    let launcher = launcher(suite)
    launcher.terminations["one/fake-method/0"] = .killed(signal: signal)
    let stop = StopFlag()
    launcher.onLaunch = { _ in stop.raise() }
    let outcome = try run(suite, launcher: launcher, stop: stop)
    #expect(outcome.count(.interrupted) == (isAsked ? 1 : 0))
    #expect(outcome.count(.failed) == (isAsked ? 0 : 1))
  }

  @Test func theSameResultsForAnyNumberOfJobs() throws {
    let suite = Suite.fake(seeds: 3)
    _ = try run(suite, launcher: launcher(suite), jobs: 1)
    let other = TemporaryFolder()
    let otherFolder = ResultsFolder(root: other.url)
    var options = SuiteRunner.Options(jobs: 3, environment: [])
    options.pollSeconds = 0.001
    _ = try SuiteRunner(
      suite: suite, workbench: FakeWorkbench(), folder: otherFolder,
      launcher: FakeLauncher(suite, otherFolder), options: options, stop: StopFlag()
    ) { _ in }.run()
    for run in suite.runs {
      #expect(
        try RunFixture.canonicalEvents(folder.folder(of: run))
          == RunFixture.canonicalEvents(otherFolder.folder(of: run)))
    }
  }
}

/// Does runs in this process, at once, unless told how they end.
private final class FakeLauncher: WorkerLauncher {
  var exits: [String: WorkerExit] = [:]
  /// How runs end that are asked to stop.
  var terminations: [String: WorkerExit] = [:]
  var onLaunch: (Int) -> Void = { _ in }
  private(set) var launched: [String] = []
  private(set) var mostAtOnce = 0
  private let suite: Suite
  private let folder: ResultsFolder
  private var processes: [FakeProcess] = []

  init(_ suite: Suite, _ folder: ResultsFolder) {
    self.suite = suite
    self.folder = folder
  }

  func launch(_ run: RunSpecification, lock: URL, log: URL) throws -> any WorkerProcess {
    launched.append(run.id)
    onLaunch(launched.count)
    let process = FakeProcess(onTerminate: terminations[run.id] ?? .interrupted) { [self] in
      if let exit = exits[run.id] { return exit }
      do {
        let end = try FakeWorkbench().execute(
          run, of: suite, evaluator: FakeEvaluator(), in: folder, environment: [],
          stop: StopFlag())
        return end == .interrupted ? .interrupted : .finished
      } catch {
        return .failed(code: 1)
      }
    }
    processes.append(process)
    mostAtOnce = max(mostAtOnce, processes.filter { !$0.isOver }.count)
    return process
  }
}

private final class FakeProcess: WorkerProcess {
  private let work: () -> WorkerExit
  private var result: WorkerExit?
  private var looks = 0

  private let onTerminate: WorkerExit

  init(onTerminate: WorkerExit, _ work: @escaping () -> WorkerExit) {
    (self.onTerminate, self.work) = (onTerminate, work)
  }

  var isOver: Bool { result != nil }

  var exit: WorkerExit? {
    looks += 1
    // Over at the second round, so that several are seen at work together.
    if result == nil, looks > 2 { result = work() }
    return result
  }

  func terminate() { result = result ?? onTerminate }
}
