import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import Testing
import WeightSharing

/// A method of the catalogue with a space that it can search, at a size for tests.
struct OneShotCase: CustomTestStringConvertible, Sendable {
  let method: any WeightSharingMethod.Type
  let space: any SearchSpace
  /// Settings beside those that suit 40 examples.
  var changes: [String: Double] = [:]
  /// Height and width of the images.
  var side = 8
  /// Searches of a run with selection by training; 1 for none.
  var searches = 1

  var testDescription: String {
    "\(method.name) on \(type(of: space).name)" + (searches > 1 ? ", \(searches) searches" : "")
      + changes.keys.sorted().map { ", \($0)" }.joined()
  }

  /// Passes over the training split: those of the searches, and one to train each cell.
  var passes: Int { searches > 1 ? 2 * searches : 3 }
  var isText: Bool { space is any LanguageSearchSpace }
  /// Of a text, all words; in four sequences 40 are predicted.
  var examplesPerEpoch: Int { isText ? 44 : 40 }
  /// Of a text, a little more than the passes take.
  var budget: Budget {
    let epochs = Double(passes + (searches > 1 ? searches : 0))
    return Budget(isText ? (epochs * 40 + 1) / 44 : epochs, .epochs)
  }

  static let all =
    alone + regularized
    + WeightSharingCatalog.all.map {
      OneShotCase(
        method: $0, space: $0 is GDAS.Type ? NASBench201() : DARTSCells(), searches: 2)
    }
    + [
      OneShotCase(
        method: DARTS.self, space: DARTSRecurrent(), changes: ["order": 1], searches: 2),
      OneShotCase(
        method: DARTS.self, space: NASBench201(), changes: ["clip-alpha": 1, "weights-first": 1]),
      OneShotCase(
        method: RandomSearchWithWeightSharing.self, space: ENASRecurrent(),
        changes: ["score-batch-size": 12, "candidate-batches": 2]),
    ]

  /// ENAS with all that drops out and trains along, as its presets never have it at once.
  private static let regularized = [
    OneShotCase(
      method: ENAS.self, space: ENASMicro(),
      changes: ["dropout": 0.3, "drop-path": 0.4, "auxiliary-weight": 0.4, "score-dropout": 1],
      side: 17),
    OneShotCase(
      method: ENAS.self, space: DARTSCells(),
      changes: ["drop-path": 0.4, "auxiliary-weight": 0.4, "auxiliary-training": 0], side: 17),
    OneShotCase(
      method: ENAS.self, space: ENASMacro(), changes: ["dropout": 0.3, "running-statistics": 1]),
  ]

  private static let alone = WeightSharingCatalog.all.flatMap { method in
    SearchSpaceCatalog.all.filter { space in
      let task = try? OneShotTask.stub(space)
      let settings = MethodSettings(of: method.settings, replacing: ["batch-size": 4])
      return task.flatMap { try? method.forecast($0, settings: settings) } != nil
    }.map { OneShotCase(method: method, space: $0) }
  }

  /// The paper's settings, with counts that suit 40 examples.
  var settings: MethodSettings {
    let small = [
      "batch-size": isText ? 4.0 : 16, "candidates": 5, "candidate-batches": 1, "finalists": 2,
      "controller-updates": 2, "samples-per-update": 2, "selection-samples": 3,
      "searches": Double(searches), "selection-epochs": 1,
    ]
    return MethodSettings(of: method.settings, replacing: small.merging(changes) { $1 })
  }

  func task(
    budget: Budget? = nil, seed: UInt64 = 1, threads: Int = 1
  ) throws -> OneShotTask {
    try .stub(
      space, budget: budget ?? self.budget, seed: seed,
      data: isText ? StubText() : StubImages(side: side),
      threads: threads)
  }

  func search(
    budget: Budget? = nil, seed: UInt64 = 1, threads: Int = 1
  ) throws -> any Evaluation & Checkpointable {
    try method.search(
      task(budget: budget, seed: seed, threads: threads), settings: settings)
  }
}

extension StepReport {
  /// Everything that a journal would hold.
  var record: String {
    "\(phase) \(charge) \(String(describing: outcome)) \(String(describing: epoch)) "
      + "\(String(describing: candidate)) "
      + String(describing: chosen)
  }
}

@Suite struct WeightSharingConformanceTests {
  @Test(arguments: OneShotCase.all)
  func sameKeyGivesTheSameSearchOnAnyThreads(_ example: OneShotCase) throws {
    let one = try example.search().finish().map(\.record)
    #expect(try example.search(threads: 2).finish().map(\.record) == one)
    #expect(try example.search(seed: 2).finish().map(\.record) != one)
  }

  @Test(arguments: OneShotCase.all)
  func goesOnFromAnySnapshot(_ example: OneShotCase) throws {
    let search = try example.search()
    var snapshots: [Snapshot] = []
    var records: [String] = []
    repeat {
      snapshots.append(try search.snapshot())
      let report = try search.step()
      records.append(report.record)
      if report.outcome != nil { break }
    } while true
    // The first, the last, and some between.
    for place in stride(from: 0, to: records.count, by: max(1, records.count / 6)) {
      let resumed = try example.search()
      // It has drifted before it is taken up.
      _ = try resumed.step()
      var work: any Checkpointable = resumed
      try work.restore(from: snapshots[place])
      #expect(try resumed.finish().map(\.record) == Array(records[place...]), "from \(place)")
    }
  }

  @Test(arguments: OneShotCase.all)
  func choosesWithinItsBudget(_ example: OneShotCase) throws {
    let whole = try example.search().finish()
    let charge = whole.reduce(Charge.zero) { $0 + $1.charge }
    // In another unit: what those epochs took, less half a step.
    let seconds = 1e-9 * Double(charge.referenceNanoseconds) * 0.97
    for budget in [example.budget, Budget(seconds, .referenceGPUSeconds)] {
      let reports = try example.search(budget: budget).finish()
      let spent = Spending(charge: reports.reduce(Charge.zero) { $0 + $1.charge })
      let fraction = spent.fraction(of: budget, examplesPerEpoch: example.examplesPerEpoch)
      #expect(fraction <= 1)
      #expect(fraction > 0.6)
      let chosen = try #require(reports.last?.chosen)
      #expect(try example.space.parse(example.space.text(of: chosen)) == chosen)
      let score = try #require(reports.last?.outcome?.measurement.validation)
      // Guessing among seven words has a perplexity of 7; the stub's trainings score as images do.
      let isPerplexity = example.isText && example.searches == 1
      #expect(isPerplexity ? (1...70).contains(score) : (0...1).contains(score))
    }
    #expect(whole.compactMap(\.epoch).map(\.epoch) == Array(1...example.passes))
    #expect(whole.allSatisfy { $0.testSplitRead == nil })
    let trained = example.passes + (example.searches > 1 ? example.searches : 0)
    #expect(charge.trainingExamples == 40 * trained)
  }

  @Test(arguments: OneShotCase.all)
  func forecastIsNearWhatIsCharged(_ example: OneShotCase) throws {
    let forecast = try example.method.forecast(example.task(), settings: example.settings)
    let reports = try example.search().finish()
    func nanoseconds(_ phase: Phase) -> Double {
      Double(
        reports.filter { $0.phase == phase }.reduce(Charge.zero) { $0 + $1.charge }
          .referenceNanoseconds)
    }
    #expect(
      abs(
        nanoseconds(.search) / Double(example.passes) / Double(forecast.epoch.referenceNanoseconds)
          - 1) < 0.15)
    #expect(nanoseconds(.selection) <= Double(forecast.selection.referenceNanoseconds))
    #expect(try #require(forecast.peakMemoryBytes) > 0)
  }

  @Test(arguments: OneShotCase.all)
  func aForeignSnapshotIsRefused(_ example: OneShotCase) throws {
    var search: any Evaluation & Checkpointable = try example.search()
    let other = try example.search(seed: 2).snapshot()
    #expect {
      try search.restore(from: other)
    } throws: {
      "\($0)" == "the checkpoint was drawn from another key; expected this run's"
    }
  }

  /// A checkpoint from a stranger: right in form, with counts that no search has.
  @Test(arguments: OneShotCase.all)
  func aSnapshotWithAbsurdCountsIsRefused(_ example: OneShotCase) throws {
    var search: any Evaluation & Checkpointable = try example.search()
    for _ in 0..<2 { _ = try search.step() }
    var snapshot = try search.snapshot()
    let text = String(decoding: snapshot.state, as: UTF8.self)
    // The state of one of several searches is a text within the state.
    let spoilt = text.replacing("\"updates\":2", with: "\"updates\":-7")
      .replacing("\"updates\\\":2", with: "\"updates\\\":-7")
    #expect(spoilt != text)
    snapshot.state = Array(spoilt.utf8)
    #expect {
      try search.restore(from: snapshot)
    } throws: {
      "\($0)" == "the checkpoint's search state has counts that do not fit this search"
    }
  }

  @Test func catalogueIsSortedAndItsSettingsMakeSense() {
    let names = WeightSharingCatalog.all.map { $0.name }
    #expect(names == names.sorted())
    for method in WeightSharingCatalog.all {
      for setting in method.settings {
        #expect(setting.range.contains(setting.defaultValue), "\(method.name) \(setting.name)")
      }
      let known = Set(method.settings.map(\.name))
      for preset in method.presets {
        #expect(Set(preset.values.keys).isSubset(of: known), "\(method.name) \(preset.name)")
      }
    }
  }

  @Test func anUnsuitableSpaceIsNamed() throws {
    #expect {
      _ = try DARTS.forecast(
        .stub(ENASMicro()), settings: MethodSettings(of: DARTS.settings))
    } throws: {
      "\($0)" == "method 'darts' cannot search space 'enas-micro'; expected darts-cells or "
        + "darts-recurrent or nas-bench-201"
    }
  }

  @Test(arguments: [
    (
      "darts-cells",
      "method 'enas' cannot train 'darts-cells' on texts; expected images, or a space of recurrent "
        + "cells"
    ),
    (
      "enas-recurrent",
      "method 'enas' cannot train 'enas-recurrent' on images; expected texts, or a space of "
        + "networks for images"
    ),
  ])
  func examplesOfTheOtherKindAreRefused(name: String, message: String) throws {
    let space = try #require(SearchSpaceCatalog.named(name))
    let data: any ExampleSource =
      space is any LanguageSearchSpace ? StubImages() : StubText()
    #expect {
      _ = try ENAS.forecast(
        .stub(space, data: data), settings: MethodSettings(of: ENAS.settings))
    } throws: {
      "\($0)" == message
    }
  }

  @Test func aTextThatIsTooShortIsNamed() throws {
    #expect {
      _ = try DARTS.forecast(
        .stub(DARTSRecurrent()),
        settings: MethodSettings(of: DARTS.settings, replacing: ["batch-size": 36]))
    } throws: {
      "\($0)"
        == "method 'darts': the validation text has 36 words; a batch of 36 sequences expects "
        + "at least 37"
    }
  }
}
