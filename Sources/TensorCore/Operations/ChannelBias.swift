import CKernels
import Checks
import OperationCosts

extension Tape {
  /// Adds to every pixel one number for each channel: the bias of a convolution.
  ///
  /// - Parameters:
  ///   - input: Feature maps, shape `[N, H, W, C]`.
  ///   - bias: Sizes `[C]`.
  public func adding(
    _ bias: Parameter, to input: Tensor, of parameters: Parameters
  ) -> Tensor {
    let shape = input.shape
    check(bias.sizes == [shape.channels], "adding: input \(shape) and bias \(bias.sizes) disagree")
    let isTrained = differentiates(parameters, [bias])
    let output = empty(shape, requiresGradient: input.requiresGradient || isTrained)
    let cost = LogicalOperation(.memoryBound, flops: shape.count, bytes: 8 * shape.count)
    charge(cost)
    if input.requiresGradient { chargeBackward(cost) }
    if isTrained { chargeBackward(cost) }
    let (rows, columns) = (Int32(shape.pixels), Int32(shape.channels))
    compute { context in
      context.copy(input, to: output, accumulates: false)
      context.kernels.add_bias(
        context.pool, rows, columns, parameters.pointer(bias), output.floats, columns)
    }
    record(output) { [self] gradient in
      if input.requiresGradient {
        let (sink, accumulates) = input.gradientSink(self)
        compute { $0.copy(gradient, to: sink, accumulates: accumulates) }
      }
      guard isTrained else { return }
      compute { context in
        context.kernels.bias_gradient(
          context.pool, rows, columns, gradient.floats, Int32(gradient.pixelStride),
          parameters.gradientPointer(bias))
      }
    }
    return output
  }
}
