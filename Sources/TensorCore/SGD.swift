import CKernels
import OperationCosts

/// Stochastic gradient descent with momentum, weight decay and clipping, in one pass over the flat
/// buffer.
///
///     g = clip(gradient) + weightDecay · w
///     m = momentum · m + g
///     w -= learningRate · (nesterov ? g + momentum · m : m)
///
/// as PyTorch has it; Sutskever et al. (ICML 2013) put the learning rate inside the momentum.
///
/// Rows of a sparse parameter that a step did not touch stay where they are if there is neither
/// momentum nor decay; they are then not read either.
public final class SGD: Optimizer {
  public let momentum: Float
  public let isNesterov: Bool
  public let weightDecay: Float
  /// Largest norm of the gradient; a longer one is scaled down to it. `nil` for no clipping.
  public let clipNorm: Float?
  private let parameters: Parameters
  private let momenta: Storage?
  private let context: ComputeContext

  public init(
    _ parameters: Parameters, momentum: Float, isNesterov: Bool, weightDecay: Float,
    clipNorm: Float?, in context: ComputeContext
  ) {
    self.parameters = parameters
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.context = context
    guard momentum > 0 else {
      momenta = nil
      return
    }
    let momenta = Storage(count: max(1, parameters.count), arena: context.arena)
    momenta.floats.update(repeating: 0, count: max(1, parameters.count))
    self.momenta = momenta
  }

  /// Momenta of all parameters, in the order of declaration; what a checkpoint keeps. Empty
  /// without momentum.
  public var flatMomenta: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: momenta?.floats, count: momenta == nil ? 0 : parameters.count)
  }

  /// Nothing depends on how many there were.
  public var steps: Int { 0 }

  public var arrays: [(name: String, values: UnsafeMutableBufferPointer<Float>)] {
    [("momentum", flatMomenta)]
  }

  public func resume(after steps: Int) {}

  public func step(learningRate: Float) { step(learningRate: learningRate, isTouchedOnly: false) }

  /// Moves every parameter against its gradient.
  ///
  /// - Parameters:
  ///   - isTouchedOnly: Whether parameters that no gradient has reached stay as they are, neither
  ///     decayed nor carried on by their momentum: weights off a sampled path.
  ///   - besides: Squared norm of gradients of other parameters, which counts towards the norm that
  ///     is clipped.
  public func step(learningRate: Float, isTouchedOnly: Bool, besides: Double = 0) {
    let settled =
      isTouchedOnly ? parameters.unsettledGradients : parameters.flatGradients?.baseAddress
    guard parameters.count > 0, let weights = parameters.flatValues?.baseAddress,
      let gradients = settled
    else { return }
    let (kernels, pool) = (context.kernels, context.pool)
    let stretches = isTouchedOnly ? touchedStretches : stretches
    var scale: Float = 1
    if let clipNorm {
      var squares = besides
      for stretch in stretches {
        let gradients = gradients + stretch.start
        squares +=
          stretch.rows.map {
            kernels.sum_of_squares_rows(pool, Int32($0.count), Int32(stretch.count), $0, gradients)
          } ?? kernels.sum_of_squares(pool, stretch.count, gradients)
      }
      // PyTorch adds 1e-6 to the norm.
      scale = min(1, Float(Double(clipNorm) / (squares.squareRoot() + 1e-6)))
    }
    for stretch in stretches {
      let (weights, gradients) = (weights + stretch.start, gradients + stretch.start)
      if let rows = stretch.rows {
        kernels.sgd_rows(
          pool, Int32(rows.count), Int32(stretch.count), rows, weights, gradients, learningRate,
          scale)
      } else {
        kernels.sgd(
          pool, stretch.count, weights, gradients, momenta.map { $0.floats + stretch.start },
          learningRate, momentum, isNesterov ? 1 : 0, weightDecay, scale)
      }
    }
  }

  /// A part of the flat buffer: all of `count` floats, or some rows of `count` floats.
  private struct Stretch {
    var start: Int
    var count: Int
    var rows: [Int32]?
  }

  private var touchedStretches: [Stretch] {
    parameters.touched.reduce(into: []) { stretches, parameter in
      if let last = stretches.last, last.start + last.count == parameter.offset {
        stretches[stretches.count - 1].count += parameter.count
      } else {
        stretches.append(Stretch(start: parameter.offset, count: parameter.count))
      }
    }
  }

  private var stretches: [Stretch] {
    guard momentum == 0, weightDecay == 0 else {
      return [Stretch(start: 0, count: parameters.unfixedCount)]
    }
    var stretches: [Stretch] = []
    var start = 0
    for parameter in parameters.trainable where parameter.isSparse {
      if parameter.offset > start {
        stretches.append(Stretch(start: start, count: parameter.offset - start))
      }
      stretches.append(
        Stretch(
          start: parameter.offset, count: parameter.sizes.last ?? 1,
          rows: parameters.touchedRows[parameter.index]))
      start = parameter.offset + parameter.count
    }
    if start < parameters.unfixedCount {
      stretches.append(Stretch(start: start, count: parameters.unfixedCount - start))
    }
    return stretches
  }

  /// Canonical cost of a step: 6 operations and 5 floats moved a parameter, 2 and 1 more for
  /// clipping; one logical operation a parameter tensor.
  public static func operations(_ parameters: Parameters, clips: Bool) -> [LogicalOperation] {
    operations(parameters.trainable, clips: clips)
  }

  /// Canonical cost of a step that moves some parameters only.
  public static func operations(_ parameters: [Parameter], clips: Bool) -> [LogicalOperation] {
    parameters.map { parameter in
      LogicalOperation(
        .memoryBound, flops: (clips ? 8 : 6) * parameter.count,
        bytes: 4 * (clips ? 6 : 5) * parameter.count)
    }
  }
}
