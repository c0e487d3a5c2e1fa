import OperationCosts
import Randomness

extension Tape {
  /// Turns each row of a parameter into positive weights that sum to 1.
  ///
  /// For matrices of a few hundred values: a supernet's mixing weights. In double precision,
  /// rounded once.
  ///
  /// - Parameter parameter: Sizes `[rows, columns]`.
  /// - Returns: One tensor a row, shape `[1, 1, 1, columns]`; views of one block of memory.
  public func softmaxRows(_ parameter: Parameter, of parameters: Parameters) -> [Tensor] {
    check(parameter.sizes.count == 2, "softmaxRows: a parameter \(parameter.sizes)")
    let (rows, columns) = (parameter.sizes[0], parameter.sizes[1])
    let output = empty(
      Shape(rows: 1, columns: rows * columns), requiresGradient: differentiates(parameters))
    let cost = LogicalOperation(
      .memoryBound, flops: 5 * parameter.count, bytes: 8 * parameter.count)
    charge(cost)
    if output.requiresGradient { chargeBackward(cost) }
    compute { _ in
      for row in 0..<rows {
        let start = row * columns
        softmaxRow(parameters.pointer(parameter) + start, columns, output.floats + start)
      }
    }
    record(output) { [self] gradient in
      compute { _ in
        let target = parameters.gradientPointer(parameter)
        for start in stride(from: 0, to: rows * columns, by: columns) {
          let row = start..<start + columns
          // dα_k = p_k (dp_k - Σ p dp).
          let mean = row.reduce(0.0) {
            $0 + Double(output.floats[$1]) * Double(gradient.floats[$1])
          }
          for k in row {
            target[k] += Float(Double(output.floats[k]) * (Double(gradient.floats[k]) - mean))
          }
        }
      }
    }
    return (0..<rows).map { output.slice(channels: $0 * columns..<($0 + 1) * columns) }
  }
}

private func softmaxRow(
  _ input: UnsafePointer<Float>, _ count: Int, _ output: UnsafeMutablePointer<Float>
) {
  let largest = (0..<count).reduce(input[0]) { max($0, input[$1]) }
  let powers = (0..<count).map { PortableMath.exp(Double(input[$0]) - Double(largest)) }
  let total = powers.reduce(0, +)
  for index in 0..<count { output[index] = Float(powers[index] / total) }
}
