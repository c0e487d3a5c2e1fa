import Checks
import OperationCosts
import Randomness

/// A column drawn in each row of a matrix of logits, and what stands for it in the backward pass.
///
/// With standard Gumbel noise g, the column of largest (log softmax(logits) + g) / τ has the
/// probability that softmax gives it; the softmax of these sums are its softened weights. Forwards
/// the drawn column alone has a weight, of 1; backwards its derivative is the softened weights'.
///
/// Source: Dong & Yang, arXiv 1910.04465, section 3.2, after Jang et al., arXiv 1611.01144.
public struct GumbelDraw: Hashable, Sendable {
  /// The drawn column of each row, the first of equals.
  public let columns: [Int]
  /// The softened weights, row by row.
  public let weights: [[Double]]
  /// τ, above 0.
  public let temperature: Double

  /// Draws with noise that is known.
  ///
  /// - Returns: `nil` where a weight is no finite number: draw again.
  public init?(logits: [[Double]], noise: [[Double]], temperature: Double) {
    check(
      temperature > 0 && logits.map(\.count) == noise.map(\.count),
      "GumbelDraw: temperature \(temperature), logits and noise of different sizes")
    let weights = zip(logits, noise).map { logits, noise in
      let sums = zip(Self.logSoftmax(logits), noise).map { ($0 + $1) / temperature }
      return Self.logSoftmax(sums).map { PortableMath.exp($0) }
    }
    guard weights.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
    self.weights = weights
    self.temperature = temperature
    columns = weights.map { row in
      row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
    }
  }

  /// Draws, again and again until all is finite.
  public init(logits: [[Double]], temperature: Double, using generator: inout KeyedGenerator) {
    while true {
      let noise = logits.map { $0.map { _ in Self.noise(using: &generator) } }
      guard let draw = GumbelDraw(logits: logits, noise: noise, temperature: temperature) else {
        continue
      }
      self = draw
      return
    }
  }

  /// A draw of known columns, for what depends on nothing else.
  ///
  /// - Parameter count: Columns of a row.
  public init(columns: [Int], of count: Int) {
    self.columns = columns
    weights = columns.map { _ in Array(repeating: 1 / Double(count), count: count) }
    temperature = 1
  }

  /// -log E with E ~ Exp(1); infinite in one of 2⁵³ draws.
  private static func noise(using generator: inout KeyedGenerator) -> Double {
    let exponential = -PortableMath.log(1 - generator.uniform())
    return exponential > 0 ? -PortableMath.log(exponential) : .infinity
  }

  private static func logSoftmax(_ values: [Double]) -> [Double] {
    let largest = values.reduce(-.infinity, max)
    let sum = values.reduce(0.0) { $0 + PortableMath.exp($1 - largest) }
    guard sum.isFinite else { return values.map { _ in .nan } }
    return values.map { $0 - largest - PortableMath.log(sum) }
  }
}

extension Tape {
  /// The weights of a draw among a parameter's columns, differentiable by it.
  ///
  /// - Parameters:
  ///   - groups: How many neighbouring rows each result joins: the edges of a node.
  ///   - columns: Columns that have a result; the others have none, whatever their weight.
  /// - Returns: One tensor a group, shape `[1, 1, 1, n]`: a weight of 1 for each row whose drawn
  ///   column is among `columns`, then one of 0, whose gradient is that of each column of the group
  ///   that was not drawn.
  public func drawnRows(
    _ draw: GumbelDraw, _ parameter: Parameter, of parameters: Parameters, groups: [Int],
    columns: Range<Int>
  ) -> [Tensor] {
    let rows = parameter.sizes[0]
    check(
      parameter.sizes.count == 2 && groups.reduce(0, +) == rows && draw.columns.count == rows
        && draw.weights.allSatisfy { $0.count == parameter.sizes[1] },
      "drawnRows: a parameter \(parameter.sizes), rows \(groups), \(draw.columns.count) drawn")
    let places = DrawnPlaces(draw, groups: groups, columns: columns)
    let output = empty(
      Shape(rows: 1, columns: places.count), requiresGradient: differentiates(parameters))
    let cost = LogicalOperation(
      .memoryBound, flops: 10 * parameter.count, bytes: 12 * parameter.count)
    charge(cost)
    if output.requiresGradient { chargeBackward(cost) }
    compute { _ in
      for place in 0..<places.count { output.floats[place] = 0 }
      for case .some(let place) in places.drawn { output.floats[place] = 1 }
    }
    record(output) { [self] gradient in
      compute { _ in
        places.backward(draw, gradient.floats, parameters.gradientPointer(parameter))
      }
    }
    return places.groups.map { output.slice(channels: $0) }
  }
}

/// Where the weights of `drawnRows` stand.
private struct DrawnPlaces {
  /// Of each row, where the drawn column's weight is; `nil` if it has none.
  private(set) var drawn: [Int?] = []
  /// Of each row, where the weight of what was not drawn is.
  private(set) var others: [Int] = []
  private(set) var groups: [Range<Int>] = []
  private(set) var count = 0

  init(_ draw: GumbelDraw, groups sizes: [Int], columns: Range<Int>) {
    var row = 0
    for size in sizes {
      let first = count
      for column in draw.columns[row..<row + size] {
        drawn.append(columns.contains(column) ? count : nil)
        count += columns.contains(column) ? 1 : 0
      }
      others += Array(repeating: count, count: size)
      count += 1
      groups.append(first..<count)
      row += size
    }
  }

  /// dα_k += p_k (dp_k - Σ p dp) / τ; log softmax adds nothing, since the sum over k is zero.
  func backward(
    _ draw: GumbelDraw, _ gradient: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
  ) {
    for (row, weights) in draw.weights.enumerated() {
      let arrived = weights.indices.map { column in
        guard column == draw.columns[row] else { return Double(gradient[others[row]]) }
        return drawn[row].map { Double(gradient[$0]) } ?? 0
      }
      let mean = zip(weights, arrived).reduce(0.0) { $0 + $1.0 * $1.1 }
      for column in weights.indices {
        target[row * weights.count + column] += Float(
          weights[column] * (arrived[column] - mean) / draw.temperature)
      }
    }
  }
}
