import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import Testing

@Suite struct TableEvaluatorTests {
  private static let known = [
    (
      "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|"
        + "+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|", 7.221
    ),
    (
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|"
        + "+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|", 12.462
    ),
    (
      "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|", 4.876
    ),
  ]
  private static let cell = known[0].0

  private func evaluator(_ rows: [TableEvaluator.Row]) throws(TableError) -> TableEvaluator {
    try TableEvaluator(
      space: NASBench201(), rows: rows,
      description: .init(
        objective: .classificationError, costLabel: NASBench201TimeModel.label,
        examplesPerEpoch: 25_000, trialEpochs: 12,
        finalEpochs: 200, dataChecksums: ["table.csv": "00"]))
  }

  private func row(
    _ text: String = cell, validation: Double = 0.25, test: Double? = 0.06, seconds: Double = 90
  ) -> TableEvaluator.Row {
    .init(
      architecture: text, validation: validation, finalValidation: nil,
      finalTest: test, trialSeconds: seconds)
  }

  /// The seconds an epoch that the benchmark's files record for three cells.
  @Test(arguments: known)
  func timeModelMeetsTheRecordedCells(text: String, seconds: Double) throws {
    let cell = try NASBench201().parse(text)
    // The coefficients are given to four decimals, and up to five terms are summed.
    #expect(abs(NASBench201TimeModel.secondsPerEpoch(of: cell) - seconds) < 0.0006)
    #expect(abs(NASBench201TimeModel.trialSeconds(of: cell) - (12 * seconds + 2)) < 0.0072)
  }

  @Test func aTrialCostsItsSecondsAndKnowsNoTestError() throws {
    let table = try evaluator([row()])
    let architecture = try NASBench201().parse(Self.cell)
    let report = try table.trial(of: architecture, key: RandomKey(seed: 1)).step()
    #expect(report.phase == .search)
    #expect(report.charge.referenceNanoseconds == 90_000_000_000)
    #expect(report.charge.trainingExamples == 300_000)
    #expect(report.charge.knownFlops == nil)
    #expect(report.testSplitRead == nil)
    #expect(
      report.outcome
        == .init(status: .completed, measurement: .init(validation: 0.25, epochs: 12)))
    #expect(try table.forecastTrial(of: architecture).charge == report.charge)
  }

  @Test func finalTrainingIsLookedUpForNothing() throws {
    let table = try evaluator([row()])
    let architecture = try NASBench201().parse(Self.cell)
    let report = try table.finalTraining(
      of: architecture, budget: nil, key: RandomKey(seed: 1)
    ).step()
    #expect(report.charge == .zero)
    #expect(report.testSplitRead == "recorded test error of the selected architecture")
    #expect(report.outcome?.measurement.test == 0.06)
    #expect(report.outcome?.measurement.validation == nil)
  }

  @Test func anUnknownCellIsOutOfDomain() throws {
    let table = try evaluator([row()])
    let other = try NASBench201().parse(Self.known[1].0)
    let report = try table.trial(of: other, key: RandomKey(seed: 1)).step()
    #expect(report.outcome?.status == .outOfDomain)
    #expect(report.outcome?.measurement == Measurement())
  }

  @Test func refusesAFidelityThatWasNotRecorded() throws {
    let table = try evaluator([row()])
    let cell = try NASBench201().parse(Self.cell)
    let error = TableError(
      "the recorded table has no trials of 4 epoch(s); expected 12; set the method's epochs to 12, "
        + "or train with 'evaluator: training'")
    #expect(throws: error) { try table.trial(of: cell, epochs: 4, key: RandomKey(seed: 1)) }
    #expect(throws: error) { try table.forecastTrial(of: cell, epochs: 4) }
    let charge = try table.forecastTrial(of: cell).charge
    #expect(try table.forecastTrial(of: cell, epochs: 12).charge == charge)
  }

  @Test func refusesBadRows() throws {
    #expect(throws: TableError("the table has no rows; expected at least one architecture")) {
      try evaluator([])
    }
    #expect(throws: TableError("row 2: '\(Self.cell)' is given twice; expected once")) {
      try evaluator([row(), row()])
    }
    #expect(throws: TableError("row 1: found classification-error 25.0; expected 0 to 1")) {
      try evaluator([row(validation: 25)])
    }
    #expect(throws: TableError("row 1: found classification-error nan; expected 0 to 1")) {
      try evaluator([row(test: .nan)])
    }
    #expect(
      throws: TableError("row 1: found a cost of 0.0 s; expected above 0 and below 1e9")
    ) { try evaluator([row(seconds: 0)]) }
    #expect(
      throws: TableError(
        "row 1: nas-bench-201: found 1 node(s) in 'x'; expected 3 joined by '+'")
    ) { try evaluator([row("x")]) }
  }

  private struct OneShot: OneShotMethod {
    static let name = "one-shot"
    static let settings: [MethodSetting] = []
  }

  @Test func aTableRefusesOneShotSearches() throws {
    let evaluator = try evaluator([row()])
    #expect {
      _ = try evaluator.oneShotSearch(
        by: OneShot.self, settings: MethodSettings(of: []), budget: Budget(1, .trials),
        key: RandomKey(seed: 1))
    } throws: {
      "\($0)" == "method 'one-shot' trains shared weights, which this evaluator does not have; "
        + "expected a method that proposes one architecture after another, such as random-search"
    }
  }
}
