import Datasets
import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import TensorCore
import Testing
import Training

/// Language models in the training loop.
@Suite struct TextTraineeTests {
  private static let words = 12

  /// A text in which each word follows from the one before it, but for some.
  private static func text(count: Int, seed: UInt64) -> [Int32] {
    var generator = RandomKey(seed: seed).generator()
    var text: [Int32] = [0]
    while text.count < count {
      let isFree = generator.bernoulli(0.2)
      text.append(
        isFree ? Int32(generator.integer(below: words)) : (text[text.count - 1] * 5 + 1) % 12)
    }
    return text
  }

  private static func data() -> TextDataset {
    TextDataset(
      name: "synthetic", version: "1", words: (0..<words).map { "w\($0)" },
      training: text(count: 403, seed: 1), validation: text(count: 105, seed: 2), testCount: 83,
      checksums: [], readTest: { text(count: 83, seed: 3) })
  }

  private static let device = DeviceProfile(
    name: "device", title: "Device", gigaflopsPerSecond: [.denseConvolution: 100],
    gigabytesPerSecond: 10, launchMicroseconds: 5, inputMicrosecondsPerExample: 1, sources: [])

  private static func recipe(
    epochs: Int = 4, shortSequences: Double = 0, unrolledSteps: Int = 10, trigger: Int? = nil,
    evaluationBatch: Int = 3, learningRate: Double = 1
  ) -> TrainingProtocol {
    var recipe = TrainingProtocol.zarembaSmall
    (recipe.epochs, recipe.batchSize) = (epochs, 4)
    recipe.learningRate = learningRate
    recipe.text = TextTraining(
      hidden: 6, unrolledSteps: unrolledSteps, shortSequences: shortSequences,
      hiddenDropout: 0.2, evaluationBatch: evaluationBatch, averagingTrigger: trigger)
    return recipe
  }

  private static func trainee(_ recipe: TrainingProtocol) -> TextTrainee {
    let data = data()
    return TextTrainee(
      LSTMLanguageModel(words: words, training: recipe.text ?? TextTraining()), data: data,
      split: TextSplit(data), recipe: recipe)
  }

  private static func loop(
    _ recipe: TrainingProtocol, updates: Int, threads: Int = 1, validatesEpochs: Bool = true
  ) throws -> TrainingLoop {
    let trainee = trainee(recipe)
    return TrainingLoop(
      TrainingLoop.Task(
        trainee: trainee,
        pricing: TrainingPricing(trainee, rule: UpdateRule(recipe), device: device),
        recipe: recipe, length: .updates(updates), context: try ComputeContext(threads: threads),
        key: RandomKey(seed: 7), phases: (.finalTraining, .scheduledEvaluation),
        testReason: "a test", validatesEpochs: validatesEpochs))
  }

  private static func finish(_ loop: TrainingLoop) throws -> [StepReport] {
    var reports: [StepReport] = []
    repeat { reports.append(try loop.step()) } while reports.last?.outcome == nil
    return reports
  }

  // MARK: Passes

  private static let key = RandomKey(seed: 5)

  /// The last words that do not fill a row of stretches are left out, and the first has none before.
  @Test(arguments: [(1, 104), (3, 102), (4, 104), (5, 100)])
  func aPassPredictsEachWordOnce(stretches: Int, words: Int) throws {
    let trainee = Self.trainee(Self.recipe(evaluationBatch: stretches))
    let sizes = try trainee.minibatches(of: .validation, key: Self.key)
    #expect(sizes.reduce(0) { $0 + $1.examples } == words)
    #expect(sizes.dropLast().allSatisfy { $0.steps == 10 && $0.rows == stretches })
  }

  /// The hidden state is carried: however the text is cut into minibatches, words are scored alike.
  @Test(arguments: [1, 3])
  func theCutOfATextChangesNoScore(stretches: Int) throws {
    func score(_ unrolledSteps: Int) throws -> Double {
      let trainee = Self.trainee(
        Self.recipe(unrolledSteps: unrolledSteps, evaluationBatch: stretches))
      let context = try ComputeContext()
      trainee.parameters.allocate(in: context, key: RandomKey(seed: 2))
      try trainee.begin(.validation, key: Self.key)
      let sizes = try trainee.minibatches(of: .validation, key: Self.key)
      var (sum, count) = (0.0, 0)
      for index in sizes.indices {
        let tape = Tape(context, isTraining: false)
        let score = trainee.score(index, of: .validation, during: nil, on: tape)
        sum += score.sum
        count += score.count
      }
      return trainee.score(sum: sum, count: count)
    }
    let whole = try score(104)
    // Far from the number of words, which is what guessing gives.
    #expect(abs(whole - 12) > 1e-3)
    for steps in [1, 7, 10] { #expect(abs(try score(steps) / whole - 1) < 1e-6) }
  }

  @Test func variableLengthsFillTheTextAndScaleTheRate() throws {
    let trainee = Self.trainee(Self.recipe(shortSequences: 0.3, unrolledSteps: 16))
    var found: Set<Int> = []
    for epoch in 0..<40 {
      let sizes = try trainee.minibatches(of: .training(epoch: epoch), key: Self.key)
      #expect(sizes.reduce(0) { $0 + $1.steps } == 100)
      #expect(sizes.dropLast().allSatisfy { (5...36).contains($0.steps) })
      #expect(sizes.allSatisfy { $0.rateFactor == Double($0.steps) / 16 })
      #expect(try trainee.minibatches(of: .training(epoch: epoch), key: Self.key) == sizes)
      found.formUnion(sizes.map(\.steps))
    }
    #expect(found.count > 15)
    // Validation is never cut at random.
    let fixed = try trainee.minibatches(of: .validation, key: Self.key)
    #expect(fixed.dropLast().allSatisfy { $0.steps == 16 && $0.rateFactor == 1 })
  }

  // MARK: Training

  @Test func aModelLearnsAndTellsHow() throws {
    var recipe = Self.recipe(epochs: 6)
    recipe.text?.hidden = 12
    recipe.text?.initialBound = 0.8
    recipe.text?.hiddenDropout = 0
    let reports = try Self.finish(Self.loop(recipe, updates: 60))
    let points = reports.compactMap(\.learning)
    #expect(points.map(\.epochs) == [1, 2, 3, 4, 5, 6])
    #expect(points.map(\.learningRate) == [1, 1, 1, 1, 0.5, 0.25])
    #expect(points.allSatisfy { $0.validation != nil })
    #expect(points[5].trainingLoss < points[0].trainingLoss - 0.3)
    let measurement = try #require(reports.last?.outcome?.measurement)
    #expect(measurement.validation == points[5].validation)
    // The source has a perplexity of 2.5; guessing, of 12.
    #expect(try #require(measurement.test) < 6)
    #expect(reports.compactMap(\.testSplitRead) == ["a test"])
  }

  /// Averaging begins after the third epoch, whose score is above the first's.
  private static let hard = recipe(
    epochs: 5, shortSequences: 0.3, trigger: 1, learningRate: 1)

  @Test(arguments: [0, 1, 9, 17, 23, 31, 44, 52])
  func goingOnFromAnyStepGivesTheSameBits(step: Int) throws {
    let whole = try Self.finish(Self.loop(Self.hard, updates: 52))
    let first = try Self.loop(Self.hard, updates: 52)
    for _ in 0..<step { _ = try first.step() }
    let second = try Self.loop(Self.hard, updates: 52, threads: 2)
    try second.restore(from: first.snapshot())
    let rest = try Self.finish(second)
    #expect(rest.map(\.charge) == whole.dropFirst(step).map(\.charge))
    #expect(rest.compactMap(\.learning) == whole.dropFirst(step).compactMap(\.learning))
    #expect(rest.last?.outcome == whole.last?.outcome)
  }

  /// What is evaluated is the average: another training differs from the trigger on.
  @Test func averagesAreEvaluated() throws {
    var plain = Self.hard
    plain.text?.averagingTrigger = nil
    let curves = try [Self.hard, plain].map { recipe in
      try Self.finish(Self.loop(recipe, updates: 52)).compactMap(\.learning)
    }
    #expect(curves[0].map(\.trainingLoss) == curves[1].map(\.trainingLoss))
    #expect(curves[0].prefix(3) == curves[1].prefix(3))
    #expect(curves[0].map(\.validation) != curves[1].map(\.validation))
  }

  /// By hand, as the released code compares: `val > min(earlier[:-trigger])`.
  @Test(arguments: [
    ([Double](), 1, false), ([5], 1, false), ([5, 6], 1, false), ([5, 6, 5.5], 1, true),
    ([5, 6, 4], 1, false), ([5, 4, 4.5], 1, false), ([5, 4, 4.5, 4.2], 1, true),
    ([9, 8, 7, 6, 5, 5.5], 5, false), ([9, 8, 7, 6, 5, 10, 9.5], 5, true),
  ])
  func averagingBeginsWhenScoresStall(scores: [Double], trigger: Int, expected: Bool) {
    #expect(
      TrainingLoop.hasStalled(scores, trigger: trigger, objective: .perplexity) == expected)
  }
}
