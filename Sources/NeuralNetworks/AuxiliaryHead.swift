import TensorCore

/// A second classifier beside the last third of a network, for training alone.
///
/// ReLU, 5x5 average pooling of stride 3 without padding, 1x1 convolution to 128 channels, batch
/// normalisation, ReLU, a convolution over all that is left to 768 channels, batch normalisation,
/// ReLU, linear.
///
/// Source: the released code of NASNet, ENAS and DARTS (arXiv 1806.09055, section A.2), where the
/// features are 8x8 and the last convolution 2x2.
public struct AuxiliaryHead {
  /// Numbers that are trained.
  public let parameterCount: Int
  private let projection: Convolution
  private let projectionNormalization: BatchNormalization
  private let convolution: Convolution
  private let normalization: BatchNormalization
  private let classifier: Linear

  private static let pooling = Window(5, stride: 3, padding: 0)

  /// Declares the head.
  ///
  /// - Parameters:
  ///   - channels: Of the features it reads.
  ///   - size: Height and width of the features, at least 5.
  public init(
    _ name: String, channels: Int, size: Int = 8, classes: Int, in parameters: Parameters
  ) {
    let count = parameters.count
    let pooled = (size - 5) / 3 + 1
    projection = Convolution(
      "\(name).conv1", from: channels, to: 128, window: Window(1), in: parameters)
    projectionNormalization = BatchNormalization("\(name).bn1", channels: 128, in: parameters)
    convolution = Convolution(
      "\(name).conv2", from: 128, to: 768, window: Window(pooled, padding: 0), in: parameters)
    normalization = BatchNormalization("\(name).bn2", channels: 768, in: parameters)
    classifier = Linear("\(name).classifier", from: 768, to: classes, in: parameters)
    parameterCount = parameters.count - count
  }

  /// Scores features.
  ///
  /// - Returns: A matrix `[N, classes]`.
  public func callAsFunction(_ features: Tensor, on tape: Tape) -> Tensor {
    let pooled = tape.averagePool(tape.relu(features), window: Self.pooling)
    let projected = projectionNormalization(
      projection(pooled, on: tape), rectified: true, on: tape)
    let flat = normalization(convolution(projected, on: tape), rectified: true, on: tape)
    return classifier(flat, on: tape)
  }
}
