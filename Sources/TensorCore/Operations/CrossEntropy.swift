import CKernels
import Checks
import OperationCosts

/// What a batch scored.
public struct BatchScore: Hashable, Sendable {
  /// Mean cross-entropy, in nats.
  public let loss: Double
  /// Examples whose largest logit is not the label's.
  public let wrong: Int
  public let count: Int

  public init(loss: Double, wrong: Int, count: Int) {
    self.loss = loss
    self.wrong = wrong
    self.count = count
  }
}

extension Tape {
  /// Scores logits against labels; on a training tape, also seeds the gradient of the mean loss.
  ///
  /// - Parameters:
  ///   - logits: A matrix `[N, classes]`.
  ///   - labels: One class a row.
  ///   - smoothing: Share of the target spread evenly over all classes (Szegedy et al. 2016,
  ///     arXiv 1512.00567, section 7).
  ///   - weight: Factor of this loss in the total: 0.4 for an auxiliary head.
  /// - Returns: The score; zeros from a dry tape.
  public func softmaxCrossEntropy(
    _ logits: Tensor, labels: [Int32], smoothing: Float = 0, weight: Float = 1
  ) -> BatchScore {
    let (rows, classes) = (logits.shape.batch, logits.shape.channels)
    check(
      isDry || labels.count == rows,
      "softmaxCrossEntropy: logits \(logits.shape) and \(labels.count) labels")
    check(
      labels.allSatisfy { $0 >= 0 && $0 < classes },
      "softmaxCrossEntropy: a label outside 0..<\(classes)")
    // Exponential, logarithm, sum, quotient and difference: 5 operations a logit and pass.
    let cost = LogicalOperation(
      .memoryBound, flops: 5 * rows * classes, bytes: 8 * rows * classes)
    charge(cost)
    chargeBackward(cost)
    let seed = isTraining ? logits.gradientSink(self).tensor : nil
    var score = BatchScore(loss: 0, wrong: 0, count: rows)
    compute { context in
      var losses = [Float](repeating: 0, count: rows)
      var correct = [UInt8](repeating: 0, count: rows)
      context.kernels.softmax_cross_entropy(
        context.pool, Int32(rows), Int32(classes), logits.floats, labels, smoothing,
        weight / Float(rows), &losses, &correct, seed?.floats)
      // In order, in double precision: the same for any number of threads.
      let total = losses.reduce(0.0) { $0 + Double($1) }
      let right = correct.reduce(0) { $0 + Int($1) }
      score = BatchScore(loss: total / Double(rows), wrong: rows - right, count: rows)
    }
    return score
  }
}
