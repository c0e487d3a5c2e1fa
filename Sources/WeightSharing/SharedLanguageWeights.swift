import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// Shared weights of recurrent cells in training on a text: steps along sampled paths, and scores.
///
/// The hidden state is carried from stretch to stretch, whatever path the next one takes, and is
/// zero where an epoch begins. The learning rate is scaled by a stretch's length over the usual one,
/// as in AWD-LSTM.
///
/// Source: the released codes of ENAS' language models (`enas_lm`), DARTS and random search with
/// weight sharing; they penalise and drop out as AWD-LSTM does (arXiv 1708.02182).
final class SharedLanguageWeights: PathWeights {
  let measure = ScoreMeasure.perplexity
  private let paths: any SharedLanguagePaths
  private let recipe: SharedWeights.Recipe
  private let source: any TextSource
  private let task: OneShotTask
  private let training: TextStream
  private let carried: CarriedState
  /// Of the candidate that is being scored, and of how many sequences.
  private let scored: CarriedState
  private let scoredBatch: Int
  private lazy var optimizer = SGD(
    paths.parameters, momentum: Float(recipe.momentum), isNesterov: recipe.isNesterov,
    weightDecay: Float(recipe.weightDecay), clipNorm: recipe.clipNorm.map { Float($0) },
    in: task.context)
  private var validations: [Int: TextStream] = [:]
  private var prices: [Price: Charge] = [:]

  private struct Price: Hashable {
    let architecture: Architecture
    let batch: Int
    let steps: Int
    let isTraining: Bool
  }

  /// - Parameters:
  ///   - lengths: How long the training text's stretches are.
  ///   - scoredBatch: Sequences side by side wherever a hidden state is carried on in scores.
  init(
    _ paths: any SharedLanguagePaths, _ recipe: SharedWeights.Recipe, on source: any TextSource,
    _ lengths: StretchLengths, scoredBatch: Int, for task: OneShotTask
  ) {
    self.paths = paths
    self.recipe = recipe
    self.source = source
    self.task = task
    self.scoredBatch = scoredBatch
    training = TextStream(
      source.tokens(of: .training), batch: recipe.batchSize, lengths,
      key: task.key.child("training"))
    let any = Architecture(
      space: type(of: task.space).name, choices: task.space.decisions.map { _ in 0 })
    let model = paths.child(of: any)
    carried = CarriedState("training", of: model, batch: recipe.batchSize)
    scored = CarriedState("scored", of: model, batch: scoredBatch)
  }

  /// Declares the weights of a space for a task's texts.
  ///
  /// - Throws: `MethodError` if the task has images, or texts that are too short.
  convenience init(
    of space: any WeightSharingLanguageSpace, _ recipe: SharedWeights.Recipe,
    _ settings: MethodSettings, scoredBatch: Int, for task: OneShotTask,
    by method: any OneShotMethod.Type
  ) throws(MethodError) {
    let source = try task.texts(
      for: method, [.training: recipe.batchSize, .validation: max(recipe.batchSize, scoredBatch)])
    self.init(
      space.sharedWeights(words: source.words, training: source.training), recipe, on: source,
      StretchLengths(source.training, settings), scoredBatch: scoredBatch, for: task)
  }

  func allocate() {
    paths.parameters.allocate(in: task.context, key: task.key.child("weights"))
    for state in [carried, scored] {
      state.values.allocate(in: task.context, key: task.key.child("carried"))
    }
  }

  var arrays: ParameterArrays {
    var arrays = ParameterArrays()
    arrays.add(paths.parameters, optimizer)
    for state in [carried, scored] {
      arrays.add("carried", state.values.trainable, state.values.flatValues)
    }
    return arrays
  }

  // MARK: Steps

  func place(_ index: Int) -> StreamPlace { training.place(index) }

  var usualBatches: Int { training.usualCount }

  func step(
    _ architecture: Architecture, minibatch index: Int, learningRate: Double, progress: Double
  ) -> BatchScore {
    let stretch = training.stretch(index)
    paths.parameters.clearGradients()
    let tape = Tape(task.context, isTraining: true)
    let scored = paths.child(of: architecture).score(
      training.columns.batch(from: stretch.start, steps: stretch.steps),
      from: carried.tensors(on: tape, isFresh: stretch.isFirst), on: tape,
      during: TrainingPass(key: task.key.child("pass", index), progress: Float(progress)))
    tape.backward()
    carried.keep(scored.state)
    let share = Double(stretch.steps) / Double(training.lengths.steps)
    optimizer.step(learningRate: Float(learningRate * share), isTouchedOnly: !recipe.movesOffPath)
    return scored.score
  }

  func chargeOfStep(_ architecture: Architecture, minibatch index: Int) -> Charge {
    price(
      Price(
        architecture: architecture, batch: recipe.batchSize, steps: training.stretch(index).steps,
        isTraining: true))
  }

  // MARK: Scores

  private func validation(_ size: Int) -> TextStream {
    if let known = validations[size] { return known }
    let stream = TextStream(
      source.tokens(of: .validation), batch: size,
      StretchLengths(steps: training.lengths.steps), key: RandomKey(seed: 0))
    validations[size] = stream
    return stream
  }

  func validationBatches(size: Int) -> Int { validation(size).usualCount }

  /// With a key, from a hidden state of zeros, and the split's stretches in turn, as in `enas_lm`.
  func score(
    _ architecture: Architecture, minibatch index: Int, size: Int, key: RandomKey?
  ) -> BatchScore {
    let (stream, isAlone) = (validation(size), key != nil || size != scoredBatch)
    let stretch = stream.stretch(index)
    let tape = Tape(task.context, isTraining: false, usesBatchStatistics: true)
    let model = paths.child(of: architecture)
    let state =
      isAlone
      ? model.initialState(batch: size, on: tape)
      : scored.tensors(on: tape, isFresh: stretch.isFirst)
    let found = model.score(
      stream.columns.batch(from: stretch.start, steps: stretch.steps), from: state, on: tape,
      during: nil)
    if !isAlone { scored.keep(found.state) }
    return found.score
  }

  func chargeOfScore(_ architecture: Architecture, minibatch index: Int, size: Int) -> Charge {
    price(
      Price(
        architecture: architecture, batch: size, steps: validation(size).stretch(index).steps,
        isTraining: false))
  }

  /// 80 / perplexity: the constant of Zoph & Le, but the first power, as the released codes have it.
  func reward(of value: Double) -> Double { 80 / value }

  // MARK: Prices

  private func price(_ price: Price) -> Charge {
    if let charge = prices[price] { return charge }
    // Paths hardly come back, lengths do.
    if prices.count > 256 { prices = [:] }
    let tape = dryRun(price)
    var operations = tape.operations
    if price.isTraining {
      operations += SGD.operations(
        recipe.movesOffPath ? paths.parameters.unfixed : tape.trained,
        clips: recipe.clipNorm != nil)
    }
    // Words are copied in no time.
    let charge = task.device.charge(
      for: operations, examples: 0,
      trainingExamples: price.isTraining ? price.batch * price.steps : 0)
    prices[price] = charge
    return charge
  }

  private func dryRun(_ price: Price) -> Tape {
    let tape = Tape.dry(isTraining: price.isTraining, usesBatchStatistics: true)
    let model = paths.child(of: price.architecture)
    _ = model.score(
      .unwritten(batch: price.batch, steps: price.steps),
      from: model.initialState(batch: price.batch, on: tape), on: tape,
      during: price.isTraining ? TrainingPass(key: RandomKey(seed: 0), progress: 1) : nil)
    return tape
  }

  func peakBytes(_ architecture: Architecture) -> Int {
    let tape = dryRun(
      Price(
        architecture: architecture, batch: recipe.batchSize, steps: training.stretch(0).steps,
        isTraining: true))
    tape.backward()
    return tape.peakBytes + (recipe.momentum > 0 ? 12 : 8) * paths.parameters.count
  }
}
