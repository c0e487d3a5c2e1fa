import Checks
import OperationCosts
import Randomness

extension Tape {
  /// Turns each row of a parameter into positive weights that sum to 1.
  ///
  /// For matrices of a few hundred values: a supernet's mixing weights. In double precision,
  /// rounded once.
  ///
  /// - Parameters:
  ///   - parameter: Sizes `[rows, columns]`.
  ///   - groups: How many neighbouring rows each result joins: the edges of a node. By default
  ///     every row is a group.
  ///   - columns: Columns that are returned, by default all; the others only take their share of a
  ///     row's sum.
  /// - Returns: One tensor a group, shape `[1, 1, 1, rows · columns]`, row by row; views of one
  ///   block of memory.
  public func softmaxRows(
    _ parameter: Parameter, of parameters: Parameters, groups: [Int]? = nil,
    columns: Range<Int>? = nil
  ) -> [Tensor] {
    let rows = parameter.sizes[0]
    let groups = groups ?? Array(repeating: 1, count: rows)
    let columns = columns ?? 0..<(parameter.sizes.last ?? 0)
    check(
      parameter.sizes.count == 2 && groups.reduce(0, +) == rows
        && columns.upperBound <= parameter.sizes[1],
      "softmaxRows: a parameter \(parameter.sizes), rows \(groups) and columns \(columns)")
    let output = empty(
      Shape(rows: 1, columns: rows * columns.count), requiresGradient: differentiates(parameters))
    let cost = LogicalOperation(
      .memoryBound, flops: 5 * parameter.count, bytes: 8 * parameter.count)
    charge(cost)
    if output.requiresGradient { chargeBackward(cost) }
    let softmax = SoftmaxRows(parameter: parameter, columns: columns)
    compute { _ in softmax.forward(parameters.pointer(parameter), output.floats) }
    record(output) { [self] gradient in
      compute { _ in
        softmax.backward(
          parameters.pointer(parameter), gradient.floats, parameters.gradientPointer(parameter))
      }
    }
    var start = 0
    return groups.map { group in
      defer { start += group * columns.count }
      return output.slice(channels: start..<start + group * columns.count)
    }
  }
}

/// The arithmetic of `softmaxRows`.
private struct SoftmaxRows {
  let parameter: Parameter
  let columns: Range<Int>

  /// The weights of one row, all columns.
  private func row(_ index: Int, _ input: UnsafePointer<Float>) -> [Double] {
    let count = parameter.sizes[1]
    let values = (0..<count).map { Double(input[index * count + $0]) }
    let largest = values.reduce(values[0], max)
    let powers = values.map { PortableMath.exp($0 - largest) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }

  func forward(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
    for index in 0..<parameter.sizes[0] {
      let weights = row(index, input)
      for (place, column) in columns.enumerated() {
        output[index * columns.count + place] = Float(weights[column])
      }
    }
  }

  /// dα_k += p_k (dp_k - Σ p dp), where columns left out have dp = 0.
  func backward(
    _ input: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let count = parameter.sizes[1]
    for index in 0..<parameter.sizes[0] {
      let weights = row(index, input)
      let arrived = (0..<count).map { column in
        columns.contains(column)
          ? Double(gradient[index * columns.count + column - columns.lowerBound]) : 0
      }
      let mean = zip(weights, arrived).reduce(0.0) { $0 + $1.0 * $1.1 }
      for column in 0..<count {
        target[index * count + column] += Float(weights[column] * (arrived[column] - mean))
      }
    }
  }
}
