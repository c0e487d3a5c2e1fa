import Experiments
import Foundation
import OperationCosts
import Randomness
import ResultsStore
import SearchCore
import Testing

@Suite struct ResultsStoreTests {
  private let folder = ResultsFolder(
    root: FileManager.default.temporaryDirectory.appending(path: "searchlight-\(UUID())"))
  private let suite = Suite(
    name: "toy", version: 1, summary: "A toy.", seed: 9, seeds: 2, device: "k40",
    studies: [
      Study(
        name: "one", kind: .commonSpace, dataset: "shapes", space: "line", evaluator: "table",
        training: nil,
        methods: [MethodChoice(name: "random", settings: MethodSettings(of: []))],
        searchBudget: Budget(3, .trials), finalBudget: nil)
    ])

  private var header: SuiteResults {
    SuiteResults(
      suite: suite, deviceTitle: "Tesla K40", lock: "lock",
      tasks: [(.classificationError, "made up")])
  }

  private func write(_ seedIndex: Int, wasted: Int = 0, finished: Bool = true) throws {
    let run = suite.runs[seedIndex]
    let journal = try Journal(opening: folder.journal(of: run))
    for (index, event) in Self.events(seedIndex, wasted: wasted).enumerated() {
      if case .runFinished = event, !finished { continue }
      try journal.append(
        event,
        clock: .init(activeSeconds: Double(index + 7 * wasted), cpuSeconds: 1, unixSeconds: 5))
    }
  }

  /// Two trials of a charge each, the second selected, one look at the test split.
  private static func events(_ seedIndex: Int, wasted: Int) -> [JournalEvent] {
    let charge = Charge(flops: 10, bytes: 3, referenceNanoseconds: 100, trainingExamples: 2)
    let trials: [JournalEvent] = (0..<2).map { index in
      .trialFinished(
        TrialRecord(
          index: index, architecture: "\(index)", identity: "\(index)", status: .completed,
          measurement: Measurement(validation: 0.5 - 0.1 * Double(index + seedIndex)),
          charges: Ledger(charges: [.search: charge]), chargedSoFar: charge * (index + 1),
          budgetFraction: Double(index + 1) / 3))
    }
    let lost = Ledger(charges: [.wasted: charge * wasted])
    let outcome = StepReport.Outcome(
      status: .completed, measurement: Measurement(test: 0.25, parameters: 12))
    var events: [JournalEvent] = [
      .session([EnvironmentFact(name: "processor", value: "cpu \(wasted)")])
    ]
    events += trials
    events.append(.interrupted(Interruption(cause: "stopped", lost: lost)))
    events.append(
      .selected(Selection(trial: 1, architecture: "1", identity: "1", validation: 0.4)))
    events.append(.testSplitRead(TestSplitRead(architecture: "1", reason: "why not")))
    events.append(.finalFinished(FinalRecord(outcome: outcome, charges: Ledger())))
    events.append(
      .runFinished(
        RunFinished(
          status: .completed, trials: 2, charges: Ledger(charges: [.search: charge * 2]))))
    return events
  }

  private func merged() throws -> SuiteResults {
    try SuiteRecords(in: folder).collect(header, spaces: [])
  }

  private func json(_ results: SuiteResults) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(results)
  }

  /// What reading records with a spoilt header says; `nil` if it gave results.
  private func refusal(_ data: Data) throws -> String? {
    try data.write(to: folder.header)
    do {
      _ = try SuiteRecords(in: folder).results(spaces: [])
      return nil
    } catch { return "\(error)" }
  }

  @Test func aHeaderThatIsSpoiltAtAnyPlaceIsRefusedAndWrittenAgain() throws {
    try write(0, wasted: 1)
    try write(1)
    let whole = try json(merged())
    let data = try Data(contentsOf: folder.header)
    var generator = RandomKey(seed: 6).generator()
    let message =
      "\(folder.header.path): does not match its checksum: it was changed or damaged; type "
      + "'searchlight run SUITE' to write it again"
    for round in 0..<500 {
      var spoilt = data
      // The end of the last line is no part of what it says.
      let place = generator.integer(below: data.count - 1)
      if round % 4 == 0 {
        spoilt = data.prefix(place)
      } else {
        spoilt[place] ^= UInt8(1 << generator.integer(below: 7))
      }
      #expect(try refusal(spoilt) == message)
    }
    #expect(try json(merged()) == whole)
    #expect(try refusal(Data(contentsOf: folder.header)) == nil)
  }

  @Test func amountsBeyond64BitsComeBackDigitByDigit() throws {
    let charge = Charge(flops: 123_456_789_012_345_678_901_234)
    let journal = try Journal(opening: folder.journal(of: suite.runs[0]))
    try journal.append(
      .trialFinished(
        TrialRecord(
          index: 0, architecture: "0", identity: "0", status: .completed,
          measurement: Measurement(), charges: Ledger(charges: [.search: charge]),
          chargedSoFar: charge, budgetFraction: 1)),
      clock: .init(activeSeconds: 1, cpuSeconds: 1, unixSeconds: 5))
    let run = try #require(try merged().studies[0].runs.first)
    #expect(run.charges[.search] == charge)
    #expect(run.trials.first?.chargedSoFar == charge)
  }

  @Test(arguments: [(RunStatus.failed, "boom"), (.outOfMemory, "too large")])
  func aFailedRunHasItsStatus(status: RunStatus, message: String) throws {
    let journal = try Journal(opening: folder.journal(of: suite.runs[0]))
    try journal.append(
      .failed(Failure(message: message, status: status)),
      clock: .init(activeSeconds: 1, cpuSeconds: 1, unixSeconds: 5))
    let run = try #require(try merged().studies[0].runs.first)
    #expect(run.status == status && run.final == nil && run.searchValidation == nil)
  }

  @Test func readsBackWhatWasJournaled() throws {
    try write(0, wasted: 1)
    let results = try merged()
    let run = try #require(results.studies.first?.runs.first)
    #expect(results.studies[0].runs.count == 1)
    #expect(run.id == "one/random/0" && run.status == .completed)
    #expect(run.trials.map(\.measurement.validation) == [0.5, 0.4])
    #expect(run.trials.last?.chargedSoFar.flops == 20)
    #expect(run.selectedArchitecture == "1" && run.searchValidation == 0.4)
    #expect(run.final?.measurement.test == 0.25)
    #expect(run.charges[.search]?.referenceNanoseconds == 200)
    #expect(run.charges[.wasted]?.referenceNanoseconds == 100)
    #expect(run.wallClockSeconds == 14)
    #expect(results.environment == [.init(name: "processor", value: "cpu 1")])
    #expect(results.referenceDevice == "Tesla K40")
  }

  @Test func aDamagedJournalFailsItsRunAndNoOther() throws {
    try write(0)
    try write(1)
    _ = try merged()
    let journal = folder.journal(of: suite.runs[0])
    var bytes = try Data(contentsOf: journal)
    bytes[bytes.count / 2] ^= 1
    try (bytes + Data("\n".utf8)).write(to: journal)
    let runs = try merged().studies[0].runs
    #expect(runs.map(\.status) == [.failed, .completed])
    #expect(runs[0].trials.isEmpty && runs[0].charges.isEmpty && runs[0].final == nil)
    #expect(runs[1].trials.count == 2)
  }

  @Test func epochsOfAOneShotSearchComeBackAsTheyWere() throws {
    var bare = SearchEpoch(epoch: 1, trainingLoss: 2.25)
    var full = SearchEpoch(epoch: 2, trainingLoss: 2.125)
    full.validation = 0.875
    full.architecture = "a|b"
    full.search = 1
    full.skipConnections = 3
    full.controllerUpdates = 10
    full.meanReward = 0.25
    full.entropy = 1.5
    full.probabilities = [
      .init(cell: "normal", edges: ["0-2"], operations: ["none", "skip"], rows: [[0.25, 0.75]])
    ]
    bare.entropy = nil
    let charge = Charge(flops: Int128(1) << 70, referenceNanoseconds: 50, trainingExamples: 4)
    let records = [bare, full].enumerated().map { index, epoch in
      EpochRecord(
        epoch: epoch, chargedSoFar: charge * (index + 1), budgetFraction: 0.25 * Double(index + 1))
    }
    let journal = try Journal(opening: folder.journal(of: suite.runs[0]))
    for record in records {
      try journal.append(
        .epochFinished(record), clock: .init(activeSeconds: 1, cpuSeconds: 1, unixSeconds: 5))
    }
    let run = try #require(try merged().studies[0].runs.first)
    #expect(run.epochs == records)
    #expect(run.candidates == nil)
  }

  @Test func candidatesOfAOneShotSearchComeBackAsTheyWere() throws {
    let measurement = Measurement(
      validation: 0.25, parameters: 12, flopsPerExample: 34, epochs: 2,
      weightsChecksum: "ab")
    let candidates = [
      SearchCandidate(
        search: 0, architecture: "a|b", outcome: .init(status: .completed, measurement: measurement)
      ),
      SearchCandidate(
        search: 1, architecture: nil, outcome: .init(status: .diverged, measurement: Measurement())
      ),
    ]
    let journal = try Journal(opening: folder.journal(of: suite.runs[0]))
    for candidate in candidates {
      try journal.append(
        .candidateFinished(candidate),
        clock: .init(activeSeconds: 1, cpuSeconds: 1, unixSeconds: 5))
    }
    #expect(try merged().studies[0].runs.first?.candidates == candidates)
  }

  @Test func aRunWithoutAnEndIsKilledAndKeepsItsTrials() throws {
    try write(0, finished: false)
    let run = try #require(try merged().studies[0].runs.first)
    #expect(run.status == .killed)
    #expect(run.trials.count == 2)
  }

  @Test func mergingTwiceChangesNothing() throws {
    try write(0)
    let once = try CanonicalResults(merged()).data
    #expect(try CanonicalResults(merged()).data == once)
  }

  @Test func aRunThatWentOnIsMergedAgain() throws {
    try write(0, finished: false)
    _ = try merged()
    try FileManager.default.removeItem(at: folder.journal(of: suite.runs[0]))
    try write(0)
    #expect(try merged().studies[0].runs.map(\.status) == [.completed])
    #expect(try merged().studies[0].runs[0].trials.count == 2)
  }

  @Test func recordsFoldedTwiceAreTheSame() throws {
    try write(0)
    try write(1)
    let first = try merged()
    let second = try merged()
    #expect(try json(first) == json(second))
    #expect(try CanonicalResults(first).data == CanonicalResults(second).data)
    #expect(first.canonicalChecksum == second.canonicalChecksum)
  }

  @Test func canonicalResultsKnowNoClockMachineOrWastedWork() throws {
    try write(0)
    let plain = try CanonicalResults(merged()).checksum
    try FileManager.default.removeItem(at: folder.root)
    try write(0, wasted: 3)
    #expect(try CanonicalResults(merged()).checksum == plain)
    #expect(try merged().studies[0].runs[0].charges[.wasted] != nil)
  }

  /// The stored form of a kind is its text, and a study without a recipe looked its scores up.
  @Test func aStudyIsStoredByTheTextOfItsKind() throws {
    var study = header.studies[0]
    study.kind = .ownSpace
    #expect(!study.trains)
    let text = String(decoding: try JSONEncoder().encode(study), as: UTF8.self)
    #expect(text.contains(#""kind":"own-space""#) && !text.contains("trains"))
    study.protocolFacts = [.init(name: "recipe", value: "any")]
    #expect(study.trains)
  }

  @Test func recordsWithoutAHeaderSayWhatToType() throws {
    #expect(!SuiteRecords(in: folder).exist)
    #expect(
      throws: RecordsError(
        "\(folder.header.path): cannot be read; expected what a suite's run says of itself; type "
          + "'searchlight run SUITE' to write it again")
    ) { try SuiteRecords(in: folder).results(spaces: []) }
  }

  @Test func curvesComeBackAsTheyWere() throws {
    let curve = [
      LearningPoint(epochs: 1, trainingLoss: 2.5, learningRate: 0.1),
      LearningPoint(epochs: 2, trainingLoss: 2.25, learningRate: 0.05, validation: 0.5),
    ]
    let journal = try Journal(opening: folder.journal(of: suite.runs[0]))
    let trial = TrialRecord(
      index: 0, architecture: "0", identity: "0", status: .completed, measurement: Measurement(),
      charges: Ledger(), chargedSoFar: .zero, budgetFraction: 1, learning: curve)
    let outcome = StepReport.Outcome(status: .completed, measurement: Measurement())
    for event: JournalEvent in [
      .trialFinished(trial),
      .finalFinished(FinalRecord(outcome: outcome, charges: Ledger(), learning: curve)),
    ] {
      try journal.append(event, clock: .init(activeSeconds: 1, cpuSeconds: 1, unixSeconds: 5))
    }
    let run = try #require(try merged().studies[0].runs.first)
    #expect(run.trials.first?.learning == curve && run.finalLearning == curve)
  }
}
