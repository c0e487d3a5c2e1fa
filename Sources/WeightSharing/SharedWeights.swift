import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// The shared weights in training: steps along sampled paths, and scores of paths.
///
/// A step moves the weights of its path alone, unless a recipe says otherwise; what it is charged is
/// one child network's step. Paths are scored with the statistics of the minibatch, unless a recipe
/// says otherwise: the running ones mix all paths.
final class SharedWeights: PathWeights {
  /// How the weights are trained.
  struct Recipe {
    var batchSize: Int
    var momentum: Double
    var isNesterov: Bool
    var weightDecay: Double
    /// Largest norm of the gradient; `nil` for no clipping.
    var clipNorm: Double?
    /// Factor of an auxiliary head's loss, where there is one.
    var auxiliaryWeight: Float = 0
    /// Whether weights off a step's path decay and carry their momentum on as well. Here they do so
    /// from the first step; under PyTorch from the first step that has them on its path.
    var movesOffPath = false
    var scoring = PathScoring()
  }

  let paths: any SharedPathWeights
  let recipe: Recipe
  let measure = ScoreMeasure.error
  private lazy var optimizer = SGD(
    paths.parameters, momentum: Float(recipe.momentum), isNesterov: recipe.isNesterov,
    weightDecay: Float(recipe.weightDecay), clipNorm: recipe.clipNorm.map { Float($0) },
    in: task.context)
  private let task: OneShotTask
  private let images: any MinibatchSource
  private var prices: [Price: Charge] = [:]

  private struct Price: Hashable {
    let architecture: Architecture
    let examples: Int
    let isTraining: Bool
  }

  init(
    _ paths: any SharedPathWeights, _ recipe: Recipe, on images: any MinibatchSource,
    for task: OneShotTask
  ) {
    self.paths = paths
    self.recipe = recipe
    self.task = task
    self.images = images
  }

  func allocate() {
    paths.parameters.allocate(in: task.context, key: task.key.child("weights"))
  }

  var arrays: ParameterArrays {
    var arrays = ParameterArrays()
    arrays.add(paths.parameters, optimizer)
    return arrays
  }

  // MARK: Steps

  func place(_ index: Int) -> StreamPlace {
    images.place(index, of: .training, batchSize: recipe.batchSize)
  }

  var usualBatches: Int { images.batches(of: .training, size: recipe.batchSize) }

  func step(
    _ architecture: Architecture, minibatch index: Int, learningRate: Double, progress: Double
  ) -> BatchScore {
    let parameters = paths.parameters
    parameters.clearGradients()
    let tape = Tape(task.context, isTraining: true)
    let batch = images.minibatch(
      index, of: .training, size: recipe.batchSize, isAugmented: true,
      key: task.key.child("training"), on: tape)
    let pass = TrainingPass(key: task.key.child("pass", index), progress: Float(progress))
    let (score, _) = paths.child(of: architecture).score(
      batch.images, labels: batch.labels, on: tape, during: pass,
      auxiliaryWeight: recipe.auxiliaryWeight)
    tape.backward()
    optimizer.step(learningRate: Float(learningRate), isTouchedOnly: !recipe.movesOffPath)
    return score
  }

  func chargeOfStep(_ architecture: Architecture, minibatch index: Int) -> Charge {
    price(Price(architecture: architecture, examples: place(index).examples, isTraining: true))
  }

  // MARK: Scores

  func validationBatches(size: Int) -> Int { images.batches(of: .validation, size: size) }

  func reward(of value: Double) -> Double { task.objective.reward(of: value) }

  /// Scores a path on a minibatch of the validation split.
  ///
  /// - Parameter key: Of the stream of minibatches; `nil` for the split in its own order, plain.
  func score(
    _ architecture: Architecture, minibatch index: Int, size: Int, key: RandomKey?
  ) -> BatchScore {
    let tape = Tape(
      task.context, isTraining: false,
      usesBatchStatistics: !recipe.scoring.usesRunningStatistics)
    let batch =
      key.map {
        images.minibatch(
          index, of: .validation, size: size, isAugmented: recipe.scoring.augments, key: $0,
          on: tape)
      } ?? images.plainMinibatch(index, of: .validation, size: size, on: tape)
    let (score, _) = paths.child(of: architecture).score(
      batch.images, labels: batch.labels, on: tape,
      during: recipe.scoring.pass(task.key.child("score", index)))
    return score
  }

  func chargeOfScore(_ architecture: Architecture, minibatch index: Int, size: Int) -> Charge {
    price(
      Price(
        architecture: architecture,
        examples: images.size(of: index, in: .validation, batchSize: size), isTraining: false))
  }

  private func price(_ price: Price) -> Charge {
    if let charge = prices[price] { return charge }
    // Paths hardly come back, sizes of minibatches do.
    if prices.count > 256 { prices = [:] }
    let charge = paths.charge(
      price.architecture, examples: price.examples, isTraining: price.isTraining,
      clips: recipe.clipNorm != nil, scoring: recipe.scoring, movesOffPath: recipe.movesOffPath,
      image: images.image, on: task.device)
    prices[price] = charge
    return charge
  }

  func peakBytes(_ architecture: Architecture) -> Int {
    paths.peakBytes(architecture, examples: place(0).examples, image: images.image)
  }
}

/// How paths are scored.
package struct PathScoring {
  /// Whether features before the classifier drop out as in training.
  var dropsFeatures = false
  /// Whether normalisations use the statistics of all paths' past minibatches.
  var usesRunningStatistics = false
  /// Whether images are augmented as in training.
  var augments = false

  /// What drops out in a score: features, but no paths.
  func pass(_ key: RandomKey) -> TrainingPass? {
    dropsFeatures ? TrainingPass(key: key, progress: 0) : nil
  }
}

/// Height, width and channels of an image.
package typealias ImageSize = (height: Int, width: Int, channels: Int)

extension SharedPathWeights {
  /// What a step or a score of a path is charged, learnt from a dry tape.
  ///
  /// - Parameter movesOffPath: Whether a step moves all weights.
  package func charge(
    _ architecture: Architecture, examples: Int, isTraining: Bool, clips: Bool,
    scoring: PathScoring? = nil, movesOffPath: Bool = false, image: ImageSize,
    on device: DeviceProfile
  ) -> Charge {
    let tape = dryRun(
      architecture, examples: examples, isTraining: isTraining, scoring ?? PathScoring(), image)
    var operations = tape.operations
    if isTraining {
      operations += SGD.operations(
        movesOffPath ? parameters.unfixed : tape.trained, clips: clips)
    }
    return device.charge(
      for: operations, examples: examples, trainingExamples: isTraining ? examples : 0)
  }

  /// Most bytes in use in a step of a path, with weights, gradients and momenta of all paths.
  func peakBytes(_ architecture: Architecture, examples: Int, image: ImageSize) -> Int {
    let tape = dryRun(architecture, examples: examples, isTraining: true, PathScoring(), image)
    tape.backward()
    return tape.peakBytes + 12 * parameters.count
  }

  private func dryRun(
    _ architecture: Architecture, examples: Int, isTraining: Bool, _ scoring: PathScoring,
    _ size: ImageSize
  ) -> Tape {
    let tape = Tape.dry(
      isTraining: isTraining, usesBatchStatistics: isTraining || !scoring.usesRunningStatistics)
    let images = tape.empty(
      Shape(examples, size.height, size.width, size.channels), requiresGradient: false)
    let key = RandomKey(seed: 0)
    // At the end of a training, when all that drops out does.
    _ = child(of: architecture).score(
      images, labels: [], on: tape,
      during: isTraining ? TrainingPass(key: key, progress: 1) : scoring.pass(key))
    return tape
  }
}
