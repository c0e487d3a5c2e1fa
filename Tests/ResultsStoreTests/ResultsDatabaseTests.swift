import Experiments
import Foundation
import GRDB
import OperationCosts
import ResultsStore
import SearchCore
import Testing

/// The database that is made for queries, read with SQLite as its users do.
@Suite struct ResultsDatabaseTests {
  private static let curve = [
    LearningPoint(epochs: 1, trainingLoss: 2.5, learningRate: 0.1),
    LearningPoint(epochs: 2, trainingLoss: 2.25, learningRate: 0.05, validation: 0.5),
  ]

  /// A trial; the second has diverged.
  private static func trial(_ index: Int, score: Double, charge: Charge) -> TrialResults {
    let isDone = index != 1
    return TrialResults(
      index: index, architecture: "\(index)", identity: "\(index)",
      status: isDone ? .completed : .diverged,
      measurement: Measurement(validation: isDone ? score : nil), chargedSoFar: charge,
      budgetFraction: Double(index + 1) / 3)
  }

  private static func run(_ seedIndex: Int) -> RunResults {
    let charge = Charge(
      flops: Int128(1) << 70, referenceNanoseconds: 3_600_000_000_000, trainingExamples: 2)
    let trials = (0..<3).map { index in
      trial(index, score: 0.5 - 0.1 * Double(index + seedIndex), charge: charge * (index + 1))
    }
    var run = RunResults(
      id: "one/random/\(seedIndex)", method: "random", seedIndex: seedIndex, status: .completed,
      trials: trials, selectedArchitecture: "2", selectedGraphs: [], searchValidation: 0.25,
      final: .init(
        status: .completed, measurement: Measurement(test: 0.25 + 0.25 * Double(seedIndex))),
      charges: [.search: charge * 3], wallClockSeconds: 1.5, cpuSeconds: nil)
    run.finalLearning = curve
    run.trials[2].learning = curve
    var epoch = SearchEpoch(epoch: 1, trainingLoss: 2)
    epoch.entropy = 1.5
    run.epochs = [EpochRecord(epoch: epoch, chargedSoFar: charge, budgetFraction: 0.5)]
    run.candidates = [
      SearchCandidate(
        search: 0, architecture: "a",
        outcome: .init(status: .completed, measurement: Measurement(validation: 0.125)))
    ]
    return run
  }

  private static let results = SuiteResults(
    suite: "toy", version: 3, summary: "A toy.", seed: .max, seeds: 2, referenceDevice: "K40",
    lock: "lock", canonicalChecksum: "ab", environment: [],
    studies: [
      StudyResults(
        name: "one", kind: .commonSpace, dataset: "shapes", space: "line", evaluator: "table",
        protocolFacts: [], searchBudget: Budget(3, .trials), finalBudget: nil,
        objective: .perplexity, costLabel: "made up", methods: ["random"],
        runs: [run(0), run(1)])
    ])

  private func read<Value>(_ work: (Database) throws -> Value) throws -> Value {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).sqlite")
    defer { try? FileManager.default.removeItem(at: file) }
    try ResultsDatabase.data(of: Self.results).write(to: file)
    return try DatabaseQueue(path: file.path).read(work)
  }

  @Test func holdsEveryRecord() throws {
    let counts = try read { database in
      try ["suite", "study", "run", "charge", "trial", "epoch", "candidate", "learning"].map {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0)")
      }
    }
    #expect(counts == [1, 1, 2, 2, 6, 2, 2, 8])
  }

  @Test func valuesAreAsTheyWere() throws {
    try read { database in
      let suite = try #require(try Row.fetchOne(database, sql: "SELECT * FROM suite"))
      #expect(suite["seed"] == "18446744073709551615" && suite["canonical_sha256"] == "ab")
      let study = try #require(try Row.fetchOne(database, sql: "SELECT * FROM study"))
      #expect(study["objective"] == "perplexity" && study["better"] == "lower")
      #expect(study["final_budget"] as Double? == nil)
      let trials = try Row.fetchAll(
        database, sql: "SELECT * FROM trial WHERE run_id = 'one/random/1' ORDER BY trial_index")
      #expect(trials.map { $0["status"] as String } == ["completed", "diverged", "completed"])
      #expect(trials.map { $0["validation"] as Double? } == [0.4, nil, 0.5 - 0.1 * 3])
      // 2^70, beyond 64 bits, digit by digit.
      #expect(trials.first?["charged_flops"] == "1180591620717411303424")
      let points = try Row.fetchAll(
        database,
        sql: "SELECT * FROM learning WHERE run_id = 'one/random/0' AND trial_index = -1")
      #expect(points.map { $0["learning_rate"] as Double } == [0.1, 0.05])
      #expect(points.map { $0["validation"] as Double? } == [nil, 0.5])
      #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == ResultsDatabase.version)
      #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
      #expect(try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") == nil)
    }
  }

  @Test(arguments: ResultsDatabase.examples.indices)
  func examplesAnswer(index: Int) throws {
    let rows = try read { try Row.fetchAll($0, sql: ResultsDatabase.examples[index].query) }
    switch index {
    case 0:
      #expect(rows.map { $0["mean"] as Double } == [0.375])
    case 1:
      #expect(rows.map { $0["best"] as Double } == [0.5, 0.3, 0.4, 0.5 - 0.1 * 3])
      #expect(rows.first?["gpu_hours"] == 1.0)
    default:
      #expect(rows.map { $0["runs"] as Int } == [2])
    }
  }
}
