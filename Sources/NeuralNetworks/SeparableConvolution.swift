import TensorCore

/// ReLU, depthwise convolution, pointwise convolution, batch normalisation; once or twice.
///
/// Source: Chollet, arXiv 1610.02357; applied twice as in NASNet (arXiv 1707.07012, appendix A)
/// and DARTS (arXiv 1806.09055); DARTS' dilated convolution is one stage of dilation 2.
public struct SeparableConvolution {
  /// What runs on the tape, one after the other.
  public let stages: [SeparableStage]

  /// Declares the stages `<name>.1` and on.
  ///
  /// - Parameters:
  ///   - count: Channels of the result; the first stage brings the input's to them.
  ///   - window: Of the depthwise convolutions; only the first stage strides.
  ///   - stages: 1 or 2.
  public init(
    _ name: String, from channels: Int, to count: Int, window: Window, stages: Int,
    isAffine: Bool = true,
    in parameters: Parameters
  ) {
    self.stages = (1...stages).map { stage in
      var window = window
      if stage > 1 { window.stride = 1 }
      let name = "\(name).\(stage)"
      let inputs = stage > 1 ? count : channels
      let depthwise = Convolution(
        "\(name).depthwise", from: inputs, to: inputs, window: window, groups: inputs,
        in: parameters)
      let pointwise = Convolution(
        "\(name).pointwise", from: inputs, to: count, window: Window(1), in: parameters)
      let normalization = BatchNormalization(
        "\(name).bn", channels: count, isAffine: isAffine, in: parameters)
      return SeparableStage(
        branches: [
          .init(depthwise: depthwise.filters, pointwise: pointwise.filters, window: window)
        ], normalization: normalization.state)
    }
  }
}
