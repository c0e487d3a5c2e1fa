import Foundation
import NeuralNetworks
import Randomness
import SearchCore
import TensorCore

/// What a training's snapshot holds beside its tensors.
private struct TrainingSnapshot: Codable {
  /// Raised whenever older snapshots cannot be read any more.
  var format = Self.current
  /// Everything that the training draws.
  var key: RandomKey
  /// Measured seconds, for lengths in wall-clock time.
  var elapsedSeconds: Double
  var state: TrainingLoop.State

  static let current = 2
}

extension TrainingLoop: Checkpointable, WeightKeeping {
  public func snapshot() throws -> Snapshot {
    state.optimizerSteps = optimizer.steps
    state.carried = task.trainee.carried
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let snapshot = TrainingSnapshot(key: task.key, elapsedSeconds: elapsedSeconds, state: state)
    return Snapshot(state: Array(try encoder.encode(snapshot)), tensors: arrays.safetensors.bytes)
  }

  public var weights: [UInt8] { WeightsFile(of: task.trainee.parameters).bytes }

  private var arrays: ParameterArrays {
    var arrays = ParameterArrays()
    arrays.add(task.trainee.parameters, optimizer)
    return arrays
  }

  public func restore(from snapshot: Snapshot) throws {
    let read = try Self.read(snapshot.state)
    let found = try Safetensors(reading: snapshot.tensors)
    guard read.key == task.key else {
      throw EvaluationError("the checkpoint was drawn from another key; expected this run's")
    }
    let state = read.state
    guard
      [state.updates, state.examples, state.epoch, state.batch, state.optimizerSteps]
        .allSatisfy({ $0 >= 0 }), read.elapsedSeconds >= 0
    else { throw EvaluationError("the checkpoint has a negative count; expected 0 or more") }
    guard state.stage != .testing || task.testReason != nil else {
      throw EvaluationError("the checkpoint reads the test split; expected no such work")
    }
    try resume(state)
    try arrays.assign(found)
    optimizer.resume(after: state.optimizerSteps)
    start = ContinuousClock.now - .seconds(read.elapsedSeconds)
  }

  /// Begins the pass that the checkpoint was written in again.
  private func resume(_ state: State) throws {
    let (trainee, data) = (task.trainee, data(of: state))
    let sizes = try trainee.minibatches(of: data, key: task.key)
    let examples = sizes.reduce(0) { $0 + $1.examples }
    guard state.batch < sizes.count, (0...examples).contains(state.count),
      state.sum.isFinite, state.lossSum.isFinite
    else { throw EvaluationError("the checkpoint goes past the data; expected less") }
    try trainee.begin(data, key: task.key)
    if state.batch > 0 {
      let expected = trainee.carried.map(\.count)
      guard state.carried.map(\.count) == expected else {
        throw EvaluationError(
          "the checkpoint carries states of \(state.carried.map(\.count)) numbers; expected "
            + "\(expected)")
      }
      trainee.carried = state.carried
    }
    pass = (data, sizes)
    self.state = state
  }

  private static func read(_ bytes: [UInt8]) throws -> TrainingSnapshot {
    struct Header: Decodable { var format: Int }
    let (decoder, data) = (JSONDecoder(), Data(bytes))
    do {
      let found = try decoder.decode(Header.self, from: data).format
      guard found == TrainingSnapshot.current else {
        throw EvaluationError(
          "the checkpoint's training state has format \(found); expected "
            + "\(TrainingSnapshot.current)")
      }
      return try decoder.decode(TrainingSnapshot.self, from: data)
    } catch let error as EvaluationError {
      throw error
    } catch {
      throw EvaluationError("the checkpoint's training state cannot be read; expected its JSON")
    }
  }
}
