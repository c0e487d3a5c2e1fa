import Foundation
import NeuralNetworks
import Randomness
import SearchCore
import TensorCore

/// What a training's snapshot holds beside its tensors.
private struct TrainingState: Codable {
  /// Raised whenever older snapshots cannot be read any more.
  var format = 1
  /// Everything that the training draws.
  var key: RandomKey
  /// Optimizer updates done: the position in the data, since order and crops are functions of it.
  var updates: Int
  var examples: Int
  var measurement: SearchCore.Measurement
  /// Measured seconds, for lengths in wall-clock time.
  var elapsedSeconds: Double
  /// Set while the network is evaluated.
  var evaluation: Evaluation?

  struct Evaluation: Codable {
    var batch: Int
    var wrong: Int
    var isTest: Bool
  }
}

extension NetworkTraining: Checkpointable {
  private static let format = 1

  func snapshot() throws -> Snapshot {
    var state = TrainingState(
      key: task.key, updates: updates, examples: examples, measurement: measurement,
      elapsedSeconds: elapsedSeconds)
    if case .evaluating(_, let batch, let wrong, let isTest) = stage {
      state.evaluation = .init(batch: batch, wrong: wrong, isTest: isTest)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return Snapshot(state: Array(try encoder.encode(state)), tensors: arrays.safetensors.bytes)
  }

  private var arrays: ParameterArrays {
    var arrays = ParameterArrays()
    arrays.add(task.network.parameters, optimizer)
    return arrays
  }

  func restore(from snapshot: Snapshot) throws {
    let state = try Self.state(snapshot.state)
    let found = try Safetensors(reading: snapshot.tensors)
    guard state.key == task.key else {
      throw EvaluationError("the checkpoint was drawn from another key; expected this run's")
    }
    guard state.updates >= 0, state.examples >= 0, state.elapsedSeconds >= 0 else {
      throw EvaluationError("the checkpoint has a negative count; expected 0 or more")
    }
    if let evaluation = state.evaluation { try resume(evaluation) }
    try arrays.assign(found)
    updates = state.updates
    examples = state.examples
    measurement = state.measurement
    start = ContinuousClock.now - .seconds(state.elapsedSeconds)
    let batches = task.training
    // An epoch's order is drawn when it begins; this one has begun.
    if updates % batches.count != 0 {
      order = batches.order(epoch: updates / batches.count, key: task.key)
    }
  }

  private static func state(_ bytes: [UInt8]) throws -> TrainingState {
    struct Header: Decodable { var format: Int }
    let decoder = JSONDecoder()
    let data = Data(bytes)
    do {
      let found = try decoder.decode(Header.self, from: data).format
      guard found == format else {
        throw EvaluationError(
          "the checkpoint's training state has format \(found); expected \(format)")
      }
      return try decoder.decode(TrainingState.self, from: data)
    } catch let error as EvaluationError {
      throw error
    } catch {
      throw EvaluationError("the checkpoint's training state cannot be read; expected its JSON")
    }
  }

  private func resume(_ evaluation: TrainingState.Evaluation) throws {
    guard !evaluation.isTest || task.testReason != nil else {
      throw EvaluationError("the checkpoint reads the test split; expected no such work")
    }
    let batches =
      evaluation.isTest ? try testBatches(reason: task.testReason ?? "") : task.validation
    guard (0..<batches.count).contains(evaluation.batch),
      (0...batches.indices.count).contains(evaluation.wrong)
    else { throw EvaluationError("the checkpoint evaluates past the data; expected less") }
    stage = .evaluating(
      batches, batch: evaluation.batch, wrong: evaluation.wrong, isTest: evaluation.isTest)
  }
}
