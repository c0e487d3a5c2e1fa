import GRDB

extension ResultsStore {
  /// The schema and its history; a migration, once published, is never changed.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: suite, runs, trials") { database in
      for statement in firstSchema { try database.execute(sql: statement) }
    }
    // Everything is filled again from the journals, so nothing has to be carried over.
    migrator.registerMigration("2: amounts beyond 64 bits, measured costs") { database in
      for table in ["test_split_read", "trial", "charge", "run", "suite"] {
        try database.execute(sql: "DROP TABLE \(table)")
      }
      for statement in secondSchema { try database.execute(sql: statement) }
    }
    migrator.registerMigration("3: epochs of one-shot searches") { database in
      try database.execute(sql: epochTable)
    }
    migrator.registerMigration("4: several searches in a run") { database in
      try database.execute(sql: "ALTER TABLE epoch ADD COLUMN search INTEGER")
      try database.execute(sql: candidateTable)
    }
    migrator.registerMigration("5: scores of any objective") { database in
      for (table, column) in [
        ("run", "search_validation"), ("run", "final_validation"), ("run", "final_test"),
        ("trial", "validation"), ("epoch", "validation"), ("candidate", "validation"),
      ] {
        try database.execute(sql: "ALTER TABLE \(table) RENAME COLUMN \(column)_error TO \(column)")
      }
    }
    return migrator
  }

  // The probabilities of a supernet's choices are JSON: no query needs a single one.
  private static let epochTable = """
    CREATE TABLE epoch (
      run_id TEXT NOT NULL REFERENCES run (id), line INTEGER NOT NULL, epoch INTEGER NOT NULL,
      training_loss REAL NOT NULL, validation_error REAL, architecture TEXT,
      skip_connections INTEGER, controller_updates INTEGER, mean_reward REAL, entropy REAL,
      probabilities TEXT, charged_flops, charged_bytes, charged_reference_nanoseconds,
      charged_training_examples INTEGER NOT NULL, budget_fraction REAL NOT NULL,
      PRIMARY KEY (run_id, line)
    ) WITHOUT ROWID
    """

  private static let candidateTable = """
    CREATE TABLE candidate (
      run_id TEXT NOT NULL REFERENCES run (id), line INTEGER NOT NULL, search INTEGER NOT NULL,
      architecture TEXT, status TEXT NOT NULL, validation_error REAL, parameters INTEGER,
      flops_per_example INTEGER, epochs REAL, weights_checksum TEXT, PRIMARY KEY (run_id, line)
    ) WITHOUT ROWID
    """

  // Floating-point operations, bytes and nanoseconds have no column type: SQLite keeps an amount
  // beyond 64 bits as text there, digit by digit, where an INTEGER column would round it.
  private static let secondSchema = firstSchema.map { statement in
    var statement = statement
    for name in ["flops", "bytes", "reference_nanoseconds"] {
      for prefix in [" ", "charged_"] {
        statement = statement.replacing("\(prefix)\(name) INTEGER", with: "\(prefix)\(name)")
      }
    }
    guard statement.contains("TABLE charge") else { return statement }
    return statement.replacing(
      "training_examples INTEGER NOT NULL",
      with: "training_examples INTEGER NOT NULL, wall_nanoseconds INTEGER, "
        + "cpu_nanoseconds INTEGER, microjoules INTEGER")
  }

  // Units are in the names; an absent metric is NULL, never a placeholder.
  private static let firstSchema = [
    "CREATE TABLE suite (id INTEGER PRIMARY KEY CHECK (id = 1), header TEXT NOT NULL)",
    """
    CREATE TABLE run (
      id TEXT PRIMARY KEY, position INTEGER NOT NULL, study TEXT NOT NULL, method TEXT NOT NULL,
      seed_index INTEGER NOT NULL, status TEXT NOT NULL, is_finished INTEGER NOT NULL,
      journal_bytes INTEGER NOT NULL, selected_architecture TEXT, search_validation_error REAL,
      final_status TEXT, final_validation_error REAL, final_test_error REAL,
      final_parameters INTEGER, final_flops_per_example INTEGER, final_epochs REAL,
      final_weights_checksum TEXT, wall_clock_seconds REAL, cpu_seconds REAL, environment TEXT
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE charge (
      run_id TEXT NOT NULL REFERENCES run (id), phase TEXT NOT NULL, flops INTEGER NOT NULL,
      bytes INTEGER NOT NULL, reference_nanoseconds INTEGER NOT NULL,
      training_examples INTEGER NOT NULL, PRIMARY KEY (run_id, phase)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE trial (
      run_id TEXT NOT NULL REFERENCES run (id), line INTEGER NOT NULL,
      trial_index INTEGER NOT NULL, architecture TEXT NOT NULL, identity TEXT NOT NULL,
      status TEXT NOT NULL, validation_error REAL, parameters INTEGER,
      flops_per_example INTEGER, epochs REAL, weights_checksum TEXT, charged_flops INTEGER NOT NULL,
      charged_bytes INTEGER NOT NULL, charged_reference_nanoseconds INTEGER NOT NULL,
      charged_training_examples INTEGER NOT NULL, budget_fraction REAL NOT NULL,
      PRIMARY KEY (run_id, line)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE test_split_read (
      run_id TEXT NOT NULL REFERENCES run (id), line INTEGER NOT NULL, architecture TEXT NOT NULL,
      reason TEXT NOT NULL, PRIMARY KEY (run_id, line)
    ) WITHOUT ROWID
    """,
  ]
}
