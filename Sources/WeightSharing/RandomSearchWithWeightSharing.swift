import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces

/// Random search with weight sharing: every step trains the shared weights along another random
/// path; then random paths are scored in two stages and the best is chosen.
///
/// First candidates are scored on a few validation minibatches, then the best of them on the whole
/// validation split, in rounds: one for every 10,000 steps. Paths are drawn as the
/// space draws them: those of DARTS' cells without `none`, which the authors include.
///
/// The released code scores with running statistics, on augmented images, and each candidate on the
/// minibatches that follow those of the one before; and weights off a step's path decay and carry
/// their momentum on. The preset `released` has all of that. By default every candidate is scored on
/// the same plain minibatches with the minibatch's statistics, which compares them as pairs, and
/// weights off the path rest. After each epoch the released code also looks at ten validation
/// minibatches, to print a number; and it takes the best of the first round where ours is the best
/// of all rounds.
///
/// The paper has four seeds, as DARTS has, and trains each one's cell for 600 epochs to keep the best:
/// `searches: 4`.
///
/// Source: Li & Talwalkar, arXiv 1902.07638, section 3, and the released code.
public enum RandomSearchWithWeightSharing: WeightSharingMethod {
  public static let name = "random-search-weight-sharing"

  public static let settings =
    [
      MethodSetting(
        name: "rounds", defaultValue: 0, range: 0...1_000, isInteger: true,
        source: "arXiv 1902.07638's code; 0 for one in 10,000 steps, at least one"),
      MethodSetting(
        name: "candidates", defaultValue: 1_000, range: 1...1_000_000, isInteger: true,
        source: "architectures scored in a round, arXiv 1902.07638"),
      MethodSetting(
        name: "candidate-batches", defaultValue: 10, range: 1...100_000, isInteger: true,
        source: "validation minibatches of a first score, arXiv 1902.07638"),
      MethodSetting(
        name: "finalists", defaultValue: 10, range: 1...10_000, isInteger: true,
        source: "architectures scored on the whole split, arXiv 1902.07638"),
      MethodSetting(
        name: "score-batch-size", defaultValue: 0, range: 0...65_536, isInteger: true,
        source: "0 for batch-size; 1024 sequences in the released code's language models"),
      MethodSetting(
        name: "fresh-minibatches", defaultValue: 0, range: 0...1, isInteger: true,
        source: "1 goes on through the validation split from candidate to candidate, as the "
          + "released code; 0 scores all on the same minibatches"),
      StretchLengths.deviationSetting,
    ] + SharedWeights.Recipe.pathSettings
    + SeedSelection.settings(
      searches: 1, epochs: 600,
      source: "arXiv 1902.07638, section 4: four seeds, each cell trained for 600 epochs")
    + SharedWeights.Recipe.settings(of: .randomPaths)

  public static let presets = [
    MethodPreset(
      name: "nas-bench-201",
      values: [
        "rounds": 1, "candidates": 100, "candidate-batches": 8, "finalists": 1,
        "fresh-minibatches": 1, "off-path-updates": 1, "final-learning-rate": 0.001,
        "weight-decay": 5e-4, "nesterov": 1,
      ],
      source: "arXiv 2001.00326 and D-X-Y/AutoDL-Projects, 250 epochs; their candidates are scored "
        + "on one minibatch of 512, here on eight of 64, and the best once more on all; with "
        + "running-statistics: 1 the other of their two modes"),
    MethodPreset(
      name: "released",
      values: [
        "running-statistics": 1, "augmented-scores": 1, "fresh-minibatches": 1,
        "off-path-updates": 1,
      ],
      source: "liamcli/randomNAS_release, benchmarks/cnn/darts/darts_wrapper_discrete.py"),
    MethodPreset(
      name: "released-rnn",
      values: [
        "candidates": 1_000, "candidate-batches": 100_000, "finalists": 1, "batch-size": 64,
        "score-batch-size": 1_024, "learning-rate": 20, "final-learning-rate": 20, "momentum": 0,
        "weight-decay": 8e-7, "gradient-clip": 0.1, "off-path-updates": 1,
      ],
      source: "arXiv 1902.07638, Table 2, setting 4, and liamcli/randomNAS_release, whose language "
        + "models are scored on the whole validation text, once"),
  ]

  public static func search(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> any Evaluation & Checkpointable {
    try SeedSelection.search(task, settings, of: name) { task, share throws(MethodError) in
      RandomPathSearch(try plan(task, settings), share)
    }
  }

  public static func forecast(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> OneShotForecast {
    let plan = try plan(task, settings)
    return try SeedSelection.forecast(
      OneShotForecast(
        epoch: plan.prices.epoch, selection: plan.reserve,
        peakMemoryBytes: plan.prices.peakBytes), task, settings, of: name)
  }

  /// A search with everything that follows from its settings.
  struct Plan {
    let task: OneShotTask
    let weights: any PathWeights
    let recipe: SharedWeights.Recipe
    /// Images of a minibatch that candidates are scored on, or sequences side by side.
    let scoreBatchSize: Int
    let schedule: Schedule
    let rounds: Int
    let candidates: Int
    let candidateBatches: Int
    let finalists: Int
    let hasFreshMinibatches: Bool
    let prices: PathPrices

    /// What the choice may cost: every look at the validation split at the price of the dearest of
    /// some paths.
    var reserve: Charge {
      let batches = weights.validationBatches(size: scoreBatchSize)
      let looks = candidates * min(candidateBatches, batches) + min(finalists, candidates) * batches
      return prices.dearestScore * (rounds * looks)
    }
  }

  private static func plan(
    _ task: OneShotTask, _ settings: MethodSettings
  ) throws(MethodError) -> Plan {
    let recipe = SharedWeights.Recipe(ofPaths: settings)
    let scoreBatchSize =
      settings["score-batch-size"] > 0
      ? Int(settings["score-batch-size"])
      : recipe.batchSize
    let weights = try weights(task, recipe, settings, scoreBatchSize)
    let prices = PathPrices(of: weights, in: task, scoring: scoreBatchSize)
    let epochs = OneShotForecast(epoch: prices.epoch, selection: .zero, peakMemoryBytes: nil)
      .epochs(within: task.budget, examplesPerEpoch: task.data.count(of: .training))
    let share = epochs / settings["searches"] * Double(weights.usualBatches)
    let foreseen = Int(min(1e9, share) / 10_000)
    let rounds = Int(settings["rounds"])
    return Plan(
      task: task, weights: weights, recipe: recipe, scoreBatchSize: scoreBatchSize,
      schedule: recipe.schedule(settings),
      rounds: rounds > 0 ? rounds : min(1_000, max(1, foreseen)),
      candidates: Int(settings["candidates"]),
      candidateBatches: Int(settings["candidate-batches"]),
      finalists: Int(settings["finalists"]),
      hasFreshMinibatches: settings["fresh-minibatches"] == 1, prices: prices)
  }

  /// The shared weights of the task's space with its data.
  private static func weights(
    _ task: OneShotTask, _ recipe: SharedWeights.Recipe, _ settings: MethodSettings,
    _ scoreBatchSize: Int
  ) throws(MethodError) -> any PathWeights {
    if let space = task.space as? any WeightSharingLanguageSpace {
      return try SharedLanguageWeights(
        of: space, recipe, settings, scoredBatch: scoreBatchSize, for: task, by: Self.self)
    }
    guard let space = task.space as? any WeightSharingSearchSpace else {
      throw unsuitable(task.space, expected: WeightSharingCatalog.spaces)
    }
    let images = try task.images(for: Self.self)
    return SharedWeights(
      space.sharedWeights(
        scale: task.scale, classes: images.classes, options: images.plainOptions),
      recipe, on: images, for: task)
  }
}
