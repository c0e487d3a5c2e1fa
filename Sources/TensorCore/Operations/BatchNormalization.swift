import CKernels
import Checks
import OperationCosts

/// What a batch normalisation learns and remembers.
public struct NormalizationState {
  /// Scale and shift a channel; `nil` for normalisation without an affine map.
  public let scale: Parameter?
  public let shift: Parameter?
  public let runningMean: Parameter
  public let runningVariance: Parameter
  /// What is trained.
  var parameters: [Parameter?] { [scale, shift] }

  public init(
    scale: Parameter?, shift: Parameter?, runningMean: Parameter, runningVariance: Parameter
  ) {
    self.scale = scale
    self.shift = shift
    self.runningMean = runningMean
    self.runningVariance = runningVariance
  }
}

extension Tape {
  /// Normalises each channel over the batch, and optionally rectifies the result in one pass.
  ///
  /// A training tape uses the batch's own statistics and updates the running ones (unbiased
  /// variance, as PyTorch has it); an inference tape uses the running ones.
  ///
  /// - Parameters:
  ///   - input: Feature maps, shape `[N, H, W, C]`.
  ///   - rectified: Whether max(0, ·) follows.
  /// - Returns: Feature maps of the same shape.
  ///
  /// Source: Ioffe & Szegedy 2015, arXiv 1502.03167, Algorithms 1 and 2.
  public func batchNormalization(
    _ input: Tensor, _ state: NormalizationState, of parameters: Parameters, rectified: Bool = false
  ) -> Tensor {
    let channels = input.shape.channels
    check(
      state.runningMean.count == channels,
      "batchNormalization: input \(input.shape) and statistics of \(state.runningMean.count)")
    let isTrained = state.scale != nil && differentiates(parameters, state.parameters)
    let output = empty(input.shape, requiresGradient: input.requiresGradient || isTrained)
    chargeNormalization(
      of: input.shape.count, isDifferentiated: output.requiresGradient, rectified: rectified)
    // Rows: mean, variance, inverse deviation, folded scale, folded shift.
    let saved = scratch(5 * channels)
    compute { context in
      let rows = (0..<5).map { saved.floats + $0 * channels }
      context.foldStatistics(input, state, parameters, usesBatch: usesBatchStatistics, rows)
      context.kernels.scale_shift(
        context.pool, Int32(input.shape.pixels), Int32(channels), input.floats,
        Int32(input.pixelStride), rows[3], rows[4], rectified ? 1 : 0, output.floats,
        Int32(output.pixelStride))
    }
    record(output) { [self] gradient in
      let sink = input.requiresGradient ? input.gradientSink(self) : nil
      let partial = scratch(5 * channels)
      compute {
        $0.normalizationBackward(
          input, gradient, saved: saved.floats, partial: partial.floats, state,
          isTrained ? parameters : nil, rectified: rectified, sink)
      }
    }
    return output
  }

  /// Forward: 7 operations an element with batch statistics (3 for the moments, 4 to normalise,
  /// scale and shift), 2 with running ones; backward 8. A rectifier is an operation of its own.
  func chargeNormalization(of count: Int, isDifferentiated: Bool, rectified: Bool) {
    charge(
      LogicalOperation(.memoryBound, flops: (usesBatchStatistics ? 7 : 2) * count, bytes: 8 * count)
    )
    if isDifferentiated {
      chargeBackward(LogicalOperation(.memoryBound, flops: 8 * count, bytes: 12 * count))
    }
    guard rectified else { return }
    charge(LogicalOperation(.memoryBound, flops: count, bytes: 8 * count))
    if isDifferentiated {
      chargeBackward(LogicalOperation(.memoryBound, flops: count, bytes: 12 * count))
    }
  }
}

extension ComputeContext {
  /// Fills the rows (mean, variance, inverse deviation, folded scale and shift) and, in training,
  /// moves the running statistics.
  fileprivate func foldStatistics(
    _ input: Tensor, _ state: NormalizationState, _ parameters: Parameters, usesBatch: Bool,
    _ rows: [UnsafeMutablePointer<Float>]
  ) {
    if usesBatch {
      kernels.channel_moments(
        pool, Int32(input.shape.pixels), Int32(input.shape.channels), input.floats,
        Int32(input.pixelStride), rows[0], rows[1])
    }
    fold(state, parameters, pixels: input.shape.pixels, usesBatch: usesBatch, rows)
  }

  /// Fills the rows from the batch's mean and variance in the first two, or from the running ones.
  func fold(
    _ state: NormalizationState, _ parameters: Parameters, pixels: Int, usesBatch: Bool,
    _ rows: [UnsafeMutablePointer<Float>]
  ) {
    let channels = state.runningMean.count
    let (mean, variance) = (rows[0], rows[1])
    let runningMean = parameters.statisticPointer(state.runningMean)
    let runningVariance = parameters.statisticPointer(state.runningVariance)
    if usesBatch {
      let unbiased = Float(pixels) / Float(max(1, pixels - 1))
      let momentum = parameters.normalizationMomentum
      for channel in 0..<channels {
        runningMean[channel] += momentum * (mean[channel] - runningMean[channel])
        runningVariance[channel] +=
          momentum * (variance[channel] * unbiased - runningVariance[channel])
      }
    } else {
      mean.update(from: runningMean, count: channels)
      variance.update(from: runningVariance, count: channels)
    }
    let scale = state.scale.map(parameters.pointer)
    let shift = state.shift.map(parameters.pointer)
    for channel in 0..<channels {
      rows[2][channel] = 1 / (variance[channel] + parameters.normalizationEpsilon).squareRoot()
      rows[3][channel] = (scale?[channel] ?? 1) * rows[2][channel]
      rows[4][channel] = (shift?[channel] ?? 0) - mean[channel] * rows[3][channel]
    }
  }

  /// With d the gated gradient, n pixels, x̂ the normalised input and γ the scale:
  /// dγ = Σ d x̂, dβ = Σ d, dx = γ/σ (d - dβ/n - x̂ dγ/n). Without parameters, dγ and dβ are not
  /// kept.
  fileprivate func normalizationBackward(
    _ input: Tensor, _ gradient: Tensor, saved: UnsafePointer<Float>,
    partial: UnsafeMutablePointer<Float>, _ state: NormalizationState, _ parameters: Parameters?,
    rectified: Bool, _ sink: (tensor: Tensor, accumulates: Bool)?
  ) {
    let channels = input.shape.channels
    let (mean, inverse) = (saved, saved + 2 * channels)
    let (scale, shift) = (saved + 3 * channels, saved + 4 * channels)
    let (sum, product) = (partial, partial + channels)
    let relu: Int32 = rectified ? 1 : 0
    kernels.norm_backward_sums(
      pool, Int32(input.shape.pixels), Int32(channels), input.floats, Int32(input.pixelStride),
      scale, shift, mean, relu, gradient.floats, Int32(gradient.pixelStride), sum, product)
    if let parameters, let scaleParameter = state.scale, let shiftParameter = state.shift {
      let scaleGradient = parameters.gradientPointer(scaleParameter)
      let shiftGradient = parameters.gradientPointer(shiftParameter)
      for channel in 0..<channels {
        scaleGradient[channel] += product[channel] * inverse[channel]
        shiftGradient[channel] += sum[channel]
      }
    }
    guard let (sink, accumulates) = sink else { return }
    let (a, b, c) = (partial + 2 * channels, partial + 3 * channels, partial + 4 * channels)
    let count = Float(input.shape.pixels)
    for channel in 0..<channels {
      a[channel] = scale[channel]
      b[channel] =
        -scale[channel] * inverse[channel] * inverse[channel] * product[channel] / count
      c[channel] = -scale[channel] * sum[channel] / count - b[channel] * mean[channel]
    }
    kernels.norm_backward_apply(
      pool, Int32(input.shape.pixels), Int32(channels), input.floats, Int32(input.pixelStride),
      scale, shift, relu, gradient.floats, Int32(gradient.pixelStride), a, b, c, sink.floats,
      Int32(sink.pixelStride), accumulates ? 1 : 0)
  }
}
