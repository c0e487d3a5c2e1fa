import TensorCore

/// A residual network whose blocks normalise and rectify before each convolution, narrow with
/// bottlenecks or wide without.
///
/// A 3x3 stem of 16 filters, three stages, a last normalisation, global average pooling and a
/// linear layer. Where the shape changes, a 1x1 convolution of the rectified input is the shortcut.
///
/// Source: He et al. 2016, arXiv 1603.05027, with authors' code KaimingHe/resnet-1k-layers;
/// Zagoruyko & Komodakis 2016, arXiv 1605.07146, with szagoruyko/wide-residual-networks. Names of
/// parameters are those of xternalz/WideResNet-pytorch, continued for the third convolution.
public final class PreactivationResNet: LayeredNetwork {
  /// What a block computes beside its shortcut.
  public enum Block: Sendable {
    /// Two 3x3 convolutions of the stage's width: depth 6n + 4.
    case basic
    /// 1x1 to the stage's width, 3x3, 1x1 to four times the width: depth 9n + 2.
    case bottleneck
  }

  public let parameters = Parameters()
  public let depth: Int
  private let stem: Convolution
  private let units: [Unit]
  private let lastNormalization: BatchNormalization
  private let classifier: Linear

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - depth: 6n + 4 of basic blocks, 9n + 2 of bottlenecks.
  ///   - widening: Factor of the widths 16, 32 and 64.
  public init(depth: Int, block: Block, widening: Int = 1, classes: Int = 10) {
    self.depth = depth
    let parameters = parameters
    stem = Convolution(
      "conv1", from: 3, to: 16, window: Window(3), initializer: .heNormal(fanIn: 27),
      in: parameters)
    let perStage = block == .basic ? (depth - 4) / 6 : (depth - 2) / 9
    var channels = 16
    var units: [Unit] = []
    for (stage, narrow) in [16, 32, 64].enumerated() {
      for index in 0..<perStage {
        let unit = Unit(
          "block\(stage + 1).layer.\(index)", block, from: channels, width: narrow * widening,
          stride: stage > 0 && index == 0 ? 2 : 1, in: parameters)
        channels = unit.channels
        units.append(unit)
      }
    }
    self.units = units
    lastNormalization = BatchNormalization("bn1", channels: channels, in: parameters)
    classifier = Linear(
      "fc", from: channels, to: classes, initializer: .heNormal(fanIn: channels), in: parameters)
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    var features = stem(images, on: tape)
    for unit in units { features = unit(features, on: tape) }
    let last = lastNormalization(features, rectified: true, on: tape)
    return NetworkOutputs(logits: classifier(tape.globalAveragePool(last), on: tape))
  }

  /// A block with its shortcut.
  private struct Unit {
    /// Channels of the output.
    let channels: Int
    private let stages: [(normalization: BatchNormalization, convolution: Convolution)]
    private let projection: Convolution?

    init(
      _ name: String, _ block: Block, from input: Int, width: Int, stride: Int,
      in parameters: Parameters
    ) {
      let layers: [(count: Int, window: Window)] =
        switch block {
        case .basic: [(width, Window(3, stride: stride)), (width, Window(3))]
        case .bottleneck:
          [(width, Window(1)), (width, Window(3, stride: stride)), (4 * width, Window(1))]
        }
      var current = input
      var stages: [(BatchNormalization, Convolution)] = []
      for (index, layer) in layers.enumerated() {
        let normalization = BatchNormalization(
          "\(name).bn\(index + 1)", channels: current, in: parameters)
        let fanIn = layer.window.height * layer.window.width * current
        let convolution = Convolution(
          "\(name).conv\(index + 1)", from: current, to: layer.count, window: layer.window,
          initializer: .heNormal(fanIn: fanIn), in: parameters)
        stages.append((normalization, convolution))
        current = layer.count
      }
      self.stages = stages
      channels = current
      projection =
        current == input
        ? nil
        : Convolution(
          "\(name).convShortcut", from: input, to: current, window: Window(1, stride: stride),
          initializer: .heNormal(fanIn: input), in: parameters)
    }

    func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
      var maps = input
      var shortcut = input
      for (index, stage) in stages.enumerated() {
        maps = stage.normalization(maps, rectified: true, on: tape)
        if index == 0, let projection { shortcut = projection(maps, on: tape) }
        maps = stage.convolution(maps, on: tape)
      }
      return tape.add(maps, shortcut)
    }
  }
}
