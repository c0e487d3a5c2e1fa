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
    return Snapshot(state: Array(try encoder.encode(state)), tensors: tensors.bytes)
  }

  private var tensors: Safetensors {
    let parameters = task.network.parameters
    func slices(
      _ prefix: String, _ list: [Parameter], _ values: UnsafeMutableBufferPointer<Float>?
    ) -> [Safetensors.Tensor] {
      guard let values else { return [] }
      return list.map { parameter in
        Safetensors.Tensor(
          name: prefix + parameter.name, sizes: parameter.sizes,
          values: values[parameter.offset..<parameter.offset + parameter.count])
      }
    }
    return Safetensors(
      slices("weight/", parameters.trainable, parameters.flatValues)
        + slices("momentum/", parameters.trainable, optimizer.flatMomenta)
        + slices("statistic/", parameters.statistics, parameters.flatStatistics))
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
    try copy(found)
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

  /// Copies the arrays in, each of which must be there with its sizes, and no other.
  private func copy(_ found: Safetensors) throws {
    let parameters = task.network.parameters
    var wanted: [(String, Parameter, UnsafeMutableBufferPointer<Float>?)] = []
    for parameter in parameters.trainable {
      wanted.append(("weight/\(parameter.name)", parameter, parameters.flatValues))
      wanted.append(("momentum/\(parameter.name)", parameter, optimizer.flatMomenta))
    }
    for parameter in parameters.statistics {
      wanted.append(("statistic/\(parameter.name)", parameter, parameters.flatStatistics))
    }
    guard found.tensors.count == wanted.count else {
      throw EvaluationError(
        "the checkpoint has \(found.tensors.count) arrays; expected \(wanted.count)")
    }
    var byName: [String: Safetensors.Tensor] = [:]
    for tensor in found.tensors { byName[tensor.name] = tensor }
    for (name, parameter, _) in wanted {
      guard let tensor = byName[name], tensor.sizes == parameter.sizes else {
        throw EvaluationError(
          "the checkpoint has \(byName[name].map { "\($0.sizes)" } ?? "nothing") for \(name); "
            + "expected \(parameter.sizes)")
      }
    }
    for (name, parameter, target) in wanted {
      guard let target, let values = byName[name]?.values else { continue }
      for (index, value) in values.enumerated() { target[parameter.offset + index] = value }
    }
  }
}
