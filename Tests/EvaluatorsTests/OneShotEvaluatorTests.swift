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
  private func evaluator(
    _ data: ImageDataset, _ space: any TrainableSearchSpace = DARTSCells()
  ) throws -> TrainingEvaluator {
    TrainingEvaluator(
      ImageTask(
        space: space, data: data,
        split: try DataSplit.make(
          trainingCount: 120, validationCount: 40, key: RandomKey(seed: 9))),
      training: SyntheticData.training, device: SyntheticData.device,
      context: try ComputeContext())
  }

  private func settings(_ method: any OneShotMethod.Type) -> MethodSettings {
    MethodSettings(
      of: method.settings,
      replacing: [
        "batch-size": 32, "candidates": 3, "candidate-batches": 1, "finalists": 1,
        "controller-updates": 1, "samples-per-update": 2, "selection-samples": 2,
        "searches": 2, "selection-epochs": 1,
      ])
  }

  private func records(
    _ method: any OneShotMethod.Type, _ data: ImageDataset
  ) throws -> [String] {
    let space: any TrainableSearchSpace = method is GDAS.Type ? NASBench201() : DARTSCells()
    let search = try evaluator(data, space).oneShotSearch(
      by: method, settings: settings(method), budget: Budget(4, .epochs),
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

  /// Validation errors of ENAS' rewards and of its choice, with weights that hardly move.
  private func scores(cropPadding: Int, _ changes: [String: Double] = [:]) throws -> [Double] {
    var training = SyntheticData.training
    training.cropPadding = cropPadding
    training.horizontalFlip = cropPadding > 0
    let evaluator = TrainingEvaluator(
      ImageTask(
        space: DARTSCells(), data: SyntheticData.dataset(),
        split: try DataSplit.make(
          trainingCount: 120, validationCount: 40, key: RandomKey(seed: 9))),
      training: training, device: SyntheticData.device, context: try ComputeContext())
    let still = [
      "batch-size": 10.0, "controller-updates": 4, "samples-per-update": 2, "selection-samples": 4,
      "learning-rate": 1e-9, "final-learning-rate": 0, "weight-decay": 0,
    ]
    let search = try evaluator.oneShotSearch(
      by: ENAS.self,
      settings: MethodSettings(of: ENAS.settings, replacing: still.merging(changes) { $1 }),
      budget: Budget(2, .epochs), key: RandomKey(seed: 4))
    return try SyntheticData.finish(search).flatMap { report in
      [report.epoch?.validation, report.outcome?.measurement.validation].compactMap { $0 }
    }
  }

  /// A recipe that crops and flips changes the images that weights are trained on, not those of
  /// rewards: the released code reads `valid_original`.
  @Test func rewardsReadPlainImages() throws {
    let plain = try scores(cropPadding: 0)
    #expect(plain.count == 3)
    #expect(try scores(cropPadding: 4) == plain)
    // NAS-Bench-201's reads them augmented.
    #expect(try scores(cropPadding: 4, ["augmented-scores": 1]) != plain)
    #expect(try scores(cropPadding: 0, ["augmented-scores": 1]) == plain)
  }

  /// Each cell costs what a trial of it is forecast to cost, and no more than what is kept aside.
  @Test func cellsAreTrainedAsTrialsAre() throws {
    let evaluator = try evaluator(SyntheticData.dataset())
    let budget = Budget(4, .epochs)
    let forecast = try evaluator.forecastOneShotSearch(
      by: DARTS.self, settings: settings(DARTS.self), budget: budget)
    let reports = try SyntheticData.finish(
      evaluator.oneShotSearch(
        by: DARTS.self, settings: settings(DARTS.self), budget: budget, key: RandomKey(seed: 4)))
    var selection = Charge.zero
    var trained = 0
    var cost = Charge.zero
    for report in reports where report.phase == .selection {
      cost += report.charge
      guard let candidate = report.candidate else { continue }
      let text = try #require(candidate.architecture)
      let architecture = try DARTSCells().parse(text)
      #expect(cost == (try evaluator.forecastTrial(of: architecture, epochs: 1).charge))
      #expect(candidate.outcome.measurement.weightsChecksum?.count == 64)
      // A trial with the same key comes to the same bits.
      let trial = try SyntheticData.finish(
        evaluator.trial(
          of: architecture, epochs: 1, key: RandomKey(seed: 4).child("selection", trained)))
      #expect(trial.last?.outcome == candidate.outcome)
      trained += 1
      selection += cost
      cost = .zero
    }
    #expect(trained == 2)
    #expect(selection.referenceNanoseconds <= forecast.selection.referenceNanoseconds)
    #expect(selection.trainingExamples == forecast.selection.trainingExamples)
  }

  /// Of single changes to both, and of cells drawn at random.
  @Test func noCellIsDearerThanTheDearestOrLargerThanTheLargest() throws {
    try check(DARTSCells(), DARTSCells.dearest, DARTSCells.largest, samples: 32)
    try check(NASBench201(), NASBench201.dearest, NASBench201.largest, samples: 2_000)
  }

  private func check(
    _ space: any TrainableSearchSpace, _ dearest: Architecture, _ largest: Architecture,
    samples: Int
  ) throws {
    let evaluator = try SyntheticData.evaluator(space: space)
    let most = try evaluator.forecastTrial(of: dearest)
    let mostBytes = try evaluator.forecastTrial(of: largest).peakMemoryBytes
    var others = [dearest, largest].flatMap { extreme in
      space.decisions.indices.flatMap { place in
        space.decisions[place].options.indices.map { option in
          var choices = extreme.choices
          choices[place] = option
          return Architecture(space: extreme.space, choices: choices)
        }
      }
    }
    var generator = RandomKey(seed: 3).generator()
    for _ in 0..<samples { others.append(space.sample(using: &generator)) }
    for other in others {
      let found = try evaluator.forecastTrial(of: other)
      #expect(found.charge.flops <= most.charge.flops, "\(other.choices)")
      #expect(
        found.charge.referenceNanoseconds <= most.charge.referenceNanoseconds, "\(other.choices)")
      #expect(try #require(found.peakMemoryBytes) <= #require(mostBytes), "\(other.choices)")
    }
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
