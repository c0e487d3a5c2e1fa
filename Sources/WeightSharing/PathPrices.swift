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
  /// - Parameter draw: Draws a path; by default as the space does.
  init(
    of paths: any SharedPathWeights, _ recipe: SharedWeights.Recipe, in task: OneShotTask,
    drawing draw: ((inout KeyedGenerator) -> Architecture)? = nil
  ) {
    let (data, size) = (task.data, recipe.batchSize)
    var generator = RandomKey(seed: 0).child("path-prices").generator()
    var (step, rest, scores) = (Charge.zero, Charge.zero, Charge.zero)
    var dearest = Charge.zero
    var peak = 0
    let batches = data.batches(of: .training, size: size)
    let last = data.size(of: batches - 1, in: .training, batchSize: size)
    for _ in 0..<Self.samples {
      let architecture = draw?(&generator) ?? task.space.sample(using: &generator)
      func charge(_ examples: Int, isTraining: Bool) -> Charge {
        paths.charge(
          architecture, examples: examples, isTraining: isTraining,
          clips: recipe.clipNorm != nil, scoring: recipe.scoring,
          movesOffPath: recipe.movesOffPath, in: task)
      }
      step += charge(min(size, data.count(of: .training)), isTraining: true)
      rest += charge(last, isTraining: true)
      let score = charge(min(size, data.count(of: .validation)), isTraining: false)
      scores += score
      if score.referenceNanoseconds > dearest.referenceNanoseconds { dearest = score }
      peak = max(
        peak,
        paths.peakBytes(architecture, examples: min(size, data.count(of: .training)), in: task))
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
