import Datasets
import NeuralNetworks
import Randomness
import SearchCore
import TensorCore

/// A language model, trained and scored by perplexity.
///
/// A split is cut into as many stretches as there are sequences side by side, and read from their
/// beginnings to their ends; the hidden state is carried from minibatch to minibatch, and is zero at
/// the start of each pass. Every word but the split's first, and fewer than there are sequences at
/// its end, is predicted once a pass. Nothing is learnt from the words that are scored: there is no
/// dynamic evaluation.
public final class TextTrainee: Trainee {
  public let objective = Objective.perplexity
  private let model: any LanguageModel
  private let data: TextDataset
  private let split: TextSplit
  private let recipe: TrainingProtocol
  private let text: TextTraining
  private var test: [Int32]?
  // Of the pass that was begun: its words, where each minibatch starts, and what is carried.
  private var words: TextColumns
  private var starts: [Int] = []
  private var sizes: [MinibatchSize] = []
  public var carried: [[Float]] = []

  /// Puts a model and its text together.
  ///
  /// - Parameter recipe: One that says how text is trained on.
  public init(
    _ model: any LanguageModel, data: TextDataset, split: TextSplit, recipe: TrainingProtocol
  ) {
    self.model = model
    self.data = data
    self.split = split
    self.recipe = recipe
    text = recipe.text ?? TextTraining()
    words = TextColumns(split.training, count: recipe.batchSize)
  }

  public var parameters: Parameters { model.parameters }
  public var examplesPerEpoch: Int { split.wordsPredicted(batchSize: recipe.batchSize) }

  // MARK: Passes

  public func minibatches(of pass: DataPass, key: RandomKey) throws -> [MinibatchSize] {
    let words = try columns(of: pass)
    guard case .training(let epoch) = pass, text.shortSequences > 0 else {
      return sizes(StretchLengths(steps: text.unrolledSteps), words, key: key)
    }
    return sizes(
      StretchLengths(
        steps: text.unrolledSteps, shortShare: text.shortSequences,
        deviation: Self.lengthDeviation),
      words, key: key.child("lengths", epoch))
  }

  /// Of varying lengths, in words: Merity et al. 2018, arXiv 1708.02182, section 4.1.
  private static let lengthDeviation = 5.0

  private func columns(of pass: DataPass) throws -> TextColumns {
    switch pass {
    case .training: return TextColumns(split.training, count: recipe.batchSize)
    case .validation: return TextColumns(split.validation, count: text.evaluationBatch)
    case .test(let reason):
      let words = try test ?? data.openTest(reason: reason)
      test = words
      return TextColumns(words, count: text.testBatch)
    }
  }

  /// The learning rate follows a length that varies.
  private func sizes(
    _ lengths: StretchLengths, _ words: TextColumns, key: RandomKey
  ) -> [MinibatchSize] {
    lengths.stretches(of: words.length, key: key).map { stretch in
      MinibatchSize(
        rows: words.count, steps: stretch.count,
        rateFactor: lengths.deviation > 0 ? Double(stretch.count) / Double(lengths.steps) : 1)
    }
  }

  public func begin(_ pass: DataPass, key: RandomKey) throws {
    words = try columns(of: pass)
    sizes = try minibatches(of: pass, key: key)
    starts = []
    var start = 0
    for size in sizes {
      starts.append(start)
      start += size.steps
    }
    let tape = Tape.dry(isTraining: false)
    carried = model.initialState(batch: words.count, on: tape).map { state in
      [Float](repeating: 0, count: state.shape.count)
    }
  }

  // MARK: Minibatches

  public func score(
    _ index: Int, of pass: DataPass, during step: TrainingStep?, on tape: Tape
  ) -> MinibatchScore {
    let size = sizes[index]
    let batch = words.batch(from: starts[index], steps: size.steps)
    let state = zip(model.initialState(batch: size.rows, on: tape), carried).map { zero, values in
      tape.constant(values, zero.shape)
    }
    let pass = step.map {
      TrainingPass(key: $0.key.child("network", $0.updates), progress: Float($0.progress))
    }
    let result = model.score(batch, from: state, on: tape, during: pass)
    carried = result.state.map { $0.values() }
    let score = result.score
    return MinibatchScore(
      loss: score.loss, sum: score.loss * Double(score.count), count: score.count)
  }

  public func rehearse(_ size: MinibatchSize, on tape: Tape) {
    let pass = tape.isTraining ? TrainingPass(key: RandomKey(seed: 0), progress: 1) : nil
    _ = model.score(
      .unwritten(batch: size.rows, steps: size.steps),
      from: model.initialState(batch: size.rows, on: tape), on: tape, during: pass)
  }

  /// The exponential of the mean cross-entropy of a word, in nats.
  public func score(sum: Double, count: Int) -> Double {
    PortableMath.exp(sum / Double(count))
  }
}

/// The words that a search may see: those it trains on, and those it validates on.
public struct TextSplit: Hashable, Sendable {
  public let training: [Int32]
  public let validation: [Int32]

  /// The dataset's own splits, or their first words.
  ///
  /// - Parameters:
  ///   - trainingWords: At most so many; `nil` for all. So for `validationWords`.
  public init(_ data: TextDataset, trainingWords: Int? = nil, validationWords: Int? = nil) {
    training = Array(data.training.prefix(trainingWords ?? data.training.count))
    validation = Array(data.validation.prefix(validationWords ?? data.validation.count))
  }

  /// Words that an epoch of training predicts with so many sequences side by side.
  public func wordsPredicted(batchSize: Int) -> Int {
    let columns = TextColumns(training, count: batchSize)
    return columns.length * columns.count
  }
}
