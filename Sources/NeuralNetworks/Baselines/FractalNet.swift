import Randomness
import TensorCore

/// The network of Larsson et al. in which columns of different depth meet in means, without
/// residual connections.
///
/// Five blocks of three columns (7 convolutions, 4 deep) with 64, 128, 256, 512 and 512 filters, 2x2
/// max pooling behind each, and a linear layer: 21 layers. Convolutions are 3x3 with batch
/// normalisation and ReLU behind them.
///
/// Source: arXiv 1605.07648, sections 3 and 4, with the generator of authors' code
/// gustavla/fractalnet. That definition has 33.7 million parameters; the paper prints 38.6.
/// Parameters are `block<b>.column<c>.<i>.conv`, `….bn`, and `linear`.
public final class FractalNet: LayeredNetwork {
  /// How much of it training leaves out.
  public struct Dropping: Sendable {
    /// Chance of each input of a mean to be left out, at least one stays.
    public var path: Float
    /// Share of steps in which one column alone computes.
    public var singleColumn: Float
    /// Of features behind each block.
    public var features: [Float]

    /// Takes chances from 0 to below 1; of features one a block.
    public init(path: Float, singleColumn: Float, features: [Float]) {
      (self.path, self.singleColumn, self.features) = (path, singleColumn, features)
    }

    /// Drop-path of 15 %, half of the steps with one column, dropout that grows with depth.
    public static let published = Dropping(
      path: 0.15, singleColumn: 0.5, features: [0, 0.1, 0.2, 0.3, 0.4])
    /// Nothing.
    public static let none = Dropping(path: 0, singleColumn: 0, features: [0, 0, 0, 0, 0])
  }

  public let parameters = Parameters()
  public let depth = 21
  private let blocks: [Block]
  private let classifier: Linear
  private let dropping: Dropping

  /// Declares the network.
  public init(classes: Int = 10, dropping: Dropping = .published) {
    let parameters = parameters
    var channels = 3
    var blocks: [Block] = []
    for (index, width) in [64, 128, 256, 512, 512].enumerated() {
      blocks.append(Block("block\(index + 1)", from: channels, to: width, in: parameters))
      channels = width
    }
    self.blocks = blocks
    self.dropping = dropping
    classifier = Linear(
      "linear", from: channels, to: classes, initializer: .heNormal(fanIn: channels),
      in: parameters)
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    var features = images
    var generator = pass?.key.child("columns").generator()
    var column: Int?
    if generator?.bernoulli(Double(dropping.singleColumn)) == true {
      column = generator?.integer(below: Block.columns)
    }
    for (index, block) in blocks.enumerated() {
      features = block(
        features, on: tape, column: column, path: pass == nil ? 0 : dropping.path,
        key: pass?.key.child("block", index))
      features = tape.maxPool(features, window: Window(2, stride: 2, padding: 0))
      if let pass, dropping.features[index] > 0 {
        features = tape.dropout(
          features, keep: 1 - dropping.features[index], key: pass.key.child("dropout", index))
      }
    }
    return NetworkOutputs(logits: classifier(tape.globalAveragePool(features), on: tape))
  }

  /// Columns of 4, 2 and 1 convolutions that meet at every depth at which they end together.
  private struct Block {
    static let columns = 3
    /// By column, from the deepest; in each from the input.
    let convolutions: [[(convolution: Convolution, normalization: BatchNormalization)]]

    init(_ name: String, from channels: Int, to width: Int, in parameters: Parameters) {
      convolutions = (0..<Block.columns).map { column in
        (0..<(1 << (Block.columns - 1 - column))).map { index in
          let input = index == 0 ? channels : width
          let place = "\(name).column\(column + 1).\(index)"
          return (
            Convolution(
              "\(place).conv", from: input, to: width, window: Window(3),
              initializer: .heNormal(fanIn: 9 * input), in: parameters),
            BatchNormalization("\(place).bn", channels: width, in: parameters)
          )
        }
      }
    }

    /// - Parameter column: The only one that computes; `nil` for all.
    func callAsFunction(
      _ input: Tensor, on tape: Tape, column only: Int?, path: Float, key: RandomKey?
    ) -> Tensor {
      let chosen = only.map { $0..<$0 + 1 } ?? 0..<Block.columns
      var states = Array(repeating: input, count: Block.columns)
      var joined = input
      for step in 1...convolutions[0].count {
        let ending = chosen.filter { step % (1 << $0) == 0 }
        guard !ending.isEmpty else { continue }
        let outputs = ending.map { column in
          let layer = convolutions[column][step / (1 << column) - 1]
          return layer.normalization(
            layer.convolution(states[column], on: tape), rectified: true, on: tape)
        }
        joined = Self.mean(of: outputs, path: path, key: key?.child("join", step), on: tape)
        for column in ending { states[column] = joined }
      }
      return joined
    }

    /// The mean of the inputs that drop-path leaves.
    private static func mean(
      of inputs: [Tensor], path: Float, key: RandomKey?, on tape: Tape
    ) -> Tensor {
      var kept = inputs
      if path > 0, inputs.count > 1, var generator = key?.generator() {
        kept = inputs.filter { _ in generator.bernoulli(Double(1 - path)) }
        if kept.isEmpty { kept = [generator.element(of: inputs)] }
      }
      guard kept.count > 1 else { return kept[0] }
      let share = [Float](repeating: 1 / Float(kept.count), count: kept[0].shape.batch)
      return tape.sum(kept.map { .maps($0, factors: share) })
    }
  }
}
