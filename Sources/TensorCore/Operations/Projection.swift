import CKernels
import OperationCosts

extension Tape {
  /// A 1x1 convolution of tensors joined along the channels, without joining them.
  ///
  /// Each tensor brings its own slice of the filters, so that a cell whose loose ends change with
  /// every minibatch shares them.
  ///
  /// - Parameters:
  ///   - inputs: Tensors `[N, H, W, Cᵢ]`.
  ///   - filters: For each, sizes `[1, 1, Cᵢ, F]`.
  /// - Returns: Feature maps `[N, H, W, F]`.
  public func projection(
    of inputs: [Tensor], by filters: [Parameter], of parameters: Parameters
  ) -> Tensor {
    let first = require(inputs.first, "projection: no tensors").shape
    check(inputs.count == filters.count, "projection: \(inputs.count) tensors")
    let count = filters[0].sizes.last ?? 0
    for (input, filters) in zip(inputs, filters) {
      var expected = first
      expected.channels = input.shape.channels
      check(
        input.shape == expected && filters.sizes == [1, 1, input.shape.channels, count],
        "projection: input \(input.shape) and filters \(filters.sizes) disagree")
    }
    let isTrained = differentiates(parameters, filters)
    let output = empty(
      Shape(first.batch, first.height, first.width, count),
      requiresGradient: isTrained || inputs.contains { $0.requiresGradient })
    chargeProjection(inputs, output, isTrained: isTrained)
    compute { context in
      for (index, input) in inputs.enumerated() {
        context.project(
          input, by: parameters.pointer(filters[index]), isTransposed: false, to: output,
          accumulates: index > 0)
      }
    }
    record(output) { [self] gradient in
      for (input, filters) in zip(inputs, filters) {
        let sink = input.requiresGradient ? input.gradientSink(self) : nil
        compute { context in
          if let (sink, accumulates) = sink {
            context.project(
              gradient, by: parameters.pointer(filters), isTransposed: true, to: sink,
              accumulates: accumulates)
          }
          if isTrained {
            context.projectFilters(input, gradient, parameters.gradientPointer(filters))
          }
        }
      }
    }
    return output
  }

  /// What joining and convolving cost.
  private func chargeProjection(_ inputs: [Tensor], _ output: Tensor, isTrained: Bool) {
    let pixels = output.shape.pixels
    let channels = inputs.reduce(0) { $0 + $1.shape.channels }
    let joining = LogicalOperation(.memoryBound, flops: 0, bytes: 8 * pixels * channels)
    let product = LogicalOperation(
      .pointwiseConvolution, flops: 2 * output.shape.count * channels,
      bytes: 4 * (pixels * channels + channels * output.shape.channels + output.shape.count))
    charge(joining)
    charge(product)
    if inputs.contains(where: { $0.requiresGradient }) {
      chargeBackward(joining)
      chargeBackward(product)
    }
    if isTrained { chargeBackward(product) }
  }
}

extension ComputeContext {
  /// Convolutions run on own kernels unless OpenBLAS was asked to do everything.
  private var projectsByOpenBLAS: Bool { blas == .openBLASAll }

  /// target (+)= source F, or source Fᵀ; F is the filters as a matrix.
  fileprivate func project(
    _ source: Tensor, by filters: UnsafePointer<Float>, isTransposed: Bool, to target: Tensor,
    accumulates: Bool
  ) {
    let (rows, depth, columns) = (
      source.shape.pixels, source.shape.channels, target.shape.channels
    )
    counters.count(rows: rows, depth: depth, columns: columns, lanes: Int(kernels.lanes))
    let stride = isTransposed ? depth : columns
    if projectsByOpenBLAS {
      OpenBLAS.multiply(
        pool, m: rows, n: columns, k: depth, a: source.floats, lda: source.pixelStride,
        transposedA: false, b: filters, ldb: stride, transposedB: isTransposed, c: target.floats,
        ldc: target.pixelStride, accumulates: accumulates)
    } else {
      kernels.matmul(
        pool, Int32(rows), Int32(columns), Int32(depth), source.floats,
        Int32(source.pixelStride), filters, Int32(stride), isTransposed ? 1 : 0, target.floats,
        Int32(target.pixelStride), accumulates ? 1 : 0)
    }
  }

  /// filters += inputᵀ gradient.
  fileprivate func projectFilters(
    _ input: Tensor, _ gradient: Tensor, _ filters: UnsafeMutablePointer<Float>
  ) {
    let (rows, depth, columns) = (
      input.shape.pixels, input.shape.channels, gradient.shape.channels
    )
    counters.count(rows: rows, depth: depth, columns: columns, lanes: Int(kernels.lanes))
    if projectsByOpenBLAS {
      OpenBLAS.multiply(
        pool, m: depth, n: columns, k: rows, a: input.floats, lda: input.pixelStride,
        transposedA: true, b: gradient.floats, ldb: gradient.pixelStride, transposedB: false,
        c: filters, ldc: columns, accumulates: true)
    } else {
      kernels.matmul_transposed(
        pool, Int32(rows), Int32(columns), Int32(depth), input.floats, Int32(input.pixelStride),
        gradient.floats, Int32(gradient.pixelStride), filters, Int32(columns))
    }
  }
}
