import OperationCosts
import Randomness
import SearchCore
import SearchSpaces

/// What steps and scores of random paths cost: for forecasts and reserves.
struct PathPrices {
  /// Mean charge of an epoch of weight steps.
  let epoch: Charge
  /// Mean charge of a score on a full validation minibatch.
  let score: Charge
  /// Largest charge of such a score.
  let dearestScore: Charge
  /// Most memory of a step, in bytes.
  let peakBytes: Int

  /// Number of paths that are looked at.
  private static let samples = 32

  /// Prices paths that do not depend on the search's key.
  ///
  /// - Parameters:
  ///   - size: Of a validation minibatch.
  ///   - draw: Draws a path; by default as the space does.
  init(
    of weights: any PathWeights, in task: OneShotTask, scoring size: Int,
    drawing draw: ((inout KeyedGenerator) -> Architecture)? = nil
  ) {
    var generator = RandomKey(seed: 0).child("path-prices").generator()
    var (step, rest, scores) = (Charge.zero, Charge.zero, Charge.zero)
    var dearest = Charge.zero
    var peak = 0
    let batches = weights.usualBatches
    for _ in 0..<Self.samples {
      let architecture = draw?(&generator) ?? task.space.sample(using: &generator)
      step += weights.chargeOfStep(architecture, minibatch: 0)
      rest += weights.chargeOfStep(architecture, minibatch: batches - 1)
      let score = weights.chargeOfScore(architecture, minibatch: 0, size: size)
      scores += score
      if score.referenceNanoseconds > dearest.referenceNanoseconds { dearest = score }
      peak = max(peak, weights.peakBytes(architecture))
    }
    epoch = (step * (batches - 1) + rest).divided(by: Self.samples)
    score = scores.divided(by: Self.samples)
    dearestScore = dearest
    peakBytes = peak
  }
}

extension Charge {
  /// An equal part of a charge, rounded down.
  func divided(by count: Int) -> Charge {
    Charge(
      flops: flops / Int128(count), bytes: bytes / Int128(count),
      referenceNanoseconds: referenceNanoseconds / Int128(count),
      trainingExamples: trainingExamples / count)
  }
}
