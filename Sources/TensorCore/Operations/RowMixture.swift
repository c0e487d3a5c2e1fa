import Checks
import OperationCosts

extension Tape {
  /// Mixes the rows of some matrices, each row with weights of its own.
  ///
  /// What a controller reads next: the state at a chosen anchor (a weight of 1 and zeros), or a mean
  /// of several.
  ///
  /// - Parameters:
  ///   - terms: Matrices `[N, C]`, at least one.
  ///   - weights: For each of the N rows a weight a term, without gradient; empty on a dry tape.
  /// - Returns: A matrix `[N, C]`: row n is Σ weight of n and term · row n of the term.
  public func mixRows(_ terms: [Tensor], weights: [[Float]]) -> Tensor {
    let shape = require(terms.first, "mixRows: no terms").shape
    check(
      terms.allSatisfy { $0.shape == shape && $0.isPacked }
        && (isDry || weights.count == shape.batch)
        && weights.allSatisfy { $0.count == terms.count },
      "mixRows: \(terms.count) terms \(shape) and weights of \(weights.count) rows disagree")
    let output = empty(shape, requiresGradient: terms.contains { $0.requiresGradient })
    let cost = LogicalOperation(
      .memoryBound, flops: 2 * terms.count * shape.count, bytes: 4 * (terms.count + 1) * shape.count
    )
    charge(cost)
    if output.requiresGradient { chargeBackward(cost) }
    let width = shape.channels
    compute { _ in
      for row in 0..<shape.batch {
        for column in row * width..<(row + 1) * width {
          output.floats[column] = terms.indices.reduce(0) {
            $0 + weights[row][$1] * terms[$1].floats[column]
          }
        }
      }
    }
    record(output) { [self] gradient in
      for (index, term) in terms.enumerated() where term.requiresGradient {
        let (sink, accumulates) = term.gradientSink(self)
        compute { _ in
          for place in 0..<shape.count {
            let part = weights[place / width][index] * gradient.floats[place]
            sink.floats[place] = (accumulates ? sink.floats[place] : 0) + part
          }
        }
      }
    }
    return output
  }
}
