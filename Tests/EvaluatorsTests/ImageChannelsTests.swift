import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import Testing
import WeightSharing

/// Networks read as many channels as the images have: grey ones, and those with one more than
/// colours.
@Suite struct ImageChannelsTests {
  private static let spaces = SearchSpaceCatalog.all.compactMap {
    $0 as? any TrainableSearchSpace
  }

  private func evaluator(
    _ space: any TrainableSearchSpace, channels: Int
  ) throws -> TrainingEvaluator {
    try SyntheticData.evaluator(space: space, data: SyntheticData.dataset(channels: channels))
  }

  @Test(arguments: spaces.map { type(of: $0).name }, [1, 4])
  func everySpaceTrainsOnThem(name: String, channels: Int) throws {
    let space = try #require(Self.spaces.first { type(of: $0).name == name })
    let key = RandomKey(seed: 4)
    var generator = key.generator()
    let architecture = space.sample(using: &generator)
    let evaluator = try evaluator(space, channels: channels)
    let report = try evaluator.trial(of: architecture, key: key).step()
    #expect(report.outcome == nil && report.charge.flops > 0)
    let forecast = try evaluator.forecastTrial(of: architecture).charge
    let colours = try self.evaluator(space, channels: 3).forecastTrial(of: architecture).charge
    #expect(channels < 3 ? forecast.flops < colours.flops : forecast.flops > colours.flops)
  }

  @Test func aWholeTrialLearnsFromGreyImages() throws {
    var training = SyntheticData.training
    training.epochs = 6
    let evaluator = try SyntheticData.evaluator(
      training, data: SyntheticData.dataset(channels: 1))
    let reports = try SyntheticData.finish(
      evaluator.trial(of: SyntheticData.cell, key: RandomKey(seed: 4)))
    let charge = try evaluator.forecastTrial(of: SyntheticData.cell).charge
    #expect(reports.reduce(.zero) { $0 + $1.charge } == charge)
    let outcome = try #require(reports.last?.outcome)
    #expect(outcome.status == .completed)
    #expect(try #require(outcome.measurement.validation) < 0.2)
  }

  /// Weights that all architectures share, by every method and in every space that has them.
  @Test(
    arguments: WeightSharingCatalog.all.map {
      ($0.name, $0 is GDAS.Type ? NASBench201.name : DARTSCells.name)
    }
      + spaces.filter { $0 is any WeightSharingSearchSpace }
      .map { (RandomSearchWithWeightSharing.name, type(of: $0).name) })
  func sharedWeightsDoToo(method: String, space: String) throws {
    let method = try #require(WeightSharingCatalog.all.first { $0.name == method })
    let settings = MethodSettings(
      of: method.settings,
      replacing: ["batch-size": 32, "candidates": 3, "finalists": 1, "searches": 1])
    let search = try evaluator(
      #require(Self.spaces.first { type(of: $0).name == space }), channels: 1
    ).oneShotSearch(
      by: method, settings: settings, budget: Budget(4, .epochs), key: RandomKey(seed: 4))
    let report = try search.step()
    #expect(report.outcome == nil && report.charge.flops > 0)
  }
}
