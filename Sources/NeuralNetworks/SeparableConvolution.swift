import TensorCore

/// ReLU, depthwise convolution, pointwise convolution, batch normalisation; once or twice.
///
/// Source: Chollet, arXiv 1610.02357; applied twice as in NASNet (arXiv 1707.07012, appendix A)
/// and DARTS (arXiv 1806.09055); DARTS' dilated convolution is one stage of dilation 2.
public struct SeparableConvolution {
  private let stages: [Stage]

  private struct Stage {
    let depthwise: Convolution
    let pointwise: Convolution
    let normalization: BatchNormalization
  }

  /// Declares the stages `<name>.1` and on.
  ///
  /// - Parameters:
  ///   - window: Of the depthwise convolutions; only the first stage strides.
  ///   - stages: 1 or 2.
  public init(
    _ name: String, channels: Int, window: Window, stages: Int, isAffine: Bool = true,
    in parameters: Parameters
  ) {
    self.stages = (1...stages).map { stage in
      var window = window
      if stage > 1 { window.stride = 1 }
      let name = "\(name).\(stage)"
      return Stage(
        depthwise: Convolution(
          "\(name).depthwise", from: channels, to: channels, window: window, groups: channels,
          in: parameters),
        pointwise: Convolution(
          "\(name).pointwise", from: channels, to: channels, window: Window(1), in: parameters),
        normalization: BatchNormalization(
          "\(name).bn", channels: channels, isAffine: isAffine, in: parameters))
    }
  }

  public func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
    var features = tape.relu(input)
    for (index, stage) in stages.enumerated() {
      // The next stage's ReLU comes with the normalisation.
      features = stage.normalization(
        stage.pointwise(stage.depthwise(features, on: tape), on: tape),
        rectified: index + 1 < stages.count, on: tape)
    }
    return features
  }
}
