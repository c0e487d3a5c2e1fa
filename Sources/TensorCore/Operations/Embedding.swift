import CKernels
import Checks
import OperationCosts
import Randomness

extension Tape {
  /// Looks up a row of a table for each token.
  ///
  /// The gradient reaches the rows of the tokens that occur, each adding its terms in the order of
  /// the tokens; a sparse parameter's other rows are not even cleared.
  ///
  /// - Parameters:
  ///   - tokens: Rows of the table; empty on a dry tape, which needs their `count`.
  ///   - table: Sizes `[vocabulary, width]`.
  ///   - factors: A factor for each row of the table, such as a dropout of whole words; `nil` for
  ///     none.
  /// - Returns: A matrix `[count, width]`.
  public func embedding(
    _ tokens: [Int32], count: Int, table: Parameter, factors: Tensor? = nil,
    of parameters: Parameters
  ) -> Tensor {
    let (vocabulary, width) = (table.sizes[0], table.sizes[1])
    check(
      isDry || tokens.count == count, "embedding: \(tokens.count) tokens, \(count) expected")
    check(
      tokens.allSatisfy { $0 >= 0 && $0 < vocabulary },
      "embedding: a token outside 0..<\(vocabulary)")
    let isTrained = differentiates(parameters, [table])
    let output = empty(Shape(rows: count, columns: width), requiresGradient: isTrained)
    let cost = LogicalOperation(
      .memoryBound, flops: factors == nil ? 0 : count * width, bytes: 8 * count * width)
    charge(cost)
    if isTrained { chargeBackward(cost) }
    compute {
      $0.kernels.gather_rows(
        $0.pool, Int32(count), Int32(width), parameters.pointer(table), tokens, factors?.floats,
        output.floats)
    }
    record(output) { [self] gradient in
      compute {
        if table.isSparse { parameters.touch(table, rows: tokens) }
        $0.kernels.scatter_rows(
          $0.pool, Int32(count), Int32(width), gradient.floats, tokens, factors?.floats,
          parameters.gradientPointer(table))
      }
    }
    return output
  }

  /// Factors 0 or 1 / keep, each kept with probability `keep`, without gradient.
  ///
  /// One mask serves all time steps of a sequence (Gal & Ghahramani 2016, arXiv 1512.05287).
  ///
  /// - Returns: A matrix of the shape; all ones outside of training.
  public func dropoutMask(_ shape: Shape, keep: Float, key: RandomKey) -> Tensor {
    check(keep > 0 && keep <= 1, "dropoutMask: keep is \(keep), above 0 and at most 1 expected")
    let mask = empty(shape, requiresGradient: false)
    fill(mask, with: 1)
    guard isTraining && keep < 1 else { return mask }
    charge(LogicalOperation(.memoryBound, flops: shape.count, bytes: 4 * shape.count))
    compute {
      $0.kernels.dropout($0.pool, shape.count, mask.floats, keep, key.bits, mask.floats, 0)
    }
    return mask
  }

  /// Multiplies every time step of a sequence by one mask.
  ///
  /// - Parameters:
  ///   - input: Rows by time, then by sequence: `[steps · batch, width]`.
  ///   - mask: A matrix `[batch, width]`; its gradient is not computed.
  public func masked(_ input: Tensor, by mask: Tensor) -> Tensor {
    let (rows, width, period) = (input.shape.batch, input.shape.channels, mask.shape.batch)
    check(
      rows % period == 0 && mask.shape.channels == width && input.isPacked,
      "masked: input \(input.shape) and mask \(mask.shape) disagree")
    let output = empty(input.shape, requiresGradient: input.requiresGradient)
    let cost = LogicalOperation(.memoryBound, flops: rows * width, bytes: 8 * rows * width)
    charge(cost)
    if output.requiresGradient { chargeBackward(cost) }
    compute {
      $0.kernels.mask_rows(
        $0.pool, Int32(rows), Int32(width), Int32(period), input.floats, mask.floats,
        output.floats, 0)
    }
    record(output) { [self] gradient in
      let (sink, accumulates) = input.gradientSink(self)
      compute {
        $0.kernels.mask_rows(
          $0.pool, Int32(rows), Int32(width), Int32(period), gradient.floats, mask.floats,
          sink.floats, accumulates ? 1 : 0)
      }
    }
    return output
  }
}
