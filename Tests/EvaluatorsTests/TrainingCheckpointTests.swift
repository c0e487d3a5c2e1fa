import Evaluators
import Randomness
import SearchCore
import Testing

/// A training that is written down and taken up goes on to the same bits.
@Suite struct TrainingCheckpointTests {
  private let key = RandomKey(seed: 4)

  private func final(threads: Int = 1, seed: UInt64 = 4) throws -> any Evaluation {
    var training = SyntheticData.training
    training.gradientClip = 5
    training.cropPadding = 1
    return try SyntheticData.evaluator(training, threads: threads).finalTraining(
      of: SyntheticData.cell, budget: Budget(2, .epochs), key: RandomKey(seed: seed))
  }

  // 6 updates, 2 steps of validation after each of 2 epochs, and 2 of the test split.
  @Test(arguments: 0..<12)
  func goingOnFromAnyStepGivesTheSameBits(step: Int) throws {
    let whole = try SyntheticData.finish(final())
    #expect(whole.count == 12)
    let first = try final()
    for _ in 0..<step { _ = try first.step() }
    let snapshot = try #require(first as? any Checkpointable).snapshot()
    let second = try final(threads: 2)
    var work = try #require(second as? any Checkpointable)
    try work.restore(from: snapshot)
    let rest = try SyntheticData.finish(second)
    #expect(rest.map(\.charge) == whole.dropFirst(step).map(\.charge))
    #expect(rest.map(\.phase) == whole.dropFirst(step).map(\.phase))
    #expect(rest.last?.outcome == whole.last?.outcome)
    // Writing down has not disturbed the first.
    #expect(try SyntheticData.finish(first).last?.outcome == whole.last?.outcome)
  }

  private func refusal(_ change: (inout Snapshot) -> Void) throws -> String {
    let first = try final()
    _ = try first.step()
    var snapshot = try #require(first as? any Checkpointable).snapshot()
    change(&snapshot)
    var work = try #require(final() as? any Checkpointable)
    do {
      try work.restore(from: snapshot)
      return "taken up"
    } catch { return "\(error)" }
  }

  private func edit(_ snapshot: inout Snapshot, _ old: String, _ new: String) {
    let text = String(decoding: snapshot.state, as: UTF8.self)
    snapshot.state = Array(text.replacing(old, with: new).utf8)
  }

  @Test func anUntouchedSnapshotFits() throws { #expect(try refusal { _ in } == "taken up") }

  @Test func anotherFormatIsRefusedByName() throws {
    #expect(
      try refusal { edit(&$0, "\"format\":2", "\"format\":1") }
        == "the checkpoint's training state has format 1; expected 2")
  }

  @Test func anotherKeyIsRefused() throws {
    var work = try #require(final(seed: 5) as? any Checkpointable)
    let snapshot = try #require(final() as? any Checkpointable).snapshot()
    let error = #expect(throws: EvaluationError.self) { try work.restore(from: snapshot) }
    #expect(
      error?.description == "the checkpoint was drawn from another key; expected this run's")
  }

  @Test func brokenBytesAreRefused() throws {
    #expect(
      try refusal { $0.state = [1, 2, 3] }
        == "the checkpoint's training state cannot be read; expected its JSON")
    #expect(
      try refusal { $0.tensors = [] } == "0 bytes; a safetensors file has at least 8")
    #expect(
      try refusal { edit(&$0, "\"updates\":1", "\"updates\":-1") }
        == "the checkpoint has a negative count; expected 0 or more")
  }
}
