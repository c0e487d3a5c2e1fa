import TensorCore

/// Convolutions with biases and ReLUs one after the other, the last of them to the classes, and
/// global average pooling.
public final class PlainNetwork: LayeredNetwork {
  /// One of its layers.
  public enum Layer: Sendable {
    case convolution(to: Int, Window)
    case maxPool(Window)
    case averagePool(Window)
    /// Chance of each value to be zero in training.
    case dropout(Float)
  }

  public let parameters = Parameters()
  public let depth: Int
  private let steps: [Step]

  private enum Step {
    case convolution(Convolution)
    case pool(Window, isMaximum: Bool)
    case dropout(Float)
  }

  /// Declares a convolution `features.<index>` for each one among the layers, and `classifier`, a 1x1
  /// convolution to the classes.
  public init(_ layers: [Layer], classes: Int = 10) {
    let parameters = parameters
    func convolution(
      _ name: String, from channels: Int, to count: Int, _ window: Window
    ) -> Convolution {
      Convolution(
        name, from: channels, to: count, window: window, hasBias: true,
        initializer: .heNormal(fanIn: window.height * window.width * channels), in: parameters)
    }
    var channels = 3
    var steps: [Step] = []
    for (index, layer) in layers.enumerated() {
      switch layer {
      case .convolution(let count, let window):
        steps.append(
          .convolution(convolution("features.\(index)", from: channels, to: count, window)))
        channels = count
      case .maxPool(let window): steps.append(.pool(window, isMaximum: true))
      case .averagePool(let window): steps.append(.pool(window, isMaximum: false))
      case .dropout(let probability): steps.append(.dropout(probability))
      }
    }
    steps.append(.convolution(convolution("classifier", from: channels, to: classes, Window(1))))
    self.steps = steps
    depth = steps.count { if case .convolution = $0 { true } else { false } }
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    var features = images
    for (index, step) in steps.enumerated() {
      switch step {
      case .convolution(let convolution):
        features = tape.relu(convolution(features, on: tape))
      case .pool(let window, let isMaximum):
        features =
          isMaximum
          ? tape.maxPool(features, window: window) : tape.averagePool(features, window: window)
      case .dropout(let probability):
        guard let pass else { continue }
        features = tape.dropout(
          features, keep: 1 - probability, key: pass.key.child("dropout", index))
      }
    }
    return NetworkOutputs(logits: tape.globalAveragePool(features))
  }

  /// Network in Network: convolutions that 1x1 convolutions follow, with ReLUs behind all of them.
  ///
  /// Pooling windows are centred; the authors' begin at the corner.
  ///
  /// Source: Lin, Chen & Yan 2014, arXiv 1312.4400; layers as in
  /// szagoruyko/wide-residual-networks, models/nin.lua, but with biases in place of normalisation.
  public static func networkInNetwork(classes: Int = 10) -> PlainNetwork {
    PlainNetwork(
      [
        .convolution(to: 192, Window(5)), .convolution(to: 160, Window(1)),
        .convolution(to: 96, Window(1)), .maxPool(Window(3, stride: 2)), .dropout(0.5),
        .convolution(to: 192, Window(5)), .convolution(to: 192, Window(1)),
        .convolution(to: 192, Window(1)), .averagePool(Window(3, stride: 2)), .dropout(0.5),
        .convolution(to: 192, Window(3)), .convolution(to: 192, Window(1)),
      ], classes: classes)
  }

  /// All-CNN-C: no pooling but by stride.
  ///
  /// Source: Springenberg et al. 2015, arXiv 1412.6806, Table 1 and section 3.
  public static func allConvolutional(classes: Int = 10) -> PlainNetwork {
    PlainNetwork(
      [
        .dropout(0.2), .convolution(to: 96, Window(3)), .convolution(to: 96, Window(3)),
        .convolution(to: 96, Window(3, stride: 2)), .dropout(0.5),
        .convolution(to: 192, Window(3)), .convolution(to: 192, Window(3)),
        .convolution(to: 192, Window(3, stride: 2)), .dropout(0.5),
        .convolution(to: 192, Window(3, padding: 0)), .convolution(to: 192, Window(1)),
      ], classes: classes)
  }
}
