import NeuralNetworks
import TensorCore

/// An operation of a cell with its weights.
enum CellOperationLayer {
  case identity
  /// ReLU, convolutions and normalisation, once or twice.
  case stages([SeparableStage])
  case convolutions(ConvolutionChain)
  case pooling(Pooling)

  struct Pooling {
    var isMaximum: Bool
    var window: Window
    var normalization: NormalizationState?
    /// Brings a state of other channels to the cell's; `nil` where it has them.
    var projection: ConvolutionChain?
    let parameters: Parameters
  }

  /// How the operations of a network are declared.
  struct Style {
    /// Whether normalisations learn a scale and a shift.
    var isAffine = true
    /// Whether pooling is followed by a normalisation without an affine map, as in DARTS' supernet.
    var normalizesPooling = false
    var stridedSkip = CellWiring.StridedSkip.rectifiedReduction
    var pair = CellWiring.ConvolutionPair.normalizedOnce
  }

  /// What every operation is declared by.
  private struct Place {
    let name: String
    let inputs: Int
    let channels: Int
    let stride: Int
    let style: Style
    let parameters: Parameters

    func separable(_ kernel: Int, dilation: Int = 1, stages: Int) -> CellOperationLayer {
      .stages(
        SeparableConvolution(
          name, from: inputs, to: channels,
          window: Window(kernel, stride: stride, dilation: dilation), stages: stages,
          isAffine: style.isAffine, in: parameters
        ).stages)
    }

    func pooling(isMaximum: Bool, _ kernel: Int) -> CellOperationLayer {
      let normalization =
        style.normalizesPooling
        ? BatchNormalization("\(name).bn", channels: channels, isAffine: false, in: parameters)
        : nil
      let projection =
        inputs == channels
        ? nil
        : ConvolutionChain(
          name, from: inputs, [.init(to: channels, Window(1))], isRectified: false, in: parameters)
      return .pooling(
        Pooling(
          isMaximum: isMaximum, window: Window(kernel, stride: stride),
          normalization: normalization?.state, projection: projection, parameters: parameters))
    }

    func pointwise() -> CellOperationLayer {
      .stages([
        PointwiseUnit(
          name, from: inputs, to: channels, stride: stride, isAffine: style.isAffine,
          in: parameters
        ).stage
      ])
    }

    func dense(_ kernel: Int, dilation: Int = 1) -> CellOperationLayer {
      .convolutions(
        ConvolutionChain(
          name, from: inputs,
          [.init(to: channels, Window(kernel, stride: stride, dilation: dilation))],
          in: parameters))
    }

    func skip() -> CellOperationLayer {
      if stride == 1 { return inputs == channels ? .identity : pointwise() }
      return switch style.stridedSkip {
      case .pointwise: pointwise()
      case .reduction:
        .convolutions(
          ConvolutionChain(
            name, from: inputs, [.init(reducingTo: channels)], isRectified: false, in: parameters))
      case .rectifiedReduction:
        .stages([
          FactorizedReduction(
            name, from: inputs, to: channels, isAffine: style.isAffine, in: parameters
          ).stage
        ])
      }
    }

    /// A row of taps that halves the width, then a column of taps that halves the height.
    func pair(_ kernel: Int) -> CellOperationLayer {
      func links(_ count: Int) -> [ConvolutionChain.Link] {
        [
          .init(to: count, Window(height: 1, width: kernel, stride: 1, columnStride: stride)),
          .init(to: count, Window(height: kernel, width: 1, stride: stride, columnStride: 1)),
        ]
      }
      var chain = links(channels)
      if case .bottleneck(let divisor) = style.pair, channels >= divisor {
        let narrow = channels / divisor
        chain =
          [.init(to: narrow, Window(1))] + links(narrow) + [.init(to: channels, Window(1))]
      }
      return .convolutions(
        ConvolutionChain(
          name, from: inputs, chain, normalizesEach: style.pair != .normalizedOnce,
          in: parameters))
    }
  }

  /// Declares an operation's weights under a name; `nil` for `none`, which has no layer and costs
  /// nothing.
  ///
  /// - Parameter inputs: Channels of the state that is read; by default the cell's.
  init?(
    _ operation: CellOperation, _ name: String, from inputs: Int? = nil, channels: Int,
    stride: Int, style: Style, in parameters: Parameters
  ) {
    let place = Place(
      name: name, inputs: inputs ?? channels, channels: channels, stride: stride, style: style,
      parameters: parameters)
    switch operation {
    case .none: return nil
    case .skip: self = place.skip()
    case .maxPool3x3: self = place.pooling(isMaximum: true, 3)
    case .maxPool5x5: self = place.pooling(isMaximum: true, 5)
    case .maxPool7x7: self = place.pooling(isMaximum: true, 7)
    case .averagePool3x3: self = place.pooling(isMaximum: false, 3)
    case .separable3x3: self = place.separable(3, stages: 2)
    case .separable5x5: self = place.separable(5, stages: 2)
    case .separable7x7: self = place.separable(7, stages: 2)
    case .dilated3x3: self = place.separable(3, dilation: 2, stages: 1)
    case .dilated5x5: self = place.separable(5, dilation: 2, stages: 1)
    case .convolution1x1: self = place.pointwise()
    case .convolution3x3: self = place.dense(3)
    case .denseDilated3x3: self = place.dense(3, dilation: 2)
    case .convolution1x3and3x1: self = place.pair(3)
    case .convolution1x7and7x1: self = place.pair(7)
    }
  }

  /// Whether the input itself comes out.
  var isIdentity: Bool {
    if case .identity = self { return true }
    return false
  }

  /// Whether what it reads may be normalised on the way.
  var readsNormalized: Bool {
    switch self {
    case .identity, .stages: true
    case .convolutions, .pooling: false
    }
  }

  /// Layers with weights from end to end.
  var depth: Int {
    switch self {
    case .identity: 0
    case .stages(let stages): stages.reduce(0) { $0 + $1.depth }
    case .convolutions(let chain): chain.depth
    case .pooling(let pooling): pooling.projection?.depth ?? 0
    }
  }
}

extension SeparableStage {
  /// Layers with weights from end to end: a depthwise and a 1x1 convolution, or the latter alone.
  var depth: Int { branches.contains { $0.depthwise != nil } ? 2 : 1 }
}
