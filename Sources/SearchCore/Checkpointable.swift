/// The whole state of a piece of work at a step boundary, as bytes that can be written down.
public struct Snapshot: Hashable, Sendable {
  /// Everything but arrays of floats, as JSON with a `format` number of its own: position in the
  /// data, random keys, populations, counts.
  public var state: [UInt8]
  /// Arrays of floats as a safetensors file: weights, momenta, running statistics, supernets,
  /// controllers, alphas; empty where there are none.
  public var tensors: [UInt8]

  public init(state: [UInt8], tensors: [UInt8] = []) {
    self.state = state
    self.tensors = tensors
  }
}

/// Work that can be taken up again where it was, to the same bits.
///
/// A training takes part, and so does a one-shot method that trains a supernet: whoever holds
/// state that later steps depend on puts all of it into the snapshot. Black-box methods need none:
/// they are asked and told again from the journal.
public protocol Checkpointable {
  /// Writes the state down; the work goes on as if nothing had been asked.
  ///
  /// Called between two steps only.
  func snapshot() throws -> Snapshot

  /// Takes up the state that a snapshot of the same work has.
  ///
  /// - Throws: One line that says what does not fit: another format, another network, broken
  ///   bytes. Whatever has changed then is thrown away by the caller.
  mutating func restore(from snapshot: Snapshot) throws
}

/// Work that ends in weights.
public protocol WeightKeeping {
  /// The weights as they are now, running statistics included, as the bytes of a safetensors file.
  var weights: [UInt8] { get }
}
