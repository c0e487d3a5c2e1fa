import Experiments
import Foundation
import GRDB
import OperationCosts
import SearchCore

/// A suite's results as an SQLite database, for queries of one's own: written as a whole, read by
/// nothing in this program.
///
/// `schema` is its documentation: amounts have their units in their names, and what is absent is
/// NULL, never a placeholder.
public enum ResultsDatabase {
  /// Kept in the database as `PRAGMA user_version`; raised with every change of the schema.
  public static let version = 6

  /// The statements that make the tables.
  public static let schema = [
    """
    CREATE TABLE suite (
      name TEXT NOT NULL, version INTEGER NOT NULL, summary TEXT NOT NULL, seed TEXT NOT NULL,
      seeds INTEGER NOT NULL, reference_device TEXT NOT NULL, lock TEXT NOT NULL,
      canonical_sha256 TEXT NOT NULL
    )
    """,
    // The objective tells what scores are: 'lower' or 'higher' is better, and of what unit.
    """
    CREATE TABLE study (
      name TEXT PRIMARY KEY, kind TEXT NOT NULL, dataset TEXT NOT NULL, space TEXT NOT NULL,
      evaluator TEXT NOT NULL, search_budget REAL NOT NULL, search_budget_unit TEXT NOT NULL,
      final_budget REAL, final_budget_unit TEXT, objective TEXT NOT NULL, better TEXT NOT NULL,
      cost TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE run (
      id TEXT PRIMARY KEY, study TEXT NOT NULL REFERENCES study (name), method TEXT NOT NULL,
      seed_index INTEGER NOT NULL, status TEXT NOT NULL, selected_architecture TEXT,
      search_validation REAL, final_status TEXT, final_validation REAL, final_test REAL,
      final_parameters INTEGER, final_flops_per_example INTEGER, final_epochs REAL,
      final_weights_sha256 TEXT, wall_clock_seconds REAL, cpu_seconds REAL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE charge (
      run_id TEXT NOT NULL REFERENCES run (id), phase TEXT NOT NULL, flops, bytes,
      reference_nanoseconds, training_examples INTEGER, wall_nanoseconds INTEGER,
      cpu_nanoseconds INTEGER, microjoules INTEGER, PRIMARY KEY (run_id, phase)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE trial (
      run_id TEXT NOT NULL REFERENCES run (id), trial_index INTEGER NOT NULL,
      architecture TEXT NOT NULL, identity TEXT NOT NULL, status TEXT NOT NULL, validation REAL,
      parameters INTEGER, flops_per_example INTEGER, epochs REAL, weights_sha256 TEXT,
      charged_flops, charged_bytes, charged_reference_nanoseconds,
      charged_training_examples INTEGER NOT NULL, budget_fraction REAL NOT NULL,
      PRIMARY KEY (run_id, trial_index)
    ) WITHOUT ROWID
    """,
    // Epochs of one-shot searches; the probabilities are JSON.
    """
    CREATE TABLE epoch (
      run_id TEXT NOT NULL REFERENCES run (id), position INTEGER NOT NULL, search INTEGER,
      epoch INTEGER NOT NULL, training_loss REAL NOT NULL, validation REAL, architecture TEXT,
      skip_connections INTEGER, controller_updates INTEGER, mean_reward REAL, entropy REAL,
      probabilities TEXT, charged_flops, charged_bytes, charged_reference_nanoseconds,
      charged_training_examples INTEGER NOT NULL, budget_fraction REAL NOT NULL,
      PRIMARY KEY (run_id, position)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE candidate (
      run_id TEXT NOT NULL REFERENCES run (id), search INTEGER NOT NULL, architecture TEXT,
      status TEXT NOT NULL, validation REAL, parameters INTEGER, flops_per_example INTEGER,
      epochs REAL, weights_sha256 TEXT, PRIMARY KEY (run_id, search)
    ) WITHOUT ROWID
    """,
    // Learning curves: of final training where trial_index is -1, else of a trial.
    """
    CREATE TABLE learning (
      run_id TEXT NOT NULL REFERENCES run (id), trial_index INTEGER NOT NULL,
      epochs REAL NOT NULL, training_loss REAL NOT NULL, learning_rate REAL NOT NULL,
      validation REAL, PRIMARY KEY (run_id, trial_index, epochs)
    ) WITHOUT ROWID
    """,
  ]

  /// Queries to begin with, each with what it answers; the tests run them.
  public static let examples: [(question: String, query: String)] = [
    (
      "mean final score of each method",
      """
      SELECT study, method, count(*) AS runs, avg(final_test) AS mean FROM run
      WHERE final_test IS NOT NULL GROUP BY study, method ORDER BY study, mean
      """
    ),
    (
      "best validation score so far against modelled GPU-hours, trial by trial",
      """
      SELECT run_id, charged_reference_nanoseconds / 3.6e12 AS gpu_hours,
        min(validation) OVER (PARTITION BY run_id ORDER BY trial_index) AS best
      FROM trial WHERE status = 'completed' ORDER BY run_id, trial_index
      """
    ),
    (
      "architectures that several runs selected",
      """
      SELECT selected_architecture, count(*) AS runs FROM run
      GROUP BY selected_architecture HAVING runs > 1 ORDER BY runs DESC
      """
    ),
  ]

  /// The bytes of a database file.
  ///
  /// - Throws: `RecordsError`, one line.
  public static func data(of results: SuiteResults) throws -> Data {
    let file = FileManager.default.temporaryDirectory.appending(
      path: "searchlight-\(UUID().uuidString).sqlite")
    defer { unlink(file.path) }
    do {
      let database = try DatabaseQueue(path: file.path)
      try database.write { database in
        for statement in schema { try database.execute(sql: statement) }
        try database.execute(sql: "PRAGMA user_version = \(version)")
        try fill(database, results)
      }
      try database.close()
    } catch let error as DatabaseError {
      throw RecordsError(
        "\(file.path): could not write the database there (\(error.message ?? "\(error)"))")
    }
    return try Data(contentsOf: file)
  }

  private static func fill(_ database: Database, _ results: SuiteResults) throws {
    try insert(
      "suite", results.suite, results.version, results.summary, "\(results.seed)", results.seeds,
      results.referenceDevice, results.lock, results.canonicalChecksum, into: database)
    for study in results.studies {
      try insert(
        "study", study.name, study.kind.rawValue, study.dataset, study.space, study.evaluator,
        study.searchBudget.amount, study.searchBudget.unit.rawValue, study.finalBudget?.amount,
        study.finalBudget?.unit.rawValue, study.objective.id,
        study.objective.isBetter(0, than: 1) ? "lower" : "higher", study.costLabel, into: database)
      for run in study.runs { try fill(database, run, of: study.name) }
    }
  }

  private static func fill(_ database: Database, _ run: RunResults, of study: String) throws {
    let final = run.final?.measurement
    try insert(
      "run", run.id, study, run.method, run.seedIndex, run.status.rawValue,
      run.selectedArchitecture, run.searchValidation, run.final?.status.rawValue,
      final?.validation, final?.test, final?.parameters, final?.flopsPerExample, final?.epochs,
      final?.weightsChecksum, run.wallClockSeconds, run.cpuSeconds, into: database)
    for phase in Phase.allCases {
      let (charge, measured) = (run.charges[phase], run.measured?[phase])
      guard charge != nil || measured != nil else { continue }
      try insert(
        "charge", run.id, phase.rawValue, amount(charge?.flops), amount(charge?.bytes),
        amount(charge?.referenceNanoseconds), charge?.trainingExamples, measured?.wallNanoseconds,
        measured?.cpuNanoseconds, measured?.microjoules, into: database)
    }
    for trial in run.trials {
      try insert(
        ["trial", run.id, trial.index, trial.architecture, trial.identity, trial.status.rawValue]
          + values(trial.measurement) + values(trial.chargedSoFar) + [trial.budgetFraction],
        into: database)
      try fill(database, trial.learning, of: run.id, trial: trial.index)
    }
    try fill(database, run.finalLearning, of: run.id, trial: -1)
    for (position, record) in (run.epochs ?? []).enumerated() {
      let epoch = record.epoch
      let probabilities = try epoch.probabilities.map {
        String(decoding: try JSONEncoder().encode($0), as: UTF8.self)
      }
      try insert(
        [
          "epoch", run.id, position, epoch.search, epoch.epoch, epoch.trainingLoss,
          epoch.validation, epoch.architecture, epoch.skipConnections, epoch.controllerUpdates,
          epoch.meanReward, epoch.entropy, probabilities,
        ] + values(record.chargedSoFar) + [record.budgetFraction], into: database)
    }
    for candidate in run.candidates ?? [] {
      try insert(
        [
          "candidate", run.id, candidate.search, candidate.architecture,
          candidate.outcome.status.rawValue,
        ] + values(candidate.outcome.measurement), into: database)
    }
  }

  private static func fill(
    _ database: Database, _ curve: [LearningPoint]?, of run: String, trial: Int
  ) throws {
    for point in curve ?? [] {
      try insert(
        "learning", run, trial, point.epochs, point.trainingLoss, point.learningRate,
        point.validation, into: database)
    }
  }

  private typealias Value = any DatabaseValueConvertible

  private static func values(_ measurement: SearchCore.Measurement) -> [Value?] {
    [
      measurement.validation, measurement.parameters, measurement.flopsPerExample,
      measurement.epochs, measurement.weightsChecksum,
    ]
  }

  private static func values(_ charge: Charge) -> [Value?] {
    [
      amount(charge.flops), amount(charge.bytes), amount(charge.referenceNanoseconds),
      charge.trainingExamples,
    ]
  }

  /// A number, or its digits as text where 64 bits do not hold it: no column type would keep it.
  private static func amount(_ value: Int128?) -> Value? {
    value.map { value -> Value in
      if let number = Int64(exactly: value) { return number }
      return String(value)
    }
  }

  private static func insert(_ values: Value?..., into database: Database) throws {
    try insert(values, into: database)
  }

  /// Inserts a row: the table's name, then its columns.
  private static func insert(_ values: [Value?], into database: Database) throws {
    let table = values.first.flatMap { $0 as? String } ?? ""
    let marks = Array(repeating: "?", count: values.count - 1).joined(separator: ", ")
    try database.cachedStatement(sql: "INSERT INTO \(table) VALUES (\(marks))")
      .execute(arguments: StatementArguments(values.dropFirst()))
  }
}
