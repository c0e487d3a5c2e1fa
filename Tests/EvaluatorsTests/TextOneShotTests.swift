import Datasets
import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing
import Training
import WeightSharing

/// One-shot searches on the words of a text.
@Suite struct TextOneShotTests {
  private static func data(testShift: Int = 0) -> TextDataset {
    func text(_ count: Int, _ shift: Int = 0) -> [Int32] {
      (0..<count).map { Int32(($0 * $0 + shift) % 7) }
    }
    return TextDataset(
      name: "synthetic", version: "1", words: (0..<7).map { "w\($0)" }, training: text(203),
      validation: text(60), testCount: 60, checksums: [], readTest: { text(60, testShift) })
  }

  private static let recipe = {
    var recipe = TrainingProtocol.dartsRecurrentSearch
    (recipe.epochs, recipe.batchSize, recipe.learningRate) = (1, 4, 2)
    recipe.text = TextTraining(
      hidden: 6, layers: 1, unrolledSteps: 10, shortSequences: 0.05, sumsOverSteps: false,
      tiedEmbeddings: true, initialBound: nil, hiddenDropout: 0.25, variationalDropout: true,
      evaluationBatch: 3)
    return recipe
  }()

  private func evaluator(_ data: TextDataset) throws -> TrainingEvaluator {
    TrainingEvaluator(
      TextTask(
        space: DARTSRecurrent(), data: data, split: TextSplit(data),
        batchSize: Self.recipe.batchSize),
      training: Self.recipe, device: SyntheticData.device, context: try ComputeContext())
  }

  /// Another batch than that of trials: 203 words are 4 sequences of 50 in the one, and 6 of 33 in
  /// the other.
  private func settings(_ method: any OneShotMethod.Type) -> MethodSettings {
    MethodSettings(
      of: method.settings,
      replacing: [
        "batch-size": 6, "candidates": 3, "candidate-batches": 1, "finalists": 1,
        "controller-updates": 1, "samples-per-update": 2, "selection-samples": 2,
        "searches": 2, "selection-epochs": 1,
      ])
  }

  private func reports(
    _ method: any OneShotMethod.Type, _ data: TextDataset
  ) throws -> [StepReport] {
    try SyntheticData.finish(
      evaluator(data).oneShotSearch(
        by: method, settings: settings(method), budget: Budget(4, .epochs),
        key: RandomKey(seed: 4)))
  }

  @Test(arguments: WeightSharingCatalog.all.map { $0.name }.filter { $0 != GDAS.name })
  func theTestSplitIsNeverReadAndItsWordsChangeNothing(name: String) throws {
    let method = try #require(WeightSharingCatalog.all.first { $0.name == name })
    let (clean, poisoned) = (Self.data(), Self.data(testShift: 3))
    func records(_ data: TextDataset) throws -> [String] {
      try reports(method, data).map {
        "\($0.phase) \($0.charge) \(String(describing: $0.epoch)) "
          + "\(String(describing: $0.outcome)) \(String(describing: $0.chosen))"
      }
    }
    #expect(try records(clean) == records(poisoned))
    #expect(clean.testReads.isEmpty)
    #expect(poisoned.testReads.isEmpty)
  }

  /// An epoch of the budget is the study's, 200 words, whatever a search's own batch predicts.
  @Test(arguments: WeightSharingCatalog.all.map { $0.name }.filter { $0 != GDAS.name })
  func theBudgetCountsTheStudysEpochs(name: String) throws {
    let method = try #require(WeightSharingCatalog.all.first { $0.name == name })
    let (data, budget) = (Self.data(), Budget(4, .epochs))
    let evaluator = try evaluator(data)
    #expect(evaluator.examplesPerEpoch == 200)
    let charge = try reports(method, data).reduce(Charge.zero) { $0 + $1.charge }
    let fraction = Spending(charge: charge).fraction(
      of: budget, examplesPerEpoch: evaluator.examplesPerEpoch)
    #expect(fraction <= 1)
    #expect(fraction > 0.9)
    let forecast = try evaluator.forecastOneShotSearch(
      by: method, settings: settings(method), budget: budget)
    #expect(forecast.epoch.trainingExamples == 6 * 33)
    #expect(try #require(forecast.peakMemoryBytes) > 4 * 263)
  }

  /// A cell that is trained to choose among searches comes to what a trial of it comes to.
  @Test func cellsAreTrainedAsTrialsAre() throws {
    let data = Self.data()
    let evaluator = try evaluator(data)
    var trained = 0
    for candidate in try reports(DARTS.self, data).compactMap(\.candidate) {
      let cell = try DARTSRecurrent().parse(#require(candidate.architecture))
      let trial = try SyntheticData.finish(
        evaluator.trial(
          of: cell, epochs: 1, key: RandomKey(seed: 4).child("selection", trained)))
      #expect(trial.last?.outcome == candidate.outcome)
      trained += 1
    }
    #expect(trained == 2)
  }
}
