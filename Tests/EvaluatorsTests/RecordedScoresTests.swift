import Datasets
import Evaluators
import Foundation
import Randomness
import SearchCore
import SearchSpaces
import Testing

@Suite struct RecordedScoresTests {
  private static let header = "architecture,split,epochs,seed,score,seconds\n"
  private static let skips =
    "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|"
  private static let pool =
    "|none~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|"

  private static let rows = """
    \(skips),validation,1,0,0.5,1.5
    \(skips),validation,4,0,0.25,4
    \(skips),validation,4,1,0.35,6
    \(skips),test,4,0,0.2,
    \(skips),test,4,1,0.4,
    \(pool),validation,4,0,0.75,2
    """

  private func scores(
    _ rows: String, header: String = header, architectures: Int = 2,
    space: String = "nas-bench-201"
  ) throws -> RecordedScores {
    let folder = FileManager.default.temporaryDirectory.appending(path: "scores-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = header + rows
    try Data(text.utf8).write(to: folder.appending(path: "scores.csv"))
    let library = DatasetLibrary(
      manifestFolder: folder, cache: folder.appending(path: "cache"))
    let manifest = try DatasetManifest(
      yaml: """
        name: mine
        version: "1"
        title: Mine
        citation: nobody
        licence: none
        decoder: recorded-scores
        scores:
          space: \(space)
          objective: classification-error
          architectures: \(architectures)
          training-examples: 100
          search-epochs: 4
          seconds: modelled
          seconds-of: a made-up machine
        files:
          - path: scores.csv
            bytes: \(text.utf8.count)
            sha256: \(GeneratedFile(path: "scores.csv", bytes: Array(text.utf8)).sha256)
        """, source: folder.appending(path: "mine.yaml"))
    try library.importing(manifest, from: [folder])
    return try library.scores("mine")
  }

  private func evaluator(_ rows: String = rows) throws -> TableEvaluator {
    try TableEvaluator(scores(rows), space: NASBench201())
  }

  @Test func aTrialDrawsASeedAndCostsTheirMean() throws {
    let table = try evaluator()
    let cell = try NASBench201().parse(Self.skips)
    let reports = try (0..<40).map { index in
      try table.trial(of: cell, key: RandomKey(seed: 1).child("trial", index)).step()
    }
    let drawn = reports.compactMap { $0.outcome?.measurement.validation }
    #expect(Set(drawn) == [0.25, 0.35])
    #expect((10...30).contains(drawn.count { $0 == 0.25 }))
    #expect(reports.allSatisfy { $0.charge.referenceNanoseconds == 5_000_000_000 })
    #expect(reports.allSatisfy { $0.charge.trainingExamples == 400 })
    #expect(try table.forecastTrial(of: cell).charge == reports[0].charge)
    #expect(table.costLabel == "modelled: a made-up machine")
  }

  @Test func fidelitiesAreLookedUp() throws {
    let table = try evaluator()
    let cell = try NASBench201().parse(Self.skips)
    let report = try table.trial(of: cell, epochs: 1, key: RandomKey(seed: 1)).step()
    #expect(report.outcome?.measurement == Measurement(validation: 0.5, epochs: 1))
    #expect(report.charge.referenceNanoseconds == 1_500_000_000)
    #expect(
      throws: TableError(
        "the recorded table has no trials of 2 epoch(s); expected 1 or 4; set the method's epochs "
          + "to 1 or 4, or train with 'evaluator: training'")
    ) { try table.trial(of: cell, epochs: 2, key: RandomKey(seed: 1)) }
  }

  @Test func aFinalResultIsTheMeanOfItsSeeds() throws {
    let table = try evaluator()
    let cell = try NASBench201().parse(Self.skips)
    let found = try table.finalTraining(of: cell, budget: nil, key: RandomKey(seed: 1)).step()
    let measurement = try #require(found.outcome?.measurement)
    #expect(abs(try #require(measurement.test) - 0.3) < 1e-12)
    #expect(abs(try #require(measurement.validation) - 0.3) < 1e-12)
    #expect(measurement.epochs == 4)
    let other = try table.finalTraining(
      of: NASBench201().parse(Self.pool), budget: nil, key: RandomKey(seed: 1)
    ).step()
    #expect(other.outcome?.measurement.test == nil)
  }

  /// A cell whose pool lies behind a skip connection computes what the recorded one does.
  @Test func aCellHasTheRowOfItsClass() throws {
    let space = NASBench201()
    let other = try space.parse(
      "|skip_connect~0|+|none~0|none~1|+|none~0|avg_pool_3x3~1|none~2|")
    let table = try evaluator()
    let report = try table.trial(of: other, key: RandomKey(seed: 1)).step()
    #expect(report.outcome?.measurement.validation == 0.75)
    #expect(try table.forecastTrial(of: other).charge == report.charge)
    let unknown = try space.parse(
      "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|")
    let none = try table.trial(of: unknown, key: RandomKey(seed: 1)).step()
    #expect(none.outcome?.status == .outOfDomain)
  }

  @Test(arguments: [
    ("a,b\n", rows, "found 'a,b', expected the header"),
    (header, "x,validation,4,0,0.5", "found 5 fields, expected 6"),
    (header, "x,training,4,0,0.5,1", "found split 'training', expected validation or test"),
    (header, "x,validation,0,0,0.5,1", "found epochs '0', expected an integer from 1"),
    (header, "x,validation,4,-1,0.5,1", "found seed '-1', expected an integer from 0"),
    (header, "x,validation,4,0,93.5,1", "expected classification-error, 0 to 1"),
    (header, "x,validation,4,0,nan,1", "expected classification-error, 0 to 1"),
    (header, "x,validation,4,0,0.5,", "found seconds '', expected a number above 0"),
    (header, "x,validation,4,0,0.5,0", "found seconds '0', expected a number above 0"),
    (header, "x,validation,4,0,0.5,1\nx,validation,4,0,0.5,1", "again, expected each measurement"),
    (header, "x,validation,4,0,0.5,1", "found 1 architectures, expected 2"),
    ("\n", "", "found nothing, expected the header"),
  ])
  func badRowsAreRefusedByName(header: String, rows: String, words: String) throws {
    let error = #expect(throws: DatasetError.self) { try scores(rows, header: header) }
    let text = try #require(error).description
    #expect(text.contains(words) && text.contains("scores.csv"), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test func badTablesAreRefusedByName() throws {
    let other = try scores(Self.rows, space: "darts-cells")
    #expect(
      throws: TableError(
        "dataset 'mine' is of space 'darts-cells'; found space 'nas-bench-201'; write 'space: "
          + "darts-cells'")
    ) { try TableEvaluator(other, space: NASBench201()) }
    let brief = Self.rows.replacing(
      "\(Self.pool),validation,4,", with: "\(Self.pool),validation,1,")
    #expect(
      throws: TableError(
        "dataset 'mine': '\(Self.pool)' has no validation score after 4 epoch(s), the search's "
          + "fidelity")
    ) { try evaluator(brief) }
    let error = #expect(throws: TableError.self) {
      try evaluator(Self.rows.replacing(Self.pool, with: "|pool|"))
    }
    #expect(try #require(error).description.hasPrefix("dataset 'mine': nas-bench-201: "))
  }
}
