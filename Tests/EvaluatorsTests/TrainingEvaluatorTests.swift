import Datasets
import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

@Suite struct TrainingEvaluatorTests {
  private let key = RandomKey(seed: 4)

  @Test func learnsAndReportsAFullMeasurement() throws {
    var training = SyntheticData.training
    training.epochs = 6
    let reports = try SyntheticData.finish(
      SyntheticData.evaluator(training).trial(of: SyntheticData.cell, key: key))
    let outcome = try #require(reports.last?.outcome)
    #expect(outcome.status == .completed)
    // Chance is 0.5; the brighter half is plain to see.
    #expect(try #require(outcome.measurement.validation) < 0.1)
    #expect(outcome.measurement.test == nil)
    #expect(outcome.measurement.epochs == 6)
    #expect(outcome.measurement.weightsChecksum?.count == 64)
    // 80 images in batches of 32 are 3 updates an epoch; 40 validation images are 2 evaluations.
    #expect(reports.count == 6 * 3 + 2)
    #expect(reports.allSatisfy { $0.phase == .search && $0.testSplitRead == nil })
  }

  @Test func chargesWhatWasForecast() throws {
    let evaluator = try SyntheticData.evaluator()
    let reports = try SyntheticData.finish(evaluator.trial(of: SyntheticData.cell, key: key))
    let forecast = try evaluator.forecastTrial(of: SyntheticData.cell)
    #expect(reports.reduce(.zero) { $0 + $1.charge } == forecast.charge)
    #expect(forecast.charge.trainingExamples == 2 * 80)
  }

  @Test func aTrialOfMoreEpochsTrainsAndIsChargedForThem() throws {
    let evaluator = try SyntheticData.evaluator()
    let cell = SyntheticData.cell
    let reports = try SyntheticData.finish(evaluator.trial(of: cell, epochs: 3, key: key))
    let charge = reports.reduce(.zero) { $0 + $1.charge }
    #expect(charge == (try evaluator.forecastTrial(of: cell, epochs: 3).charge))
    #expect(charge.trainingExamples == 3 * 80)
    #expect(reports.last?.outcome?.measurement.epochs == 3)
    // The study's own number is 2.
    let own = try SyntheticData.finish(evaluator.trial(of: cell, key: key)).last?.outcome
    let same = try SyntheticData.finish(evaluator.trial(of: cell, epochs: 2, key: key))
    #expect(same.last?.outcome == own)
  }

  @Test(arguments: [
    Budget(1.4, .epochs), Budget(0.02, .referenceGPUSeconds), Budget(0.05, .gigaflops),
  ])
  func finalTrainingEndsAtTheFirstStepAtOrPastItsBudget(budget: Budget) throws {
    let evaluator = try SyntheticData.evaluator()
    let reports = try SyntheticData.finish(
      evaluator.finalTraining(of: SyntheticData.cell, budget: budget, key: key))
    let updates = reports.filter { $0.phase == .finalTraining }
    func fraction(_ reports: ArraySlice<StepReport>) -> Double {
      Spending(charge: reports.reduce(.zero) { $0 + $1.charge })
        .fraction(of: budget, examplesPerEpoch: evaluator.examplesPerEpoch)
    }
    #expect(fraction(updates[...]) >= 1)
    #expect(fraction(updates.dropLast()) < 1)
    let forecast = try evaluator.forecastFinalTraining(of: SyntheticData.cell, budget: budget)
    #expect(updates.reduce(.zero) { $0 + $1.charge } == forecast.charge)
  }

  @Test func onlyFinalTrainingReadsTheTestSplitAndOnce() throws {
    let data = SyntheticData.dataset()
    let evaluator = try SyntheticData.evaluator(data: data)
    _ = try SyntheticData.finish(evaluator.trial(of: SyntheticData.cell, key: key))
    #expect(data.testReads.isEmpty)
    let reports = try SyntheticData.finish(
      evaluator.finalTraining(of: SyntheticData.cell, budget: Budget(1, .epochs), key: key))
    #expect(data.testReads.count == 1)
    let reasons = reports.compactMap(\.testSplitRead)
    #expect(reasons == ["test error of the selected architecture after final training"])
    #expect(reports.last?.outcome?.measurement.test != nil)
  }

  @Test func poisonedTestLabelsChangeNothingBeforeTheEnd() throws {
    func run(_ shift: Int) throws -> (trial: Measurement?, final: Measurement?) {
      let evaluator = try SyntheticData.evaluator(
        data: SyntheticData.dataset(testLabelShift: shift))
      let trial = try SyntheticData.finish(evaluator.trial(of: SyntheticData.cell, key: key))
      let final = try SyntheticData.finish(
        evaluator.finalTraining(of: SyntheticData.cell, budget: Budget(4, .epochs), key: key))
      return (trial.last?.outcome?.measurement, final.last?.outcome?.measurement)
    }
    let (clean, poisoned) = (try run(0), try run(1))
    #expect(clean.trial == poisoned.trial)
    #expect(clean.final?.weightsChecksum == poisoned.final?.weightsChecksum)
    #expect(clean.final?.validation == poisoned.final?.validation)
    #expect(clean.final?.test != poisoned.final?.test)
  }

  @Test(arguments: BLASBackend.allCases)
  func anyThreadCountGivesTheSameWeights(blas: BLASBackend) throws {
    let checksums = try [1, 2, 3].map { threads in
      try SyntheticData.finish(
        SyntheticData.evaluator(threads: threads, blas: blas)
          .trial(of: SyntheticData.cell, key: key)
      ).last?.outcome?.measurement.weightsChecksum
    }
    #expect(checksums[0] != nil)
    #expect(Set(checksums).count == 1)
  }

  @Test func anotherKeyGivesOtherWeights() throws {
    let evaluator = try SyntheticData.evaluator()
    let checksums = try [1, 2].map { seed in
      try SyntheticData.finish(
        evaluator.trial(of: SyntheticData.cell, key: RandomKey(seed: seed))
      ).last?.outcome?.measurement.weightsChecksum
    }
    #expect(checksums[0] != checksums[1])
  }

  @Test func aDivergedTrainingIsAStatusAndNotANumber() throws {
    var training = SyntheticData.training
    training.learningRate = 1e30
    let reports = try SyntheticData.finish(
      SyntheticData.evaluator(training).trial(of: SyntheticData.cell, key: key))
    #expect(reports.last?.outcome?.status == .diverged)
    #expect(reports.last?.outcome?.measurement.validation == nil)
  }

  @Test func aBudgetThatTrainingCannotCountIsRefused() throws {
    let evaluator = try SyntheticData.evaluator()
    let error = #expect(throws: EvaluationError.self) {
      try evaluator.finalTraining(of: SyntheticData.cell, budget: Budget(3, .trials), key: key)
    }
    #expect(
      error?.description
        == "final training cannot be given 3.0 trials; expected epochs, reference-gpu-hours, "
        + "reference-gpu-seconds, gigaflops or wall-clock-hours")
  }
}
