import Foundation
import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore

/// What a one-shot search's checkpoint holds beside its arrays, with a version of its own.
struct SearchSnapshot<State: Codable>: Codable {
  /// Raised whenever older snapshots cannot be read any more.
  var format = 1
  /// Everything that the search draws.
  var key: RandomKey
  var spent: Charge
  /// Measured seconds, for budgets of measured time.
  var seconds: Double
  var state: State

  init(_ state: State, key: RandomKey, allowance: Allowance) {
    self.init(state, key: key, spent: allowance.spent, seconds: allowance.seconds)
  }

  init(_ state: State, key: RandomKey, spent: Charge, seconds: Double = 0) {
    self.state = state
    self.key = key
    self.spent = spent
    self.seconds = seconds
  }

  /// The checkpoint's two parts.
  func snapshot(_ arrays: ParameterArrays) throws -> Snapshot {
    try snapshot(tensors: arrays.safetensors.bytes)
  }

  /// The checkpoint's two parts, with arrays that are bytes already.
  func snapshot(tensors: [UInt8]) throws -> Snapshot {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return Snapshot(state: Array(try encoder.encode(self)), tensors: tensors)
  }

  /// Reads a checkpoint of the same search, and copies its arrays in.
  ///
  /// - Parameter isSound: Whether the state can be one of this search.
  /// - Throws: `MethodError`, or `CheckpointError` of the arrays; nothing is copied then.
  static func restore(
    _ snapshot: Snapshot, into arrays: ParameterArrays, key: RandomKey,
    isSound: (State) -> Bool
  ) throws -> SearchSnapshot {
    let found = try read(snapshot.state, key: key, isSound: isSound)
    try arrays.assign(Safetensors(reading: snapshot.tensors))
    return found
  }

  /// Reads the part of a checkpoint that is not arrays, as `restore` does.
  static func read(
    _ state: [UInt8], key: RandomKey, isSound: (State) -> Bool
  ) throws -> SearchSnapshot {
    let (decoder, data) = (JSONDecoder(), Data(state))
    guard let header = try? decoder.decode(SearchSnapshotHeader.self, from: data) else {
      throw MethodError("the checkpoint's search state cannot be read; expected its JSON")
    }
    guard header.format == 1 else {
      throw MethodError(
        "the checkpoint's search state has format \(header.format); expected 1")
    }
    guard let found = try? decoder.decode(Self.self, from: data), found.seconds >= 0 else {
      throw MethodError("the checkpoint's search state cannot be read; expected its JSON")
    }
    guard found.key == key else {
      throw MethodError("the checkpoint was drawn from another key; expected this run's")
    }
    guard isSound(found.state) else {
      throw MethodError("the checkpoint's search state has counts that do not fit this search")
    }
    return found
  }
}

/// The part of a checkpoint that is read first.
private struct SearchSnapshotHeader: Decodable { var format: Int }
