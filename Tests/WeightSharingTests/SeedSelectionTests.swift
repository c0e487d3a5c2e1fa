import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import Testing
import WeightSharing

/// Several searches of DARTS in one run, 40 images an epoch in minibatches of 16.
@Suite struct SeedSelectionTests {
  private let key = RandomKey(seed: 1)

  private func settings(searches: Int, batchSize: Int = 16) -> MethodSettings {
    MethodSettings(
      of: DARTS.settings,
      replacing: [
        "searches": Double(searches), "selection-epochs": 1, "order": 1,
        "batch-size": Double(batchSize), "alpha-learning-rate": 0.3,
      ])
  }

  private func search(
    _ searches: Int, budget: Budget, errors: [Double?] = [0.5, 0.25, 0.75, 0.375]
  ) throws -> any Evaluation & Checkpointable {
    try DARTS.search(
      .stub(DARTSCells(), budget: budget, trainer: StubTrainer(key: key, errors: errors)),
      settings: settings(searches: searches))
  }

  @Test(
    arguments: [
      ([0.5, 0.25, 0.75], 1), ([0.125, 0.25, 0.75], 0), ([0.5, 0.25, 0.0], 2),
      // The earlier of equals.
      ([0.5, 0.25, 0.25], 1),
      // One that explodes is out of the choice.
      ([nil, 0.75, 0.5], 2),
    ] as [([Double?], Int)])
  func theCellThatTrainsBestIsKept(errors: [Double?], kept: Int) throws {
    let reports = try search(3, budget: Budget(6, .epochs), errors: errors).finish()
    let candidates = reports.compactMap(\.candidate)
    #expect(candidates.map(\.search) == [0, 1, 2])
    #expect(candidates.map(\.outcome.measurement.validation) == errors)
    // Otherwise the choice could not be seen.
    #expect(Set(candidates.map(\.architecture)).count == 3)
    let end = try #require(reports.last)
    let chosen = try #require(end.chosen)
    #expect(DARTSCells().text(of: chosen) == candidates[kept].architecture)
    #expect(end.outcome == candidates[kept].outcome)
    #expect(end.outcome?.measurement.epochs == 1)
  }

  @Test func nothingIsChosenWhereEveryTrainingExplodes() throws {
    let end = try search(2, budget: Budget(4, .epochs), errors: [nil, nil]).finish().last
    #expect(end?.outcome?.status == .diverged)
    #expect(end?.chosen == nil)
  }

  @Test func equalCellsAreTrainedEach() throws {
    let trainer = StubTrainer(key: key)
    // With no step of α all cells are the same.
    let still = MethodSettings(
      of: DARTS.settings,
      replacing: [
        "searches": 2, "selection-epochs": 1, "order": 1, "batch-size": 40,
        "alpha-learning-rate": 1e-9,
      ])
    _ = try DARTS.search(
      .stub(DARTSCells(), budget: Budget(4, .epochs), trainer: trainer), settings: still
    ).finish()
    #expect(trainer.trained.count == 2)
  }

  @Test func oneSearchTrainsNothing() throws {
    let trainer = StubTrainer(key: key)
    let reports = try DARTS.search(
      .stub(DARTSCells(), budget: Budget(2, .epochs), trainer: trainer),
      settings: settings(searches: 1)
    ).finish()
    #expect(trainer.trained.isEmpty)
    #expect(reports.allSatisfy { $0.candidate == nil && $0.epoch?.search == nil })
    #expect(reports.last?.outcome?.measurement.epochs == nil)
  }

  /// Three epochs for each search, and one for each training.
  @Test(arguments: [2, 4])
  func searchesShareABudgetInEpochsEqually(searches: Int) throws {
    let reports = try search(searches, budget: Budget(Double(4 * searches), .epochs)).finish()
    let charge = reports.reduce(Charge.zero) { $0 + $1.charge }
    #expect(charge.trainingExamples == 4 * searches * 40)
    let epochs = reports.compactMap(\.epoch)
    #expect(epochs.map(\.epoch) == Array(1...3 * searches))
    #expect(epochs.map(\.search) == (0..<searches).flatMap { [$0, $0, $0] })
  }

  /// In a unit in which a step is no round part: each stops within a step of its share, and what
  /// is left of one is the next ones'.
  @Test(arguments: [2, 4])
  func noSearchTakesMoreThanItsShare(searches: Int) throws {
    let task = try OneShotTask.stub(DARTSCells())
    let forecast = try DARTS.forecast(task, settings: settings(searches: searches))
    let nanoseconds =
      forecast.selection.referenceNanoseconds
      + forecast.epoch.referenceNanoseconds * Int128(searches) * 7 / 5
    let budget = Budget(1e-9 * Double(nanoseconds), .referenceGPUSeconds)
    let reports = try search(searches, budget: budget).finish()
    let step = try #require(reports.map(\.charge.referenceNanoseconds).max())
    var left = nanoseconds - forecast.selection.referenceNanoseconds
    var spent = [Int128]()
    var current = Int128(0)
    for report in reports.prefix(while: { $0.candidate == nil }) {
      // A search ends with a report that costs nothing, and so does the last before the trainings.
      if report.charge == .zero {
        spent.append(current)
        current = 0
      } else if report.phase == .search {
        current += report.charge.referenceNanoseconds
      }
    }
    #expect(spent.count == searches)
    for (place, cost) in spent.enumerated() {
      let share = left / Int128(searches - place)
      #expect(cost <= share + 1 && cost > share - step, "search \(place)")
      left -= cost
    }
    #expect(left >= -1 && left < step)
  }

  /// With minibatches of 8, which divide both splits, so that every step costs the same.
  @Test func whatIsChargedIsTheForecast() throws {
    let budget = Budget(8, .epochs)
    let settings = settings(searches: 2, batchSize: 8)
    let task = try OneShotTask.stub(DARTSCells(), budget: budget)
    let forecast = try DARTS.forecast(task, settings: settings)
    #expect(forecast.epochs(within: budget, examplesPerEpoch: 40) == 6)
    #expect(forecast.minimumEpochs == 2)
    #expect(forecast.economy == "set searches: 1 or fewer selection-epochs")
    #expect(forecast.peakMemoryBytes == 1 << 30)
    let reports = try DARTS.search(task, settings: settings).finish()
    func charged(_ phase: Phase) -> Charge {
      reports.filter { $0.phase == phase }.reduce(.zero) { $0 + $1.charge }
    }
    #expect(charged(.selection) == forecast.selection)
    #expect(charged(.search) == forecast.epoch * 6)
  }

  /// From every step of the searches and the trainings.
  @Test func goesOnFromAnyStep() throws {
    let whole = try search(2, budget: Budget(4, .epochs))
    var snapshots: [Snapshot] = []
    var records: [String] = []
    repeat {
      snapshots.append(try whole.snapshot())
      let report = try whole.step()
      records.append(report.record)
      if report.outcome != nil { break }
    } while true
    for (place, snapshot) in snapshots.enumerated() {
      var resumed: any Evaluation & Checkpointable = try search(2, budget: Budget(4, .epochs))
      _ = try resumed.step()
      try resumed.restore(from: snapshot)
      #expect(try resumed.finish().map(\.record) == Array(records[place...]), "from \(place)")
    }
  }

  @Test(arguments: [
    ("\"found\":[]", "\"found\":[{},{},{}]"),
    ("\"found\":[]", "\"found\":[{\"architecture\":\"Genotype(\"}]"),
    ("\"epochs\":0", "\"epochs\":-1"),
  ])
  func aSnapshotOfAnotherSearchIsRefused(part: String, spoilt: String) throws {
    var work: any Evaluation & Checkpointable = try search(2, budget: Budget(4, .epochs))
    _ = try work.step()
    var snapshot = try work.snapshot()
    let text = String(decoding: snapshot.state, as: UTF8.self)
    let changed = text.replacing(part, with: spoilt)
    #expect(changed != text)
    snapshot.state = Array(changed.utf8)
    #expect {
      try work.restore(from: snapshot)
    } throws: {
      "\($0)" == "the checkpoint's search state has counts that do not fit this search"
    }
  }

  @Test func aBudgetThatTheTrainingsWouldPassMakesNoEpoch() throws {
    let budget = Budget(2, .epochs)
    let forecast = try DARTS.forecast(
      .stub(DARTSCells(), budget: budget), settings: settings(searches: 4))
    #expect(forecast.epochs(within: budget, examplesPerEpoch: 40) == 0)
    let end = try search(4, budget: budget).finish().last
    #expect(end?.outcome?.status == .budgetSpent)
    #expect(end?.chosen == nil)
  }

  @Test func measuredTimeIsRefused() throws {
    let task = try OneShotTask.stub(DARTSCells(), budget: Budget(1, .wallClockHours))
    #expect {
      _ = try DARTS.forecast(task, settings: settings(searches: 4))
    } throws: {
      "\($0)"
        == "method 'darts' cannot tell how long training the cells of 4 searches takes here; "
        + "expected searches: 1, or a search budget in another unit than wall-clock-hours"
    }
    _ = try DARTS.forecast(task, settings: settings(searches: 1))
  }
}

/// Several searches of the methods that train single paths, whose choices cost something as well.
@Suite struct PathSeedSelectionTests {
  private func settings(_ method: any WeightSharingMethod.Type, searches: Int) -> MethodSettings {
    MethodSettings(
      of: method.settings,
      replacing: [
        "searches": Double(searches), "selection-epochs": 1, "batch-size": 8, "candidates": 5,
        "candidate-batches": 1, "finalists": 2, "controller-updates": 2, "samples-per-update": 2,
        "selection-samples": 3,
      ])
  }

  private static let methods: [any WeightSharingMethod.Type] = [
    ENAS.self, RandomSearchWithWeightSharing.self,
  ]

  /// Li & Talwalkar's second stage (arXiv 1902.07638, section 4): each search's cell is trained, and
  /// the one that trains best is kept.
  @Test(arguments: methods.map { $0.name })
  func eachSearchChoosesAndTheBestTrainedIsKept(name: String) throws {
    let method = try #require(WeightSharingCatalog.all.first { $0.name == name })
    let trainer = StubTrainer(key: RandomKey(seed: 1), errors: [0.5, 0.25, 0.75])
    let reports = try method.search(
      .stub(DARTSCells(), budget: Budget(9, .epochs), trainer: trainer),
      settings: settings(method, searches: 3)
    ).finish()
    let candidates = reports.compactMap(\.candidate)
    #expect(candidates.map(\.search) == [0, 1, 2])
    #expect(candidates.map(\.outcome.measurement.validation) == [0.5, 0.25, 0.75])
    #expect(Set(candidates.map(\.architecture)).count == 3)
    let chosen = try #require(reports.last?.chosen)
    #expect(DARTSCells().text(of: chosen) == candidates[1].architecture)
    #expect(reports.compactMap(\.epoch).map(\.search) == [0, 0, 1, 1, 2, 2])
  }

  /// No search eats what the next ones or the trainings need, though each has a choice to pay for.
  @Test(arguments: methods.map { $0.name })
  func theBudgetIsKeptInAUnitWithoutRoundSteps(name: String) throws {
    let method = try #require(WeightSharingCatalog.all.first { $0.name == name })
    let settings = settings(method, searches: 3)
    let forecast = try method.forecast(.stub(DARTSCells()), settings: settings)
    let nanoseconds =
      forecast.selection.referenceNanoseconds
      + forecast.epoch.referenceNanoseconds * 3 * 7 / 5
    let budget = Budget(1e-9 * Double(nanoseconds), .referenceGPUSeconds)
    let trainer = StubTrainer(key: RandomKey(seed: 1))
    let reports = try method.search(
      .stub(DARTSCells(), budget: budget, trainer: trainer), settings: settings
    ).finish()
    #expect(trainer.trained.count == 3)
    #expect(reports.last?.chosen != nil)
    let charge = reports.reduce(Charge.zero) { $0 + $1.charge }
    #expect(Spending(charge: charge).fraction(of: budget, examplesPerEpoch: 40) <= 1)
    #expect(Spending(charge: charge).fraction(of: budget, examplesPerEpoch: 40) > 0.7)
  }

  @Test(arguments: [ENASMacro.name, ENASMicro.name])
  func aSpaceWithoutADearestNetworkIsRefused(space: String) throws {
    let task = try OneShotTask.stub(try #require(SearchSpaceCatalog.named(space)))
    #expect(
      throws: MethodError(
        "method 'enas' cannot tell which architecture of '\(space)' costs most to train, and so "
          + "what 2 trainings do; expected searches: 1, or space: darts-cells, darts-recurrent or "
          + "nas-bench-201")
    ) { try ENAS.forecast(task, settings: settings(ENAS.self, searches: 2)) }
  }
}
