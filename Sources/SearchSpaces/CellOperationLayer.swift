import NeuralNetworks
import TensorCore

/// An operation of a cell with its weights.
enum CellOperationLayer {
  case identity
  /// ReLU, convolutions and normalisation, once or twice.
  case stages([SeparableStage])
  case pooling(isMaximum: Bool, Window, NormalizationState?, Parameters)

  /// How the operations of a network are declared.
  struct Style {
    /// Whether normalisations learn a scale and a shift.
    var isAffine = true
    /// Whether pooling is followed by a normalisation without an affine map, as in DARTS' supernet.
    var normalizesPooling = false
  }

  /// Declares an operation's weights under a name; `nil` for `none`, which has no layer and costs
  /// nothing.
  init?(
    _ operation: CellOperation, _ name: String, channels: Int, stride: Int, style: Style,
    in parameters: Parameters
  ) {
    func separable(_ kernel: Int, dilation: Int, stages: Int) -> CellOperationLayer {
      .stages(
        SeparableConvolution(
          name, channels: channels, window: Window(kernel, stride: stride, dilation: dilation),
          stages: stages, isAffine: style.isAffine, in: parameters
        ).stages)
    }
    func pooling(isMaximum: Bool) -> CellOperationLayer {
      let normalization =
        style.normalizesPooling
        ? BatchNormalization("\(name).bn", channels: channels, isAffine: false, in: parameters)
        : nil
      return .pooling(
        isMaximum: isMaximum, Window(3, stride: stride), normalization?.state, parameters)
    }
    switch operation {
    case .none: return nil
    case .skip where stride == 1: self = .identity
    case .skip:
      self = .stages([
        FactorizedReduction(
          name, from: channels, to: channels, isAffine: style.isAffine, in: parameters
        ).stage
      ])
    case .maxPool3x3: self = pooling(isMaximum: true)
    case .averagePool3x3: self = pooling(isMaximum: false)
    case .separable3x3: self = separable(3, dilation: 1, stages: 2)
    case .separable5x5: self = separable(5, dilation: 1, stages: 2)
    case .dilated3x3: self = separable(3, dilation: 2, stages: 1)
    case .dilated5x5: self = separable(5, dilation: 2, stages: 1)
    }
  }

  /// Whether the input itself comes out: drop-path spares it.
  var isIdentity: Bool {
    if case .identity = self { return true }
    return false
  }
}
