import TensorCore

/// The CIFAR network whose layers read all layers before them in their block.
///
/// A 3x3 stem, three dense blocks with a transition between two of them (1x1 convolution and 2x2
/// average pooling), a last normalisation, global average pooling and a linear layer.
///
/// Source: Huang et al. 2017, arXiv 1608.06993, section 3, with authors' code liuzhuang13/DenseNet.
/// Names of parameters are those of andreasveit/densenet-pytorch.
public final class DenseNet: LayeredNetwork {
  public let parameters = Parameters()
  public let depth: Int
  private let stem: Convolution
  private let blocks: [[Layer]]
  private let transitions: [Layer]
  private let lastNormalization: BatchNormalization
  private let classifier: Linear

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - depth: 3n + 4; 6n + 4 with bottlenecks.
  ///   - growth: Channels that each layer adds, k in the paper.
  ///   - isCompact: DenseNet-BC: 1x1 convolutions to 4k channels before the 3x3 ones, transitions
  ///     that halve the channels, and a stem of 2k channels rather than 16.
  public init(depth: Int, growth: Int, isCompact: Bool, classes: Int = 10) {
    self.depth = depth
    let parameters = parameters
    var channels = isCompact ? 2 * growth : 16
    stem = Convolution(
      "conv1", from: 3, to: channels, window: Window(3), initializer: .heNormal(fanIn: 27),
      in: parameters)
    let perBlock = (depth - 4) / (isCompact ? 6 : 3)
    var blocks: [[Layer]] = []
    var transitions: [Layer] = []
    for block in 1...3 {
      var layers: [Layer] = []
      for index in 0..<perBlock {
        layers.append(
          Layer(
            "block\(block).layer.\(index)", from: channels,
            isCompact
              ? [(4 * growth, Window(1)), (growth, Window(3))] : [(growth, Window(3))],
            in: parameters))
        channels += growth
      }
      blocks.append(layers)
      guard block < 3 else { break }
      let kept = isCompact ? channels / 2 : channels
      transitions.append(
        Layer("trans\(block)", from: channels, [(kept, Window(1))], in: parameters))
      channels = kept
    }
    (self.blocks, self.transitions) = (blocks, transitions)
    lastNormalization = BatchNormalization("bn1", channels: channels, in: parameters)
    classifier = Linear(
      "fc", from: channels, to: classes, initializer: .heNormal(fanIn: channels), in: parameters)
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    var features = stem(images, on: tape)
    for (index, block) in blocks.enumerated() {
      for layer in block {
        features = tape.concatenate([features, layer(features, on: tape)])
      }
      guard index < transitions.count else { break }
      features = tape.averagePool(
        transitions[index](features, on: tape), window: Window(2, stride: 2, padding: 0))
    }
    let last = lastNormalization(features, rectified: true, on: tape)
    return NetworkOutputs(logits: classifier(tape.globalAveragePool(last), on: tape))
  }

  /// Convolutions, each behind normalisation and ReLU.
  private struct Layer {
    let steps: [(normalization: BatchNormalization, convolution: Convolution)]

    /// Declares `<name>.bn1`, `<name>.conv1` and so on.
    init(
      _ name: String, from channels: Int, _ convolutions: [(count: Int, window: Window)],
      in parameters: Parameters
    ) {
      var channels = channels
      var steps: [(BatchNormalization, Convolution)] = []
      for (index, (count, window)) in convolutions.enumerated() {
        let normalization = BatchNormalization(
          "\(name).bn\(index + 1)", channels: channels, in: parameters)
        let convolution = Convolution(
          "\(name).conv\(index + 1)", from: channels, to: count, window: window,
          initializer: .heNormal(fanIn: window.height * window.width * channels), in: parameters)
        steps.append((normalization, convolution))
        channels = count
      }
      self.steps = steps
    }

    func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
      var maps = input
      for step in steps {
        maps = step.convolution(step.normalization(maps, rectified: true, on: tape), on: tape)
      }
      return maps
    }
  }
}
