import TensorCore

/// Halves height and width: ReLU, two 1x1 convolutions of stride 2 side by side, the second on the
/// image shifted by one pixel, and batch normalisation.
///
/// Source: the released code of ENAS and DARTS (arXiv 1802.03268, 1806.09055).
public struct FactorizedReduction {
  /// What runs on the tape.
  public let stage: SeparableStage

  /// Declares `<name>.even`, `<name>.odd` and `<name>.bn`.
  ///
  /// - Parameter count: Channels of the result; half of them from each convolution, the smaller
  ///   half from the first.
  public init(
    _ name: String, from channels: Int, to count: Int, isAffine: Bool = true,
    in parameters: Parameters
  ) {
    let even = Convolution(
      "\(name).even", from: channels, to: count / 2, window: Window(1, stride: 2), in: parameters)
    let odd = Convolution(
      "\(name).odd", from: channels, to: count - count / 2,
      window: Window(1, stride: 2, padding: -1), in: parameters)
    let normalization = BatchNormalization(
      "\(name).bn", channels: count, isAffine: isAffine, in: parameters)
    stage = SeparableStage(
      branches: [even, odd].map {
        .init(depthwise: nil, pointwise: $0.filters, window: $0.window)
      }, normalization: normalization.state)
  }
}
