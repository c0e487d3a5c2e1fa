import CKernels
import Checks
import OperationCosts

extension Tape {
  /// Multiplies rows by a matrix and adds a bias.
  ///
  /// - Parameters:
  ///   - input: A matrix `[N, C]`.
  ///   - weights: Sizes `[C, F]`.
  ///   - bias: Sizes `[F]`; `nil` for none.
  /// - Returns: A matrix `[N, F]`.
  public func linear(
    _ input: Tensor, weights: Parameter, bias: Parameter?, of parameters: Parameters
  ) -> Tensor {
    let (rows, columns) = (input.shape.batch, input.shape.channels)
    let count = weights.sizes.last ?? 0
    check(
      weights.sizes == [columns, count] && input.shape.height * input.shape.width == 1,
      "linear: input \(input.shape) and weights \(weights.sizes) disagree")
    let isTrained = differentiates(parameters, [weights, bias])
    let output = empty(
      Shape(rows: rows, columns: count), requiresGradient: input.requiresGradient || isTrained)
    let cost = LogicalOperation(
      .matrixProduct, flops: 2 * rows * columns * count,
      bytes: 4 * (rows * columns + columns * count + rows * count))
    charge(cost)
    if input.requiresGradient { chargeBackward(cost) }
    if isTrained { chargeBackward(cost) }
    compute { context in
      context.matmul(
        m: rows, n: count, k: columns, a: input.floats, lda: input.pixelStride,
        b: parameters.pointer(weights), ldb: count, transposedB: false, c: output.floats,
        ldc: count, accumulates: false)
      if let bias {
        context.kernels.add_bias(
          context.pool, Int32(rows), Int32(count), parameters.pointer(bias), output.floats,
          Int32(count))
      }
    }
    record(output) { [self] gradient in
      let sink = input.requiresGradient ? input.gradientSink(self) : nil
      compute { context in
        if let (sink, accumulates) = sink {
          context.matmul(
            m: rows, n: columns, k: count, a: gradient.floats, lda: count,
            b: parameters.pointer(weights), ldb: count, transposedB: true, c: sink.floats,
            ldc: sink.pixelStride, accumulates: accumulates)
        }
        guard isTrained else { return }
        context.matmulTransposed(
          m: rows, n: count, k: columns, a: input.floats, lda: input.pixelStride,
          b: gradient.floats, ldb: count, c: parameters.gradientPointer(weights), ldc: count)
        if let bias {
          context.kernels.bias_gradient(
            context.pool, Int32(rows), Int32(count), gradient.floats, Int32(count),
            parameters.gradientPointer(bias))
        }
      }
    }
    return output
  }
}
