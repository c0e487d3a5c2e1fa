import Charts
import Experiments
import Foundation
import OperationCosts
import Reports
import ResultsStore
import SearchCore
import TestSupport
import Testing

/// What a report shows of one-shot searches: made-up runs of `darts` with several searches each,
/// and of `alone` with one.
@Suite struct OneShotReportTests {
  private static let searches = 4
  private static let epochs = 6

  private static func epoch(_ number: Int, of search: Int?, lasting total: Int) -> EpochRecord {
    var epoch = SearchEpoch(epoch: number, trainingLoss: 2)
    epoch.search = search
    let place = number - (search ?? 0) * epochs
    epoch.entropy = 2.08 - 0.05 * Double(place) * Double(1 + (search ?? 0))
    epoch.skipConnections = (search ?? 1) + place / 2
    let share = 0.1 + 0.1 * Double(search ?? 0)
    epoch.probabilities = ["normal", "reduce"].map {
      .init(
        cell: $0, edges: ["0-2", "1-2"], operations: ["none", "skip_connect"],
        rows: [[share, 1 - share], [1 - share, share]])
    }
    return EpochRecord(
      epoch: epoch, chargedSoFar: Charge(referenceNanoseconds: Int128(number)),
      budgetFraction: 0.6 * Double(number) / Double(total))
  }

  private static func run(_ method: String, seed: Int) -> RunResults {
    let isMany = method == "darts"
    let total = isMany ? searches * epochs : epochs
    // The third is the best of the first seed, the second of the others.
    let errors = seed == 0 ? [0.5, 0.375, 0.25, 0.75] : [0.5, 0.25, 0.375, 0.75]
    let score = Measurement(
      validation: isMany ? 0.25 : 0.5, epochs: isMany ? 100 : nil)
    var run = RunResults(
      id: "cells/\(method)/\(seed)", method: method, seedIndex: seed, status: .completed,
      trials: [
        TrialResults(
          index: 0, architecture: "a", identity: "a", status: .completed, measurement: score,
          chargedSoFar: Charge(referenceNanoseconds: 9), budgetFraction: 1)
      ], selectedArchitecture: "a", selectedGraphs: [],
      searchValidation: score.validation,
      final: .init(
        status: .completed,
        measurement: Measurement(
          validation: 0.2 + 0.01 * Double(seed), test: 0.2, epochs: 2)),
      charges: [.search: Charge(referenceNanoseconds: 9)], wallClockSeconds: 1, cpuSeconds: 1)
    run.epochs = (1...total).map { number in
      epoch(number, of: isMany ? (number - 1) / epochs : nil, lasting: total)
    }
    guard isMany else { return run }
    run.candidates = errors.enumerated().map { search, error in
      SearchCandidate(
        search: search, architecture: "a",
        outcome: .init(
          status: .completed, measurement: Measurement(validation: error, epochs: 100)))
    }
    return run
  }

  private static let results: SuiteResults = {
    var study = SampleResults.study("cells", SampleResults.Shape())
    study.methods = ["alone", "darts"]
    study.runs = study.methods.flatMap { method in (0..<3).map { run(method, seed: $0) } }
    return SampleResults.suite("one-shot", studies: [study], seeds: 3)
  }()

  private var figures: [Figure] {
    ReportDocument(results: Self.results, published: [], baseline: "random-search").studies.flatMap(
      \.figures)
  }

  @Test func everySearchHasItsLine() throws {
    let figure = try #require(figures.first { $0.name == "cells-entropy" })
    let chart = try #require(figure.chart as? CurveChart)
    #expect(
      chart.series.map(\.name)
        == ["alone"] + (1...4).map { "darts, search \($0)" })
    // Each ends where its last epoch did; the only one goes on to the budget's end.
    let ends = chart.series.map { $0.band.points.last?.position ?? 0 }
    for (end, expected) in zip(ends, [10, 1.5, 3, 4.5, 6]) { #expect(abs(end - expected) < 1e-9) }
  }

  @Test func mixingWeightsAreThoseOfTheSearchThatWasKept() throws {
    let figure = try #require(figures.first { $0.name == "cells-alpha-normal-darts" })
    #expect(
      figure.explanation.hasPrefix("Seed 0, search 3, whose cell was kept: softmax of α"))
    let chart = try #require(figure.chart as? HeatMapChart)
    #expect(abs(chart.values[0][0] - 0.3) < 1e-12)
    let alone = try #require(figures.first { $0.name == "cells-alpha-normal-alone" })
    #expect(alone.explanation.hasPrefix("Seed 0: softmax of α"))
  }

  @Test func errorsInSearchAreToldApart() throws {
    let figure = try #require(figures.first { $0.name == "cells-best-so-far" })
    #expect(
      figure.explanation.hasSuffix(
        "Of alone it is that of shared weights when the choice was made, not of a network trained "
          + "by itself, and is not to be compared with the others'. Of darts it is that of the "
          + "best cell of its searches, each trained by itself for 100 epochs."))
  }

  @Test func theCellsAreListed() throws {
    let study = try #require(
      ReportDocument(results: Self.results, published: [], baseline: "random-search").studies.first)
    let table = try #require(study.tables.all.first { $0.name == "cells-selections" })
    #expect(table.rows.count == 12)
    #expect(table.rows[2] == ["darts", "0", "3", "completed", "100", "25.00", "kept"])
    #expect(table.rows[4] == ["darts", "1", "1", "completed", "100", "50.00", ""])
    #expect(table.rows.count { $0.last == "kept" } == 3)
  }

  @Test func sameResultsGiveSameBytes() throws {
    let first = try ReportWriterTests.files(Self.results)
    let second = try ReportWriterTests.files(Self.results)
    #expect(zip(first, second).allSatisfy { $0.name == $1.name && $0.data == $1.data })
    for file in first { try Gallery.keep(Array(file.data), as: "one-shot/\(file.name)") }
  }
}
