import CKernels
import Checks
import OperationCosts

extension Tape {
  /// Adds tensors, each times a weight: the mixed operation of DARTS.
  ///
  /// - Parameters:
  ///   - terms: Tensors of one shape.
  ///   - weights: One a term, shape `[1, 1, 1, terms]`.
  /// - Returns: Σ weight · term, of the terms' shape.
  ///
  /// Source: Liu et al., arXiv 1806.09055, Eq. 2.
  public func weightedSum(_ terms: [Tensor], weights: Tensor) -> Tensor {
    let shape = require(terms.first, "weightedSum: no terms").shape
    check(
      weights.shape == Shape(rows: 1, columns: terms.count),
      "weightedSum: \(terms.count) terms and weights \(weights.shape)")
    for term in terms {
      check(term.shape == shape, "weightedSum: shapes \(shape) and \(term.shape) differ")
    }
    let output = empty(
      shape, requiresGradient: weights.requiresGradient || terms.contains { $0.requiresGradient })
    chargeWeightedSum(
      areDifferentiated: terms.map { $0.requiresGradient }, weights: weights.requiresGradient,
      shape.count)
    compute { context in
      for (index, term) in terms.enumerated() {
        context.addScaled(term, weights.floats[index], to: output, accumulates: index > 0)
      }
    }
    record(output) { [self] gradient in
      let weightSink = weights.requiresGradient ? weights.gradientSink(self).tensor : nil
      for (index, term) in terms.enumerated() {
        let sink = term.requiresGradient ? term.gradientSink(self) : nil
        compute { context in
          if let weightSink {
            weightSink.floats[index] += context.innerProduct(gradient, term, tape: self)
          }
          if let (sink, accumulates) = sink {
            context.addScaled(
              gradient, weights.floats[index], to: sink, accumulates: accumulates)
          }
        }
      }
    }
    return output
  }

  /// A multiplication and an addition a term and element; each gradient the same. Every tensor
  /// is moved once.
  func chargeWeightedSum(areDifferentiated: [Bool], weights: Bool, _ count: Int) {
    let terms = areDifferentiated.count
    charge(
      LogicalOperation(
        .memoryBound, flops: 2 * terms * count, bytes: 4 * (terms + 1) * count))
    for isDifferentiated in areDifferentiated {
      if weights {
        chargeBackward(LogicalOperation(.memoryBound, flops: 2 * count, bytes: 8 * count))
      }
      if isDifferentiated {
        chargeBackward(LogicalOperation(.memoryBound, flops: count, bytes: 8 * count))
      }
    }
  }
}

extension ComputeContext {
  fileprivate func addScaled(
    _ source: Tensor, _ factor: Float, to target: Tensor, accumulates: Bool
  ) {
    kernels.axpby(
      pool, Int32(source.shape.pixels), Int32(source.shape.channels), factor, source.floats,
      Int32(source.pixelStride), accumulates ? 1 : 0, target.floats, Int32(target.pixelStride))
  }

  /// Σ left · right, channel by channel and then over the channels in order.
  fileprivate func innerProduct(_ left: Tensor, _ right: Tensor, tape: Tape) -> Float {
    let channels = left.shape.channels
    let rows = tape.scratch(3 * channels)
    let (zeros, sums, products) = (rows.floats, rows.floats + channels, rows.floats + 2 * channels)
    zeros.update(repeating: 0, count: channels)
    kernels.norm_backward_sums(
      pool, Int32(left.shape.pixels), Int32(channels), right.floats, Int32(right.pixelStride),
      zeros, zeros, zeros, 0, left.floats, Int32(left.pixelStride), sums, products)
    return (0..<channels).reduce(0) { $0 + products[$1] }
  }
}
