import Experiments
import Foundation
import OperationCosts
import SearchCore
import Testing

/// Runs whose work is written down every two steps. A copy of a run's folder, taken in the middle of
/// a step, is what a kill at that moment leaves.
@Suite struct CheckpointTests {
  private let folder = TemporaryFolder()
  private let suite = Suite.fake(search: Budget(2e-6, .referenceGPUSeconds))
  private var journal: URL { folder.url.appending(path: "journal.jsonl") }
  private var checkpoint: URL { folder.url.appending(path: "checkpoint.json") }

  private func fixture(_ folder: URL) -> RunFixture {
    RunFixture(suite: suite, folder: folder, conditions: RunConditions(checkpoints: .steps(2)))
  }

  private func evaluator(_ beforeStep: @escaping (Int) throws -> Void = { _ in }) -> FakeEvaluator {
    let evaluator = FakeEvaluator()
    evaluator.isCheckpointable = true
    evaluator.beforeStep = beforeStep
    return evaluator
  }

  private func whole() throws -> [JournalEvent] {
    let other = TemporaryFolder()
    // Without checkpoints: what they are compared with must not depend on them.
    let plain = RunFixture(suite: suite, folder: other.url)
    #expect(try plain.execute(FakeEvaluator()) == .finished(.completed))
    return try RunFixture.canonicalEvents(other.url)
  }

  /// Leaves in `folder` what a kill before a step leaves; steps count from the last kill.
  private func kill(beforeStep step: Int) throws {
    let source = folder.url.path + ".running"
    try FileManager.default.createDirectory(
      at: folder.url, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: folder.url.path, toPath: source)
    defer { try? FileManager.default.removeItem(atPath: source) }
    _ = try? fixture(URL(filePath: source)).execute(
      evaluator { found in
        guard found == step else { return }
        try FileManager.default.removeItem(at: folder.url)
        try FileManager.default.copyItem(atPath: source, toPath: folder.url.path)
        throw SuiteError("killed")
      })
  }

  private func ledger() throws -> Ledger {
    var ledger = Ledger()
    for event in try Journal.read(journal).lines.map(\.event) {
      switch event {
      case .trialFinished(let record): ledger.add(record.charges)
      case .finalFinished(let record): ledger.add(record.charges)
      case .interrupted(let record): ledger.add(record.lost)
      default: break
      }
    }
    return ledger
  }

  // 20 steps of search, then 3 of final training and its measurement; a trial's last step is free.
  @Test(arguments: 0..<28)
  func aKillBeforeAnyStepChangesNothingAndIsBookedToTheStep(step: Int) throws {
    try kill(beforeStep: step)
    let rest = evaluator()
    #expect(try fixture(folder.url).execute(rest) == .finished(.completed))
    #expect(try RunFixture.canonicalEvents(folder.url) == whole())
    // 5 outcomes of trials are steps that cost nothing.
    let charged = FakeEvaluator.stepCharge * 24
    #expect(try ledger().canonical.total == charged)
    let lost = try ledger().charge(of: .wasted)
    let done = step + rest.steps - 28
    #expect(lost.flops == Int128(done) * 1_000_000_000)
    // At most two steps lie between checkpoints, and a step of a trial that cost nothing.
    #expect(done <= 2)
  }

  @Test func aKillAtEveryStepInTurnLosesLittle() throws {
    for step in [3, 1, 2, 4, 3, 2, 6, 1, 4, 2] { try kill(beforeStep: step) }
    #expect(try fixture(folder.url).execute(evaluator()) == .finished(.completed))
    #expect(try RunFixture.canonicalEvents(folder.url) == whole())
  }

  @Test(arguments: 0..<28)
  func aStopLosesNothing(step: Int) throws {
    let stop = StopFlag()
    let first = evaluator { if $0 == step { stop.raise() } }
    let second = evaluator()
    if try fixture(folder.url).execute(first, stop: stop) == .interrupted {
      #expect(try fixture(folder.url).execute(second) == .finished(.completed))
    }
    #expect(try RunFixture.canonicalEvents(folder.url) == whole())
    #expect(first.steps + second.steps == 28)
    #expect(try ledger().charge(of: .wasted) == .zero)
  }

  @Test func aFailureLosesOnlyWhatCameAfterTheCheckpoint() throws {
    let failing = evaluator { if $0 == 3 { throw SuiteError("the disk is on fire") } }
    #expect(throws: SuiteError("the disk is on fire")) {
      try fixture(folder.url).execute(failing)
    }
    #expect(try fixture(folder.url).execute(evaluator()) == .finished(.completed))
    #expect(try RunFixture.canonicalEvents(folder.url) == whole())
    #expect(try ledger().charge(of: .wasted) == FakeEvaluator.stepCharge)
  }

  @Test func aFinishedRunLeavesNoCheckpoint() throws {
    _ = try fixture(folder.url).execute(evaluator())
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(names == ["journal.jsonl", "progress.json", "spending.meter"])
  }

  @Test func anUnfinishedRunHasOneCheckpointAndNoRemains() throws {
    try kill(beforeStep: 4)
    try kill(beforeStep: 2)
    try Data("x".utf8).write(to: folder.url.appending(path: ".checkpoint.json.123"))
    let stop = StopFlag()
    _ = try fixture(folder.url).execute(evaluator { if $0 == 2 { stop.raise() } }, stop: stop)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(names.filter { $0.hasPrefix("checkpoint") }.count == 2)
    #expect(names.allSatisfy { !$0.hasPrefix(".") })
  }

  // MARK: Checkpoints that cannot be used

  /// Runs to the end beside a checkpoint that was spoilt, and says why it was refused.
  private func refusal(_ spoil: () throws -> Void) throws -> String? {
    try kill(beforeStep: 4)
    try spoil()
    #expect(try fixture(folder.url).execute(evaluator()) == .finished(.completed))
    #expect(try RunFixture.canonicalEvents(folder.url) == whole())
    // Four steps were done, and none of them was kept; the fourth is counted by the meter.
    #expect(try ledger().charge(of: .wasted) == FakeEvaluator.stepCharge * 4)
    for case .interrupted(let event) in try Journal.read(journal).lines.map(\.event)
    where event.cause != "killed" { return event.cause }
    return nil
  }

  @Test func aDamagedCheckpointIsRefusedAndCostsTheWorkItKept() throws {
    let cause = try refusal {
      var data = try Data(contentsOf: checkpoint)
      data[200] ^= 1
      try data.write(to: checkpoint)
    }
    #expect(
      cause == "checkpoint refused: \(checkpoint.path): does not match its checksum")
  }

  @Test func anotherFormatIsRefusedByName() throws {
    let cause = try refusal {
      let text = try String(contentsOf: checkpoint, encoding: .utf8)
      try Data(text.replacing("{\"format\":1,", with: "{\"format\":2,").utf8).write(to: checkpoint)
    }
    #expect(
      cause == "checkpoint refused: \(checkpoint.path): has checkpoint format 2; this program "
        + "reads format 1")
  }

  @Test func missingTensorsAreRefused() throws {
    var name = ""
    let cause = try refusal {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      name = names.first { $0.hasSuffix(".safetensors") } ?? ""
      try FileManager.default.removeItem(at: folder.url.appending(path: name))
    }
    #expect(
      cause == "checkpoint refused: \(folder.url.appending(path: name).path): is missing; "
        + "checkpoint.json names it")
  }

  @Test func aSnapshotThatDoesNotFitItsWorkIsRefused() throws {
    let cause = try refusal {
      let found = try #require(try Checkpoint.read(checkpoint))
      var record = found.record
      record.state = "many"
      try Checkpoint.encoded(record).write(to: checkpoint)
    }
    #expect(cause == "checkpoint refused: no number of steps")
  }

  @Test func aCheckpointOfAnotherRunIsRefused() throws {
    let cause = try refusal {
      let found = try #require(try Checkpoint.read(checkpoint))
      var record = found.record
      record.run = "one/fake-method/1"
      try Checkpoint.encoded(record).write(to: checkpoint)
    }
    #expect(
      cause == "checkpoint refused: \(checkpoint.path): belongs to another history of this run")
  }
}
