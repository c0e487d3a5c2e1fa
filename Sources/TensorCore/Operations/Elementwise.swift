import CKernels
import Checks
import OperationCosts
import Randomness

extension Tape {
  /// Replaces negative values by zero; a NaN stays, so that divergence is seen.
  ///
  /// The operations that leave a cell's node often begin with the same rectifier: while one result
  /// is in use it serves them all, though each is charged.
  public func relu(_ input: Tensor) -> Tensor {
    if let made = input.rectified {
      chargeRectifier(made)
      return made
    }
    let output = empty(input.shape, requiresGradient: input.requiresGradient)
    input.rectified = output
    chargeRectifier(output)
    compute { $0.addReLU(input, nil, rectified: true, into: output) }
    record(output) { [self] gradient in
      let sink = input.gradientSink(self)
      compute { $0.reluBackward(output, gradient, sink) }
    }
    return output
  }

  /// Adds two tensors of the same shape, and optionally rectifies the sum in one pass.
  public func add(_ left: Tensor, _ right: Tensor, rectified: Bool = false) -> Tensor {
    check(left.shape == right.shape, "add: shapes \(left.shape) and \(right.shape) differ")
    let output = empty(
      left.shape, requiresGradient: left.requiresGradient || right.requiresGradient)
    charge(
      LogicalOperation(.memoryBound, flops: output.shape.count, bytes: 12 * output.shape.count))
    if rectified { chargeRectifier(output) }
    compute { $0.addReLU(left, right, rectified: rectified, into: output) }
    record(output) { [self] gradient in
      let part = rectified ? gated(gradient, by: output) : gradient
      for input in [left, right] where input.requiresGradient { input.takeGradient(part, self) }
    }
    return output
  }

  /// The gradient where the output is above zero: in place if no other tensor holds it.
  private func gated(_ gradient: Tensor, by output: Tensor) -> Tensor {
    let part =
      output.sharesGradient ? empty(gradient.shape, requiresGradient: false) : gradient
    compute { $0.reluBackward(output, gradient, (part, false)) }
    return part
  }

  private func chargeRectifier(_ output: Tensor) {
    chargeRectifier(of: output.shape.count, isDifferentiated: output.requiresGradient)
  }

  func chargeRectifier(of count: Int, isDifferentiated: Bool) {
    charge(LogicalOperation(.memoryBound, flops: count, bytes: 8 * count))
    if isDifferentiated {
      chargeBackward(LogicalOperation(.memoryBound, flops: count, bytes: 12 * count))
    }
  }

  /// A tensor of zeros: what the `none` operation of a search space passes on. Costs nothing.
  public func zeros(_ shape: Shape) -> Tensor {
    let output = empty(shape, requiresGradient: false)
    fill(output, with: 0)
    return output
  }

  /// A tensor of ones. Costs nothing.
  public func ones(_ shape: Shape) -> Tensor {
    let output = empty(shape, requiresGradient: false)
    fill(output, with: 1)
    return output
  }

  /// Joins tensors along the channels.
  public func concatenate(_ inputs: [Tensor]) -> Tensor {
    let first = require(inputs.first, "concatenate: no tensors").shape
    var shape = first
    shape.channels = inputs.reduce(0) { $0 + $1.shape.channels }
    let output = empty(shape, requiresGradient: inputs.contains { $0.requiresGradient })
    chargeJoining(of: output.shape.count, isDifferentiated: output.requiresGradient)
    var start = 0
    var ranges: [Range<Int>] = []
    for input in inputs {
      var expected = first
      expected.channels = input.shape.channels
      check(input.shape == expected, "concatenate: shapes \(first) and \(input.shape) differ")
      ranges.append(start..<start + input.shape.channels)
      start += input.shape.channels
    }
    compute { context in
      for (input, range) in zip(inputs, ranges) {
        context.copy(input, to: output.slice(channels: range), accumulates: false)
      }
    }
    record(output) { [self] gradient in
      for (input, range) in zip(inputs, ranges) where input.requiresGradient {
        let sink = input.gradientSink(self)
        compute {
          $0.copy(
            gradient.slice(channels: range), to: sink.tensor, accumulates: sink.accumulates)
        }
      }
    }
    return output
  }

  func chargeJoining(of count: Int, isDifferentiated: Bool) {
    let cost = LogicalOperation(.memoryBound, flops: 0, bytes: 8 * count)
    charge(cost)
    if isDifferentiated { chargeBackward(cost) }
  }

  /// Keeps each value with probability `keep`, divided by it, else zero; on any tape: ENAS scores
  /// paths so.
  ///
  /// Source: Srivastava et al., JMLR 2014; the inverted form.
  public func dropout(_ input: Tensor, keep: Float, key: RandomKey) -> Tensor {
    check(keep > 0 && keep <= 1, "dropout: keep is \(keep), above 0 and at most 1 expected")
    check(input.isPacked, "dropout: a slice of channels")
    guard keep < 1 else { return input }
    let output = empty(input.shape, requiresGradient: input.requiresGradient)
    let cost = LogicalOperation(
      .memoryBound, flops: output.shape.count, bytes: 8 * output.shape.count)
    charge(cost)
    if output.requiresGradient { chargeBackward(cost) }
    let count = input.shape.count
    compute {
      $0.kernels.dropout($0.pool, count, input.floats, keep, key.bits, output.floats, 0)
    }
    record(output) { [self] gradient in
      let (sink, accumulates) = input.gradientSink(self)
      // The same draws again, instead of a mask that is kept.
      compute {
        $0.kernels.dropout(
          $0.pool, count, gradient.floats, keep, key.bits, sink.floats, accumulates ? 1 : 0)
      }
    }
    return output
  }

  /// Multiplies each image by a factor: drop-path's mask of 0 and 1 / keep.
  public func scaleImages(_ input: Tensor, by factors: [Float]) -> Tensor {
    check(factors.count == input.shape.batch, "scaleImages: \(factors.count) for \(input.shape)")
    check(input.isPacked, "scaleImages: a slice of channels")
    let output = empty(input.shape, requiresGradient: input.requiresGradient)
    let cost = LogicalOperation(
      .memoryBound, flops: output.shape.count, bytes: 8 * output.shape.count)
    charge(cost)
    if output.requiresGradient { chargeBackward(cost) }
    let (rows, width) = (Int32(factors.count), Int32(input.shape.count / factors.count))
    compute {
      $0.kernels.scale_rows($0.pool, rows, width, input.floats, factors, output.floats, 0)
    }
    record(output) { [self] gradient in
      let (sink, accumulates) = input.gradientSink(self)
      compute {
        $0.kernels.scale_rows(
          $0.pool, rows, width, gradient.floats, factors, sink.floats, accumulates ? 1 : 0)
      }
    }
    return output
  }
}

extension ComputeContext {
  func copy(_ source: Tensor, to target: Tensor, accumulates: Bool) {
    kernels.axpby(
      pool, Int32(source.shape.pixels), Int32(source.shape.channels), 1, source.floats,
      Int32(source.pixelStride), accumulates ? 1 : 0, target.floats, Int32(target.pixelStride))
  }

  fileprivate func addReLU(_ left: Tensor, _ right: Tensor?, rectified: Bool, into output: Tensor) {
    kernels.add_relu(
      pool, Int32(left.shape.pixels), Int32(left.shape.channels), left.floats,
      Int32(left.pixelStride), right?.floats, Int32(right?.pixelStride ?? 0), rectified ? 1 : 0,
      output.floats, Int32(output.pixelStride))
  }

  fileprivate func reluBackward(
    _ output: Tensor, _ gradient: Tensor, _ sink: (tensor: Tensor, accumulates: Bool)
  ) {
    kernels.relu_backward(
      pool, Int32(output.shape.pixels), Int32(output.shape.channels), output.floats,
      Int32(output.pixelStride), gradient.floats, Int32(gradient.pixelStride), sink.tensor.floats,
      Int32(sink.tensor.pixelStride), sink.accumulates ? 1 : 0)
  }
}
