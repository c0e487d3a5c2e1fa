import OperationCosts
import Randomness
import SearchCore
import WeightSharing

/// Trains nothing: an epoch is two steps over half of 40 images, then comes the error of the place
/// whose key the training was given.
final class StubTrainer: ArchitectureTrainer {
  static let stepCharge = Charge(
    flops: 1_000, bytes: 100, referenceNanoseconds: 1_000_000, trainingExamples: 20)
  static let evaluationCharge = Charge(flops: 300, bytes: 30, referenceNanoseconds: 300_000)

  private let key: RandomKey
  /// By place; `nil` for a training that explodes in its last step.
  private let errors: [Double?]
  private(set) var trained: [Architecture] = []

  /// - Parameter key: Of the task.
  init(key: RandomKey, errors: [Double?] = [0.5, 0.25, 0.75, 0.375]) {
    self.key = key
    self.errors = errors
  }

  func training(
    of architecture: Architecture, epochs: Int, key: RandomKey
  ) throws -> any Evaluation & Checkpointable {
    guard let place = errors.indices.first(where: { self.key.child("selection", $0) == key })
    else { throw MethodError("a training has a key of its own") }
    trained.append(architecture)
    return StubTraining(steps: 2 * epochs, error: errors[place])
  }

  func forecastTraining(
    of architecture: Architecture, epochs: Int
  ) throws -> EvaluationForecast {
    EvaluationForecast(
      charge: Self.stepCharge * (2 * epochs) + Self.evaluationCharge, peakMemoryBytes: 1 << 30)
  }
}

private final class StubTraining: Evaluation, Checkpointable {
  private let steps: Int
  private let error: Double?
  private var done = 0

  init(steps: Int, error: Double?) {
    self.steps = steps
    self.error = error
  }

  func step() throws -> StepReport {
    done += 1
    if done <= steps { return StepReport(phase: .selection, charge: StubTrainer.stepCharge) }
    return StepReport(
      phase: .selection, charge: StubTrainer.evaluationCharge,
      outcome: .init(
        status: error == nil ? .diverged : .completed,
        measurement: Measurement(validation: error, epochs: Double(steps / 2))))
  }

  func snapshot() throws -> Snapshot { Snapshot(state: Array("\(done)".utf8), tensors: [7]) }

  func restore(from snapshot: Snapshot) throws {
    guard let found = Int(String(decoding: snapshot.state, as: UTF8.self)), snapshot.tensors == [7]
    else { throw MethodError("no number of steps") }
    done = found
  }
}
