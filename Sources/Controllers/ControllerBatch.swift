import Randomness
import SearchCore

/// The children of a controller between two updates: drawn together, scored one by one.
public struct ControllerBatch {
  private let space: String
  private let size: Int
  private let key: RandomKey
  private var drawn = 0
  /// Sequences that were not yet asked for, in order.
  private var waiting: [[Int]] = []
  /// Scored sequences with their rewards.
  private var scored: [(choices: [Int], reward: Double)] = []

  /// Starts without children.
  ///
  /// - Parameters:
  ///   - space: Name of the space.
  ///   - size: Children of an update, at least 1.
  ///   - key: Of the draws; each child has a stream of its own.
  public init(space: String, size: Int, key: RandomKey) {
    self.space = space
    self.size = size
    self.key = key
  }

  /// The next child; draws a batch from the controller where none is waiting.
  public mutating func next(from controller: RecurrentController) -> Architecture {
    if waiting.isEmpty {
      var generators = (0..<size).map { key.child("child", drawn + $0).generator() }
      drawn += size
      waiting = controller.sample(using: &generators)
    }
    return Architecture(space: space, choices: waiting.removeFirst())
  }

  /// Takes a child's reward in.
  ///
  /// - Returns: All children of the batch with their rewards once the last one is scored.
  public mutating func take(
    _ architecture: Architecture, reward: Double
  ) -> (sequences: [[Int]], rewards: [Double])? {
    scored.append((architecture.choices, reward))
    guard scored.count == size else { return nil }
    defer { scored = [] }
    return (scored.map { $0.choices }, scored.map { $0.reward })
  }
}
