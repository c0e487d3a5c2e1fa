import Experiments
import Foundation
import OperationCosts
import SearchCore
import Testing

/// However often a run is stopped or killed, it ends like one that went through.
@Suite struct ResumeTests {
  private let folder = TemporaryFolder()
  private let suite = Suite.fake(search: Budget(2e-6, .referenceGPUSeconds))

  private func whole() throws -> [JournalEvent] {
    let other = TemporaryFolder()
    let fixture = RunFixture(suite: suite, folder: other.url)
    #expect(try fixture.execute(FakeEvaluator()) == .finished(.completed))
    return try RunFixture.canonicalEvents(other.url)
  }

  // 5 trials of 4 steps and their outcomes, then 3 of final training and its measurement.
  @Test(arguments: 0..<28)
  func stoppingAfterAnyStepChangesNothing(step: Int) throws {
    let fixture = RunFixture(suite: suite, folder: folder.url)
    let stop = StopFlag()
    let evaluator = FakeEvaluator()
    evaluator.beforeStep = { if $0 == step { stop.raise() } }
    let first = try fixture.execute(evaluator, stop: stop)
    if first == .interrupted {
      #expect(try fixture.execute(FakeEvaluator()) == .finished(.completed))
    }
    #expect(try RunFixture.canonicalEvents(folder.url) == whole())
  }

  @Test func stoppingAtEveryStepOnceChangesNothing() throws {
    let fixture = RunFixture(suite: suite, folder: folder.url)
    var end = RunExecutor.End.interrupted
    for allowed in 0..<40 where end == .interrupted {
      let stop = StopFlag()
      let evaluator = FakeEvaluator()
      evaluator.beforeStep = { if $0 == allowed % 6 { stop.raise() } }
      end = try fixture.execute(evaluator, stop: stop)
    }
    #expect(end == .finished(.completed))
    #expect(try RunFixture.canonicalEvents(folder.url) == whole())
  }

  @Test(arguments: 0..<12)
  func aKillAfterAnyLineChangesNothing(lines: Int) throws {
    let fixture = RunFixture(suite: suite, folder: folder.url)
    _ = try fixture.execute(FakeEvaluator())
    let journal = folder.url.appending(path: "journal.jsonl")
    let data = try Data(contentsOf: journal)
    let kept = data.split(separator: UInt8(ascii: "\n")).prefix(lines)
    var killed = Data(kept.joined(separator: [UInt8(ascii: "\n")]))
    if lines > 0 { killed.append(UInt8(ascii: "\n")) }
    // The next line was torn.
    killed.append(Data(#"{"hash":"00"#.utf8))
    try killed.write(to: journal)
    #expect(try fixture.execute(FakeEvaluator()) == .finished(.completed))
    #expect(try RunFixture.canonicalEvents(folder.url) == whole())
  }

  @Test func lostWorkIsWastedAndNotHeldAgainstTheBudget() throws {
    let fixture = RunFixture(suite: suite, folder: folder.url)
    let stop = StopFlag()
    let evaluator = FakeEvaluator()
    evaluator.beforeStep = { if $0 == 7 { stop.raise() } }
    #expect(try fixture.execute(evaluator, stop: stop) == .interrupted)
    let lines = try Journal.read(folder.url.appending(path: "journal.jsonl")).lines
    // The first trial takes 5 steps; the stop is seen after the third step of the second.
    let lost = Ledger(charges: [.wasted: FakeEvaluator.stepCharge * 3])
    #expect(lines.last?.event == .interrupted(Interruption(cause: "stopped", lost: lost)))
  }

  @Test func aFinishedRunIsNotDoneAgain() throws {
    let fixture = RunFixture(suite: suite, folder: folder.url)
    _ = try fixture.execute(FakeEvaluator())
    let evaluator = FakeEvaluator()
    #expect(try fixture.execute(evaluator) == .finished(.completed))
    #expect(evaluator.steps == 0)
  }

  @Test func aReplayThatDiffersNamesTheLine() throws {
    let fixture = RunFixture(suite: suite, folder: folder.url)
    let stop = StopFlag()
    let evaluator = FakeEvaluator()
    evaluator.beforeStep = { if $0 == 7 { stop.raise() } }
    _ = try fixture.execute(evaluator, stop: stop)
    var other = suite
    other.seed = 10
    let changed = RunFixture(suite: other, folder: folder.url)
    let journal = folder.url.appending(path: "journal.jsonl").path
    #expect(
      throws: SuiteError(
        "\(journal):2: the run now differs from what was recorded; the data, the program or the "
          + "suite has changed; type 'searchlight run SUITE --fresh' to start anew")
    ) { try changed.execute(FakeEvaluator()) }
  }

  @Test func aSecondProcessIsRefused() throws {
    let url = folder.url.appending(path: "journal.jsonl")
    let first = try Journal(opening: url)
    #expect(Journal.isLocked(url))
    #expect(
      throws: SuiteError(
        "\(url.path): another process works on this run; wait for it, or stop it first")
    ) { try Journal(opening: url) }
    withExtendedLifetime(first) {}
  }

  @Test(arguments: [0, 1, 3])
  func aDamagedLineIsReportedWithItsPlace(line: Int) throws {
    let fixture = RunFixture(suite: suite, folder: folder.url)
    _ = try fixture.execute(FakeEvaluator())
    let journal = folder.url.appending(path: "journal.jsonl")
    var lines = try Data(contentsOf: journal).split(separator: UInt8(ascii: "\n"))
    // A digit inside the line's clock.
    lines[line][lines[line].startIndex + 110] ^= 1
    var data = Data(lines.joined(separator: [UInt8(ascii: "\n")]))
    data.append(UInt8(ascii: "\n"))
    try data.write(to: journal)
    #expect(
      throws: SuiteError(
        "\(journal.path):\(line + 1): line does not match its checksum; nothing from here on is "
          + "trusted; move the run's folder away and run again")
    ) { try fixture.execute(FakeEvaluator()) }
  }
}
