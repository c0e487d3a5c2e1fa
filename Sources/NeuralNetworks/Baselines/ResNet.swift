import TensorCore

/// The CIFAR residual network of He et al. with parameter-free shortcuts (option A).
///
/// A 3x3 stem, three stages of `n` basic blocks with 16, 32 and 64 filters, global average
/// pooling and a linear layer: depth 6n + 2.
///
/// Source: He et al. 2016, arXiv 1512.03385, section 4.2. Names of parameters are those of the
/// common PyTorch re-implementation (akamaster/pytorch_resnet_cifar10), whose checkpoints load.
public final class ResNet: Network {
  public let parameters = Parameters()
  private let stem: Convolution
  private let stemNormalization: BatchNormalization
  private let blocks: [Block]
  private let classifier: Linear

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - depth: 6n + 2: 20, 32, 44, 56, 110.
  ///   - classes: Number of classes.
  public init(depth: Int, classes: Int = 10) {
    let parameters = parameters
    stem = Convolution(
      "conv1", from: 3, to: 16, window: Window(3), initializer: .heNormal(fanIn: 27),
      in: parameters)
    stemNormalization = BatchNormalization("bn1", channels: 16, in: parameters)
    var channels = 16
    var blocks: [Block] = []
    for (stage, width) in [16, 32, 64].enumerated() {
      for index in 0..<(depth - 2) / 6 {
        blocks.append(
          Block(
            "layer\(stage + 1).\(index)", from: channels, to: width,
            stride: stage > 0 && index == 0 ? 2 : 1, in: parameters))
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
    for block in blocks { features = block(features, on: tape) }
    return NetworkOutputs(logits: classifier(tape.globalAveragePool(features), on: tape))
  }

  /// Two 3x3 convolutions beside a shortcut.
  private struct Block {
    let first: Convolution
    let firstNormalization: BatchNormalization
    let second: Convolution
    let secondNormalization: BatchNormalization
    let stride: Int
    let extraChannels: Int

    init(
      _ name: String, from channels: Int, to width: Int, stride: Int, in parameters: Parameters
    ) {
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
    }

    func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
      let hidden = firstNormalization(first(input, on: tape), rectified: true, on: tape)
      let residual = secondNormalization(second(hidden, on: tape), on: tape)
      return tape.add(residual, shortcut(input, on: tape), rectified: true)
    }

    /// Option A: every second pixel, and zeros in place of the channels that are missing.
    private func shortcut(_ input: Tensor, on tape: Tape) -> Tensor {
      guard extraChannels > 0 else { return input }
      let subsampled = tape.averagePool(input, window: Window(1, stride: stride))
      var shape = subsampled.shape
      shape.channels = extraChannels / 2
      return tape.concatenate([tape.zeros(shape), subsampled, tape.zeros(shape)])
    }
  }
}
