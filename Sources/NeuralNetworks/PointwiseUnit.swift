import TensorCore

/// ReLU, 1x1 convolution, batch normalisation: what brings a feature map to a cell's channels.
///
/// Source: the released code of ENAS and DARTS (arXiv 1802.03268, 1806.09055).
public struct PointwiseUnit {
  /// What runs on the tape.
  public let stage: SeparableStage

  /// Declares `<name>.conv` and `<name>.bn`.
  public init(
    _ name: String, from channels: Int, to count: Int, stride: Int = 1, isAffine: Bool = true,
    in parameters: Parameters
  ) {
    let convolution = Convolution(
      "\(name).conv", from: channels, to: count, window: Window(1, stride: stride), in: parameters)
    let normalization = BatchNormalization(
      "\(name).bn", channels: count, isAffine: isAffine, in: parameters)
    stage = SeparableStage(
      branches: [.init(depthwise: nil, pointwise: convolution.filters, window: convolution.window)],
      normalization: normalization.state)
  }
}
