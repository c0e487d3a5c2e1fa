import Checks
import OperationCosts

extension Tape {
  /// Adds rows below and columns to the right, all zero.
  ///
  /// - Parameters:
  ///   - input: Feature maps `[N, H, W, C]`.
  ///   - height: At least H.
  ///   - width: At least W.
  /// - Returns: Feature maps `[N, height, width, C]`; the input itself if it has that size.
  public func padded(_ input: Tensor, height: Int, width: Int) -> Tensor {
    let shape = input.shape
    if height == shape.height && width == shape.width { return input }
    check(
      input.isPacked && height >= shape.height && width >= shape.width,
      "padded: \(shape) to \(height)x\(width)")
    let output = empty(
      Shape(shape.batch, height, width, shape.channels), requiresGradient: input.requiresGradient)
    let cost = LogicalOperation(
      .memoryBound, flops: 0, bytes: 4 * (shape.count + output.shape.count))
    charge(cost)
    if input.requiresGradient { chargeBackward(cost) }
    // Rows of the input, and where they are in the output.
    let length = shape.width * shape.channels
    let rows = (0..<shape.batch * shape.height).map { row in
      (
        small: row * length,
        large: (row / shape.height * height + row % shape.height) * width * shape.channels
      )
    }
    compute { _ in
      output.floats.update(repeating: 0, count: output.shape.count)
      for row in rows {
        (output.floats + row.large).update(from: input.floats + row.small, count: length)
      }
    }
    record(output) { [self] gradient in
      let (sink, accumulates) = input.gradientSink(self)
      compute { _ in
        for row in rows {
          let (target, source) = (sink.floats + row.small, gradient.floats + row.large)
          for index in 0..<length {
            target[index] = source[index] + (accumulates ? target[index] : 0)
          }
        }
      }
    }
    return output
  }
}
