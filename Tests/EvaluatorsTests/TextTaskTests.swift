import Datasets
import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing
import Training

/// Recurrent cells as trials and final trainings.
@Suite struct TextTaskTests {
  private static func data() -> TextDataset {
    func text(_ count: Int) -> [Int32] { (0..<count).map { Int32($0 * $0 % 7) } }
    return TextDataset(
      name: "synthetic", version: "1", words: (0..<7).map { "w\($0)" }, training: text(203),
      validation: text(60), testCount: 60, checksums: [], readTest: { text(60) })
  }

  private static var recipe: TrainingProtocol {
    var recipe = TrainingProtocol.dartsRecurrentSearch
    (recipe.epochs, recipe.batchSize, recipe.learningRate) = (2, 4, 2)
    recipe.text = TextTraining(
      hidden: 6, layers: 1, unrolledSteps: 10, sumsOverSteps: false, tiedEmbeddings: true,
      initialBound: nil, hiddenDropout: 0.25, variationalDropout: true, evaluationBatch: 3)
    return recipe
  }

  private static func evaluator(
    _ space: any LanguageSearchSpace, _ recipe: TrainingProtocol = recipe
  ) throws -> (evaluator: TrainingEvaluator, data: TextDataset) {
    let data = data()
    let task = TextTask(
      space: space, data: data, split: TextSplit(data), batchSize: recipe.batchSize)
    return (
      TrainingEvaluator(
        task, training: recipe, device: SyntheticData.device, context: try ComputeContext()), data
    )
  }

  private static let spaces: [any LanguageSearchSpace] = SearchSpaceCatalog.all.compactMap {
    $0 as? any LanguageSearchSpace
  }

  @Test(arguments: spaces.indices)
  func aTrialCostsWhatWasForecast(index: Int) throws {
    let (evaluator, data) = try Self.evaluator(Self.spaces[index])
    var generator = RandomKey(seed: 3).generator()
    let cell = evaluator.space.sample(using: &generator)
    let reports = try SyntheticData.finish(evaluator.trial(of: cell, key: RandomKey(seed: 1)))
    let charge = reports.reduce(Charge.zero) { $0 + $1.charge }
    #expect(try evaluator.forecastTrial(of: cell).charge == charge)
    let measurement = try #require(reports.last?.outcome?.measurement)
    #expect(try #require(measurement.validation) < 20)
    #expect(measurement.epochs == 2)
    #expect(evaluator.objective == .perplexity)
    #expect(data.testReads.isEmpty)
  }

  /// The best of the last epochs' validations, each charged.
  @Test func aTrialMayBeScoredByItsBestEpoch() throws {
    var recipe = Self.recipe
    (recipe.epochs, recipe.scoredEpochs, recipe.learningRate) = (6, 3, 30)
    let (evaluator, _) = try Self.evaluator(DARTSRecurrent(), recipe)
    var generator = RandomKey(seed: 3).generator()
    let cell = evaluator.space.sample(using: &generator)
    let reports = try SyntheticData.finish(evaluator.trial(of: cell, key: RandomKey(seed: 1)))
    let validations = reports.compactMap { $0.learning?.validation }
    #expect(validations.count == 3)
    #expect(reports.last?.outcome?.measurement.validation == validations.min())
    let charge = reports.reduce(Charge.zero) { $0 + $1.charge }
    #expect(try evaluator.forecastTrial(of: cell).charge == charge)
  }

  @Test func finalTrainingReadsTheTestSplitOnce() throws {
    let (evaluator, data) = try Self.evaluator(ENASRecurrent())
    var generator = RandomKey(seed: 3).generator()
    let cell = evaluator.space.sample(using: &generator)
    let reports = try SyntheticData.finish(
      evaluator.finalTraining(of: cell, budget: Budget(3, .epochs), key: RandomKey(seed: 1)))
    let measurement = try #require(reports.last?.outcome?.measurement)
    #expect(measurement.epochs == 3 && measurement.test != nil)
    #expect(
      reports.compactMap(\.testSplitRead) == [
        "test perplexity of the selected architecture after final training"
      ])
    #expect(data.testReads.count == 1)
  }

  @Test func aRecipeForImagesIsRefused() throws {
    let (evaluator, _) = try Self.evaluator(ENASRecurrent(), .budgeted)
    let cell = Architecture(
      space: ENASRecurrent.name, choices: ENASRecurrent().decisions.map { _ in 0 })
    let error = #expect(throws: EvaluationError.self) {
      try evaluator.trial(of: cell, key: RandomKey(seed: 1))
    }
    #expect(
      error?.description == "recipe 'budgeted' trains image networks; expected one for text")
  }
}
