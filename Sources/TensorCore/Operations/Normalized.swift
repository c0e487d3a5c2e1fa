import CKernels
import Checks
import OperationCosts

/// Feature maps whose batch normalisation is known and not yet applied.
///
/// What reads them applies it on the way: `Tape.sum` as a scale and a shift a channel, the next
/// `Tape.separableStages` while it copies its input. The normalised maps are never stored.
public final class Normalized {
  /// Shape of the maps, `[N, H, W, C]`.
  public var shape: Shape { maps.shape }

  /// The maps before the normalisation.
  let maps: Tensor
  let state: NormalizationState
  let parameters: Parameters
  let requiresGradient: Bool
  /// Whether a scale and a shift are learned and their gradients wanted.
  let isTrained: Bool
  /// What came back from the readers.
  var arrival: Arrival?
  /// How many readers were recorded.
  private(set) var readers = 0
  private let saved: Storage

  /// The gradient of the normalised maps: `weight · factor of the image · gradient`.
  struct Arrival {
    let gradient: Tensor
    /// One factor an image.
    var factors: Storage?
    var weight: Float = 1
    /// Of each reader, for each channel Σ d and Σ d (x - mean), with d the gradient times the
    /// factors, and a weight of both.
    var sums: [(floats: Storage, weight: Float)]
  }

  init(
    _ maps: Tensor, _ state: NormalizationState, _ parameters: Parameters, isTrained: Bool,
    requiresGradient: Bool, on tape: Tape
  ) {
    self.maps = maps
    self.state = state
    self.parameters = parameters
    self.isTrained = isTrained
    self.requiresGradient = requiresGradient
    saved = tape.scratch(5 * maps.shape.channels)
  }

  private func row(_ index: Int) -> UnsafeMutablePointer<Float> {
    saved.floats + index * maps.shape.channels
  }
  var mean: UnsafeMutablePointer<Float> { row(0) }
  var variance: UnsafeMutablePointer<Float> { row(1) }
  /// One over the standard deviation.
  private var inverse: UnsafeMutablePointer<Float> { row(2) }
  /// The normalised maps are `maps · scale + shift`.
  var scale: UnsafeMutablePointer<Float> { row(3) }
  var shift: UnsafeMutablePointer<Float> { row(4) }

  func markRead() { readers += 1 }

  /// Where a reader puts its part of the gradient, and whether it adds to what is there.
  ///
  /// - Parameter sums: Gets Σ d and Σ d (x - mean) of the reader's part, but for the weight.
  func gradientSink(
    _ tape: Tape, sums: Storage, weight: Float = 1
  ) -> (tensor: Tensor, accumulates: Bool) {
    if let arrived = arrival {
      arrival?.sums.append((sums, weight))
      return (arrived.gradient, true)
    }
    let gradient = tape.empty(shape, requiresGradient: false)
    arrival = Arrival(gradient: gradient, sums: [(sums, weight)])
    return (gradient, false)
  }

  /// Works out scale and shift, from the batch's moments (which move the running statistics) or
  /// from the running ones.
  func fold(in context: ComputeContext, usesBatch: Bool) {
    context.fold(
      state, parameters, pixels: maps.shape.pixels, usesBatch: usesBatch, (0..<5).map { row($0) })
  }

  /// Fills a, b and c: the gradient of the maps is `factor · gradient · a + maps · b + c`.
  ///
  /// With d the gradient of the normalised maps, n pixels and γ the scale:
  /// dγ = Σ d x̂, dβ = Σ d, dx = γ/σ (d - dβ/n - x̂ dγ/n).
  func pullBack(_ arrival: Arrival, coefficients: UnsafeMutablePointer<Float>) {
    let channels = maps.shape.channels
    let (a, b) = (coefficients, coefficients + channels)
    let c = coefficients + 2 * channels
    let count = Float(maps.shape.pixels)
    func total(_ row: Int, _ channel: Int) -> Float {
      arrival.sums.reduce(0) { $0 + $1.weight * $1.floats.floats[row * channels + channel] }
    }
    for channel in 0..<channels {
      let (s, p) = (total(0, channel), total(1, channel))
      a[channel] = arrival.weight * scale[channel]
      b[channel] = -scale[channel] * inverse[channel] * inverse[channel] * p / count
      c[channel] = -scale[channel] * s / count - b[channel] * mean[channel]
    }
    guard isTrained, let scaleParameter = state.scale, let shiftParameter = state.shift else {
      return
    }
    let scaleGradient = parameters.gradientPointer(scaleParameter)
    let shiftGradient = parameters.gradientPointer(shiftParameter)
    for channel in 0..<channels {
      scaleGradient[channel] += total(1, channel) * inverse[channel]
      shiftGradient[channel] += total(0, channel)
    }
  }
}

extension Tape {
  /// Normalises each channel over the batch, and leaves applying it to the reader.
  ///
  /// The same values and the same charge as `batchNormalization`; one pass over the maps less.
  ///
  /// - Parameter input: Feature maps `[N, H, W, C]`.
  /// - Returns: What `sum` or `separableStages` read.
  public func normalizing(
    _ input: Tensor, _ state: NormalizationState, of parameters: Parameters
  ) -> Normalized {
    let channels = input.shape.channels
    check(
      state.runningMean.count == channels,
      "normalizing: input \(input.shape) and statistics of \(state.runningMean.count)")
    let isTrained = state.scale != nil && differentiates(parameters, state.parameters)
    let output = Normalized(
      input, state, parameters, isTrained: isTrained,
      requiresGradient: input.requiresGradient || isTrained, on: self)
    chargeNormalization(
      of: input.shape.count, isDifferentiated: output.requiresGradient, rectified: false)
    compute { context in
      if usesBatchStatistics {
        context.kernels.channel_moments(
          context.pool, Int32(input.shape.pixels), Int32(channels), input.floats,
          Int32(input.pixelStride), output.mean, output.variance)
      }
      output.fold(in: context, usesBatch: usesBatchStatistics)
    }
    guard output.requiresGradient else { return output }
    record { [self] in
      guard let arrival = output.arrival else { return }
      output.arrival = nil
      let coefficients = scratch(3 * channels)
      let sink = input.requiresGradient ? input.gradientSink(self) : nil
      compute { context in
        output.pullBack(arrival, coefficients: coefficients.floats)
        if let sink { context.applyNormalization(output, arrival, coefficients.floats, sink) }
      }
    }
    return output
  }
}

extension ComputeContext {
  /// sink (+)= gradient · a + maps · b + c.
  fileprivate func applyNormalization(
    _ output: Normalized, _ arrival: Normalized.Arrival, _ coefficients: UnsafePointer<Float>,
    _ sink: (tensor: Tensor, accumulates: Bool)
  ) {
    let (maps, gradient) = (output.maps, arrival.gradient)
    let channels = maps.shape.channels
    // One image at a time where each has a factor of its own.
    let images = arrival.factors == nil ? 1 : maps.shape.batch
    let pixels = maps.shape.pixels / images
    let scaled = Storage(count: channels, arena: arena)
    for image in 0..<images {
      let factor = arrival.factors.map { $0.floats[image] } ?? 1
      for channel in 0..<channels { scaled.floats[channel] = factor * coefficients[channel] }
      let first = image * pixels
      kernels.norm_backward_apply(
        pool, Int32(pixels), Int32(channels), maps.floats + first * maps.pixelStride,
        Int32(maps.pixelStride), output.scale, output.shift, 0,
        gradient.floats + first * gradient.pixelStride, Int32(gradient.pixelStride),
        scaled.floats, coefficients + channels, coefficients + 2 * channels,
        sink.tensor.floats + first * sink.tensor.pixelStride, Int32(sink.tensor.pixelStride),
        sink.accumulates ? 1 : 0)
    }
  }
}
