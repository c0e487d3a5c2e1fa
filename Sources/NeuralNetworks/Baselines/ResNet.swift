import TensorCore

/// The CIFAR residual network of He et al., also with stochastic depth.
///
/// A 3x3 stem, three stages of `n` basic blocks with 16, 32 and 64 filters, global average
/// pooling and a linear layer: depth 6n + 2.
///
/// Source: He et al. 2016, arXiv 1512.03385, section 4.2. Names of parameters are those of the
/// common PyTorch re-implementation (akamaster/pytorch_resnet_cifar10), whose checkpoints load.
public final class ResNet: LayeredNetwork {
  /// How a block's input reaches its output where the shape changes.
  public enum Shortcut: Sendable {
    /// Option A: every second pixel, and zeros for the channels that are missing.
    case padded
    /// Option B: a 1x1 convolution with batch normalisation.
    case projected
  }

  public let parameters = Parameters()
  public let depth: Int
  private let stem: Convolution
  private let stemNormalization: BatchNormalization
  private let blocks: [Block]
  private let classifier: Linear

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - depth: 6n + 2: 20, 32, 44, 56, 110, 1202.
  ///   - classes: Number of classes.
  ///   - lastSurvival: Chance that a step of training keeps the last block, above 0; the others'
  ///     falls linearly from 1 at the image. 1 is no stochastic depth, 0.5 the paper's (Huang et
  ///     al. 2016, arXiv 1603.09382, equation 4).
  public init(
    depth: Int, classes: Int = 10, shortcut: Shortcut = .padded, lastSurvival: Float = 1
  ) {
    self.depth = depth
    let parameters = parameters
    stem = Convolution(
      "conv1", from: 3, to: 16, window: Window(3), initializer: .heNormal(fanIn: 27),
      in: parameters)
    stemNormalization = BatchNormalization("bn1", channels: 16, in: parameters)
    let perStage = (depth - 2) / 6
    var channels = 16
    var blocks: [Block] = []
    for (stage, width) in [16, 32, 64].enumerated() {
      for index in 0..<perStage {
        let position = Float(blocks.count + 1) / Float(3 * perStage)
        blocks.append(
          Block(
            "layer\(stage + 1).\(index)", from: channels, to: width,
            stride: stage > 0 && index == 0 ? 2 : 1, shortcut: shortcut,
            survival: 1 - position * (1 - lastSurvival), in: parameters))
        channels = width
      }
    }
    self.blocks = blocks
    classifier = Linear(
      "linear", from: 64, to: classes, initializer: .heNormal(fanIn: 64), in: parameters)
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    var features = stemNormalization(stem(images, on: tape), rectified: true, on: tape)
    for block in blocks { features = block(features, on: tape, during: pass) }
    return NetworkOutputs(logits: classifier(tape.globalAveragePool(features), on: tape))
  }

  /// Two 3x3 convolutions beside a shortcut.
  private struct Block {
    let name: String
    let first: Convolution
    let firstNormalization: BatchNormalization
    let second: Convolution
    let secondNormalization: BatchNormalization
    let projection: (convolution: Convolution, normalization: BatchNormalization)?
    let stride: Int
    let extraChannels: Int
    let survival: Float

    init(
      _ name: String, from channels: Int, to width: Int, stride: Int, shortcut: Shortcut,
      survival: Float, in parameters: Parameters
    ) {
      self.name = name
      first = Convolution(
        "\(name).conv1", from: channels, to: width, window: Window(3, stride: stride),
        initializer: .heNormal(fanIn: 9 * channels), in: parameters)
      firstNormalization = BatchNormalization("\(name).bn1", channels: width, in: parameters)
      second = Convolution(
        "\(name).conv2", from: width, to: width, window: Window(3),
        initializer: .heNormal(fanIn: 9 * width), in: parameters)
      secondNormalization = BatchNormalization("\(name).bn2", channels: width, in: parameters)
      self.stride = stride
      extraChannels = width - channels
      self.survival = survival
      guard shortcut == .projected, extraChannels > 0 else {
        projection = nil
        return
      }
      let convolution = Convolution(
        "\(name).shortcut.0", from: channels, to: width, window: Window(1, stride: stride),
        initializer: .heNormal(fanIn: channels), in: parameters)
      let normalization = BatchNormalization(
        "\(name).shortcut.1", channels: width, in: parameters)
      projection = (convolution, normalization)
    }

    func callAsFunction(
      _ input: Tensor, on tape: Tape, during pass: TrainingPass?
    ) -> Tensor {
      if survival < 1, let pass {
        // The whole batch skips the block together, so that it costs nothing.
        var generator = pass.key.child(name).generator()
        guard generator.bernoulli(Double(survival)) else {
          return tape.relu(shortcut(input, on: tape))
        }
      }
      let hidden = firstNormalization(first(input, on: tape), rectified: true, on: tape)
      var residual = secondNormalization(second(hidden, on: tape), on: tape)
      if survival < 1, pass == nil {
        residual = tape.scaleImages(
          residual, by: Array(repeating: survival, count: residual.shape.batch))
      }
      return tape.add(residual, shortcut(input, on: tape), rectified: true)
    }

    private func shortcut(_ input: Tensor, on tape: Tape) -> Tensor {
      guard extraChannels > 0 else { return input }
      if let projection {
        return projection.normalization(projection.convolution(input, on: tape), on: tape)
      }
      let subsampled = tape.averagePool(input, window: Window(1, stride: stride))
      var shape = subsampled.shape
      shape.channels = extraChannels / 2
      return tape.concatenate([tape.zeros(shape), subsampled, tape.zeros(shape)])
    }
  }
}
