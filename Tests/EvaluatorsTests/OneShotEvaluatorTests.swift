import Datasets
import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing
import WeightSharing

/// One-shot searches on the images of a dataset.
@Suite struct OneShotEvaluatorTests {
  private func evaluator(_ data: ImageDataset) throws -> TrainingEvaluator {
    TrainingEvaluator(
      space: DARTSCells(), data: data,
      split: try DataSplit.make(
        trainingCount: 120, validationCount: 40, key: RandomKey(seed: 9)),
      training: SyntheticData.training, device: SyntheticData.device,
      context: try ComputeContext())
  }

  private func settings(_ method: any OneShotMethod.Type) -> MethodSettings {
    MethodSettings(
      of: method.settings,
      replacing: [
        "batch-size": 32, "candidates": 3, "candidate-batches": 1, "finalists": 1,
        "controller-updates": 1, "samples-per-update": 2, "selection-samples": 2,
      ])
  }

  private func records(
    _ method: any OneShotMethod.Type, _ data: ImageDataset
  ) throws -> [String] {
    let search = try evaluator(data).oneShotSearch(
      by: method, settings: settings(method), budget: Budget(2, .epochs),
      key: RandomKey(seed: 4))
    return try SyntheticData.finish(search).map {
      "\($0.phase) \($0.charge) \(String(describing: $0.epoch)) "
        + "\(String(describing: $0.outcome)) \(String(describing: $0.chosen))"
    }
  }

  @Test(arguments: WeightSharingCatalog.all.map { $0.name })
  func theTestSplitIsNeverReadAndItsLabelsChangeNothing(name: String) throws {
    let method = try #require(WeightSharingCatalog.all.first { $0.name == name })
    let clean = SyntheticData.dataset()
    let poisoned = SyntheticData.dataset(testLabelShift: 1)
    #expect(try records(method, clean) == records(method, poisoned))
    #expect(clean.testReads.isEmpty)
    #expect(poisoned.testReads.isEmpty)
  }

  @Test func forecastsCountTheImages() throws {
    let data = SyntheticData.dataset()
    let forecast = try evaluator(data).forecastOneShotSearch(
      by: DARTS.self, settings: settings(DARTS.self), budget: Budget(2, .epochs))
    #expect(forecast.epoch.trainingExamples == 80)
    #expect(try #require(forecast.peakMemoryBytes) > data.training.pixels.count)
  }

  @Test func aBudgetInTrialsIsRefused() throws {
    let evaluator = try evaluator(SyntheticData.dataset())
    #expect {
      _ = try evaluator.oneShotSearch(
        by: DARTS.self, settings: settings(DARTS.self), budget: Budget(2, .trials),
        key: RandomKey(seed: 4))
    } throws: {
      "\($0)"
        == "a one-shot search makes no trials; expected a search budget in another unit"
    }
  }
}
