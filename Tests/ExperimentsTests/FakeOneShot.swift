import Foundation
import OperationCosts
import Randomness
import SearchCore

/// A one-shot method; its search is `FakeOneShotSearch`.
struct FakeOneShot: OneShotMethod {
  static let name = "fake-one-shot"
  static let settings = [
    MethodSetting(
      name: "diverges", defaultValue: 0, range: 0...1, isInteger: true,
      source: "made up for tests"),
    MethodSetting(name: "rate", defaultValue: 1, range: 0...10, source: "made up for tests"),
  ]
  static let presets = [
    MethodPreset(name: "slow", values: ["rate": 0.1], source: "made up for tests")
  ]
}

/// Steps of 100 ns: an epoch every two, and a step of selection at the end.
class FakeOneShotSearch: Evaluation {
  /// A choice consumes no training examples.
  static let selectionCharge = Charge(
    flops: 1_000_000_000, bytes: 7, referenceNanoseconds: 100)

  private let evaluator: FakeEvaluator
  private let steps: Int
  private let diverges: Bool
  private let key: RandomKey
  fileprivate var done = 0

  required init(_ evaluator: FakeEvaluator, steps: Int, diverges: Bool, key: RandomKey) {
    self.evaluator = evaluator
    self.steps = steps
    self.diverges = diverges
    self.key = key
  }

  func step() throws -> StepReport {
    try evaluator.countStep()
    done += 1
    let charge = FakeEvaluator.stepCharge
    if diverges, done == 2 {
      return StepReport(
        phase: .search, charge: charge,
        outcome: .init(status: .diverged, measurement: Measurement()))
    }
    guard done > steps else {
      // The key enters the losses, so that a wrong key or place shows.
      var generator = key.child("step", done).generator()
      let loss = generator.uniform()
      return StepReport(
        phase: .search, charge: charge,
        epoch: done % 2 == 0 ? SearchEpoch(epoch: done / 2, trainingLoss: loss) : nil)
    }
    return StepReport(
      phase: .selection, charge: Self.selectionCharge,
      outcome: .init(status: .completed, measurement: Measurement(validation: 0.25)),
      chosen: Architecture(space: FakeSpace.name, choices: [1, 2, 3]))
  }
}

/// Counts its steps, and can go on from any of them.
final class CheckpointableFakeOneShotSearch: FakeOneShotSearch, Checkpointable {
  func snapshot() throws -> Snapshot { Snapshot(state: Array("\(done)".utf8)) }

  func restore(from snapshot: Snapshot) throws {
    guard let found = Int(String(decoding: snapshot.state, as: UTF8.self)) else {
      throw MethodError("no number of steps")
    }
    done = found
  }
}
