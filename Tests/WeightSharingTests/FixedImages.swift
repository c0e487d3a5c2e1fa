import NeuralNetworks
import Randomness
import SearchCore
import TensorCore
import TestSupport
import WeightSharing

/// Three minibatches of 8x8 pixels in either part, by their places in the streams: those of the scripts of
/// `Tests/Reference`.
final class FixedImages: MinibatchSource {
  let image = (height: 8, width: 8, channels: 3)
  let classes: Int
  private let pattern: [Int32]
  private let size: Int

  /// - Parameters:
  ///   - size: Images of a minibatch.
  ///   - pattern: Their classes, over and over.
  init(size: Int, classes pattern: [Int32]) {
    self.size = size
    self.pattern = pattern
    classes = Set(pattern).count
  }

  func count(of part: SplitPart) -> Int { 3 * size }

  func minibatch(
    _ index: Int, of part: SplitPart, size: Int, isAugmented: Bool, key: RandomKey, on tape: Tape
  ) -> Minibatch {
    let shape = Shape(size, 8, 8, 3)
    let values = ReferenceNumbers.hashed("\(part.rawValue) \(index)", shape.count)
    return Minibatch(
      images: tape.constant(values.map { 4 * $0 }, shape),
      labels: (0..<size).map { pattern[$0 % pattern.count] })
  }

  func plainMinibatch(_ index: Int, of part: SplitPart, size: Int, on tape: Tape) -> Minibatch {
    minibatch(index, of: part, size: size, isAugmented: false, key: RandomKey(seed: 0), on: tape)
  }
}

/// Arrays of a search's checkpoint, for comparison with a script's.
struct TraceArrays {
  private let tensors: [Safetensors.Tensor]

  init(of search: any Checkpointable) throws {
    tensors = try Safetensors(reading: search.snapshot().tensors).tensors
  }

  /// All values of the arrays whose names begin so.
  subscript(prefix: String) -> [Double] {
    tensors.filter { $0.name.hasPrefix(prefix) }.flatMap { $0.values.map { Double($0) } }
  }

  static func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Against the numbers of a name.
  static func projection(_ values: [Double], _ name: String) -> Double {
    zip(values, ReferenceNumbers.hashed(name, values.count)).reduce(0) { $0 + $1.0 * Double($1.1) }
  }
}
