import Datasets
import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

/// Where the scores of a selected architecture are from.
@Suite struct FinalScoreTests {
  /// 80 images train and 40 validate: the papers train what they have found on all 120.
  private func onAll(recipe: TrainingProtocol = SyntheticData.training) throws -> TrainingEvaluator
  {
    let split = try DataSplit.make(
      trainingCount: 120, validationCount: 40, key: RandomKey(seed: 9))
    let task = ImageTask(space: NASBench201(), data: SyntheticData.dataset(), split: split)
    return TrainingEvaluator(
      task, training: recipe, finalTask: task.withValidationImages, device: SyntheticData.device,
      context: try ComputeContext())
  }

  @Test func trainingOnAllImagesHasNoValidationScore() throws {
    let budget = Budget(3, .epochs)
    let evaluator = try onAll()
    let work = try evaluator.finalTraining(
      of: SyntheticData.cell, budget: budget, key: RandomKey(seed: 2))
    let reports = try SyntheticData.finish(work)
    let charge = reports.reduce(Charge.zero) { $0 + $1.charge }
    #expect(charge.trainingExamples == 3 * 120)
    #expect(evaluator.examplesPerFinalEpoch == 120 && evaluator.examplesPerEpoch == 80)
    let measurement = try #require(reports.last?.outcome).measurement
    #expect(measurement.validation == nil)
    #expect(measurement.epochs == 3)
    // Three epochs learn which half is brighter.
    #expect(try #require(measurement.test) < 0.25)
    // Four updates of at most 32 images an epoch, then the 50 test images.
    #expect(reports.count { $0.phase == .finalTraining } == 12)
    #expect(reports.count { $0.phase == .scheduledEvaluation } == 2)
    #expect(reports.compactMap(\.testSplitRead).count == 1)
    #expect(reports.compactMap(\.learning).count == 3)
    let scores = reports.compactMap { $0.learning?.validation }
    #expect(scores.isEmpty)
    // Its price is known before.
    let forecast = try evaluator.forecastFinalTraining(of: SyntheticData.cell, budget: budget)
    let updates = reports.filter { $0.phase == .finalTraining }.reduce(Charge.zero) {
      $0 + $1.charge
    }
    #expect(forecast.charge == updates)
  }

  /// Trials know nothing of it.
  @Test func trialsStillValidate() throws {
    let reports = try SyntheticData.finish(
      try onAll().trial(of: SyntheticData.cell, key: RandomKey(seed: 2)))
    let plain = try SyntheticData.finish(
      try SyntheticData.evaluator().trial(of: SyntheticData.cell, key: RandomKey(seed: 2)))
    #expect(reports.last?.outcome == plain.last?.outcome)
    #expect(reports.last?.outcome?.measurement.validation != nil)
  }

  @Test func trainingOnAllImagesGoesOnFromAnyStep() throws {
    func work() throws -> any Evaluation {
      try onAll().finalTraining(
        of: SyntheticData.cell, budget: Budget(1, .epochs), key: RandomKey(seed: 2))
    }
    let whole = try #require(try SyntheticData.finish(work()).last?.outcome)
    for steps in 1...5 {
      let first = try work()
      for _ in 0..<steps { _ = try first.step() }
      let snapshot = try #require(first as? any Checkpointable).snapshot()
      let second = try work()
      var resumed = try #require(second as? any Checkpointable)
      try resumed.restore(from: snapshot)
      #expect(try SyntheticData.finish(second).last?.outcome == whole, "after \(steps)")
    }
  }

  /// What shared weights have found is worth what the table says.
  @Test func finalScoresAreLookedUp() throws {
    let text = NASBench201().text(of: SyntheticData.cell)
    let table = try TableEvaluator(
      space: NASBench201(),
      rows: [
        .init(
          architecture: text, validation: 0.3, finalValidation: nil, finalTest: 0.0625,
          trialSeconds: 100)
      ],
      description: .init(
        objective: .classificationError, costLabel: "recorded", examplesPerEpoch: 25_000,
        trialEpochs: 12, finalEpochs: 200, dataChecksums: ["table.csv": "00"]))
    let training = try SyntheticData.evaluator()
    let evaluator = LookedUpFinals(of: training, in: table)
    let final = try SyntheticData.finish(
      try evaluator.finalTraining(of: SyntheticData.cell, budget: nil, key: RandomKey(seed: 2)))
    #expect(final.count == 1)
    #expect(final[0].charge == .zero)
    #expect(final[0].outcome?.measurement.test == 0.0625)
    #expect(final[0].outcome?.measurement.epochs == 200)
    #expect(final[0].testSplitRead != nil)
    #expect(
      try evaluator.forecastFinalTraining(of: SyntheticData.cell, budget: nil).charge == .zero)
    // The search is the other evaluator's, in charges and scores.
    let trials = try [evaluator as any Evaluator, training].map {
      try SyntheticData.finish($0.trial(of: SyntheticData.cell, key: RandomKey(seed: 2)))
        .last?.outcome
    }
    #expect(trials[0] == trials[1])
    #expect(evaluator.examplesPerEpoch == 80)
    #expect(evaluator.dataChecksums["table.csv"] == "00")
  }
}
