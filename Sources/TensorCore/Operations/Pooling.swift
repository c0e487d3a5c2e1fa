import CKernels
import Checks
import OperationCosts

extension Tape {
  /// The largest value of each window; padding is never the largest.
  ///
  /// - Parameter readers: How many operations of the network this is: a supernet's edges that pool
  ///   the same state share the result, and each is charged.
  /// - Returns: Feature maps, sized as by `convolution`.
  public func maxPool(_ input: Tensor, window: Window, readers: Int = 1) -> Tensor {
    let (output, geometry) = pooled(input, window, readers: readers)
    check(window.height * window.width <= 256, "maxPool: more than 256 taps in \(window)")
    let winners = scratch((output.shape.count + 3) / 4)
    compute { context in
      var g = geometry
      winners.floats.withMemoryRebound(to: UInt8.self, capacity: output.shape.count) {
        context.kernels.max_pool_forward(context.pool, &g, input.floats, output.floats, $0)
      }
    }
    record(output) { [self] gradient in
      let (sink, accumulates) = input.gradientSink(self)
      compute { context in
        var g = geometry
        (g.ldx, g.ldy) = (Int32(sink.pixelStride), Int32(gradient.pixelStride))
        winners.floats.withMemoryRebound(to: UInt8.self, capacity: output.shape.count) {
          context.kernels.max_pool_backward(
            context.pool, &g, gradient.floats, $0, sink.floats, accumulates ? 1 : 0)
        }
      }
    }
    return output
  }

  /// The mean of each window.
  ///
  /// - Parameters:
  ///   - countsPadding: Whether padding counts as zeros in the mean; NAS-Bench-201 and DARTS leave
  ///     it out.
  ///   - readers: As of `maxPool`.
  public func averagePool(
    _ input: Tensor, window: Window, countsPadding: Bool = false, readers: Int = 1
  ) -> Tensor {
    let (output, geometry) = pooled(input, window, readers: readers)
    let padding: Int32 = countsPadding ? 1 : 0
    compute {
      var g = geometry
      $0.kernels.average_pool_forward($0.pool, &g, input.floats, padding, output.floats)
    }
    record(output) { [self] gradient in
      let (sink, accumulates) = input.gradientSink(self)
      compute {
        var g = geometry
        (g.ldx, g.ldy) = (Int32(sink.pixelStride), Int32(gradient.pixelStride))
        $0.kernels.average_pool_backward(
          $0.pool, &g, gradient.floats, padding, sink.floats, accumulates ? 1 : 0)
      }
    }
    return output
  }

  /// One operation a tap and output, forward and backward.
  private func pooled(_ input: Tensor, _ window: Window, readers: Int) -> (Tensor, ck_conv) {
    check(window.hasOneStride, "pooling: rows and columns of different steps in \(window)")
    let (height, width) = window.outputSize(input.shape)
    let output = empty(
      Shape(input.shape.batch, height, width, input.shape.channels),
      requiresGradient: input.requiresGradient)
    let cost = LogicalOperation(
      .memoryBound, flops: output.shape.count * window.height * window.width,
      bytes: 4 * (input.shape.count + output.shape.count))
    for _ in 0..<readers {
      charge(cost)
      if input.requiresGradient { chargeBackward(cost) }
    }
    return (output, window.geometry(input, output, groups: 1))
  }

  /// The mean over all pixels of each image.
  ///
  /// - Returns: A matrix `[N, C]`.
  public func globalAveragePool(_ input: Tensor) -> Tensor {
    let shape = input.shape
    let output = empty(
      Shape(rows: shape.batch, columns: shape.channels), requiresGradient: input.requiresGradient)
    let cost = LogicalOperation(
      .memoryBound, flops: shape.count, bytes: 4 * (shape.count + output.shape.count))
    charge(cost)
    if input.requiresGradient { chargeBackward(cost) }
    let pixels = Int32(shape.height * shape.width)
    compute {
      $0.kernels.global_pool_forward(
        $0.pool, Int32(shape.batch), pixels, Int32(shape.channels), input.floats,
        Int32(input.pixelStride), output.floats)
    }
    record(output) { [self] gradient in
      let (sink, accumulates) = input.gradientSink(self)
      compute {
        $0.kernels.global_pool_backward(
          $0.pool, Int32(shape.batch), pixels, Int32(shape.channels), gradient.floats,
          sink.floats, Int32(sink.pixelStride), accumulates ? 1 : 0)
      }
    }
    return output
  }
}
