import Experiments
import Foundation
import GRDB
import SearchCore

/// The results of a suite in SQLite, filled from the journals of its runs.
///
/// Filling is idempotent, and the store can be deleted and filled again from the journals with the
/// same results. One process fills it; any number may read. The file's SHA-256 lies beside it, since
/// SQLite does not notice when a number in its file changes.
public final class ResultsStore {
  let database: DatabaseQueue
  private let url: URL

  /// Opens a store, or makes one.
  ///
  /// - Parameter refilling: Whether the store is filled from the journals next: one that is damaged
  ///   or of another program is then removed instead of refused.
  public init(at url: URL, refilling: Bool = false) throws(StoreError) {
    self.url = url
    if let problem = Self.damage(of: url) {
      guard refilling else { throw problem }
      for name in [url.path, url.path + "-journal", Self.seal(of: url).path] { unlink(name) }
    }
    do {
      try RecordFile.createFolder(url.deletingLastPathComponent())
      database = try DatabaseQueue(path: url.path)
      try Self.migrator.migrate(database)
    } catch {
      if let problem = Self.full(url, error) { throw problem }
      throw StoreError(
        "\(url.path): cannot be opened as a results store (\(error)); delete it and run the suite "
          + "again to fill it from the journals")
    }
  }

  /// What is said where there is no space for a store; `nil` for other errors.
  private static func full(_ url: URL, _ error: any Error) -> StoreError? {
    guard (error as? DatabaseError)?.resultCode == .SQLITE_FULL else { return nil }
    return StoreError(
      "\(url.path): could not write this file (\(String(cString: strerror(ENOSPC)))); free some "
        + "space and run the suite again")
  }

  /// Where the checksum of a store's file is.
  private static func seal(of url: URL) -> URL { url.appendingPathExtension("sha256") }

  /// What is wrong with a store's file; `nil` if nothing, or if there is none.
  private static func damage(of url: URL) -> StoreError? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    func problem(_ text: String) -> StoreError {
      StoreError(
        "\(url.path): \(text); type 'searchlight run SUITE' to fill it again from the journals")
    }
    guard let seal = try? EditedText(contentsOf: seal(of: url), limitBytes: 1 << 10) else {
      return problem("has no checksum beside it, so it was not filled to its end")
    }
    guard let checksum = RecordFile.checksum(ofFile: url) else {
      return problem("cannot be read")
    }
    guard seal.lines == [checksum[...]] else {
      return problem("does not match its checksum: it was changed or damaged")
    }
    return nil
  }

  /// Takes in the journals of a suite's runs.
  ///
  /// A run whose journal is damaged is a failed run without trials: nothing of it is trusted.
  ///
  /// - Parameters:
  ///   - header: The suite's results without runs.
  ///   - runs: The suite's runs in order; those without a journal have not begun and are left out.
  /// - Throws: `StoreError` if the database fails.
  public func merge(
    header: SuiteResults, runs: [RunSpecification], folder: ResultsFolder
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let headerText = String(decoding: try encoder.encode(header), as: UTF8.self)
    let work = try journalsToRead(of: runs, folder: folder)
    do {
      try database.write { try fill($0, headerText, work) }
    } catch {
      if let problem = Self.full(url, error) { throw problem }
      throw error
    }
    guard let checksum = RecordFile.checksum(ofFile: url) else {
      throw StoreError("\(url.path): cannot be read after it was filled")
    }
    try RecordFile.write(Data("\(checksum)\n".utf8), to: Self.seal(of: url))
  }

  private func fill(_ database: Database, _ header: String, _ work: [UnreadJournal]) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO suite (id, header) VALUES (1, ?)", arguments: [header])
    // Reading takes most of the time and needs no database; so many journals fit in memory.
    for start in stride(from: 0, to: work.count, by: Self.journalsAtOnce) {
      let part = Array(work[start..<min(start + Self.journalsAtOnce, work.count)])
      let found = Parallel.map(part) { item in
        Result<Journal.Content, SuiteError> { () throws(SuiteError) in
          try Journal.read(item.journal)
        }
      }
      for (item, content) in zip(part, found) { try merge(item, content, database) }
    }
  }

  private static let journalsAtOnce = 64

  /// A run's journal that is not in the store yet.
  private struct UnreadJournal: Sendable {
    var run: RunSpecification
    var position: Int
    var journal: URL
    /// Size of the file, in bytes.
    var size: Int
  }

  /// The journals of runs that have begun, but for those that are already here.
  private func journalsToRead(
    of runs: [RunSpecification], folder: ResultsFolder
  ) throws -> [UnreadJournal] {
    var known: [String: Int] = [:]
    try database.read { database in
      let rows = try Row.fetchCursor(
        database, sql: "SELECT id, journal_bytes FROM run WHERE is_finished = 1")
      while let row = try rows.next() { known[row["id"]] = row["journal_bytes"] }
    }
    return runs.enumerated().compactMap { position, run in
      let journal = folder.journal(of: run)
      // A finished journal never grows, so one of the same size is already here.
      guard let size = RecordFile.size(of: journal), size != known[run.id] else { return nil }
      return UnreadJournal(run: run, position: position, journal: journal, size: size)
    }
  }

  private func merge(
    _ item: UnreadJournal, _ found: Result<Journal.Content, SuiteError>, _ database: Database
  ) throws {
    let (run, position) = (item.run, item.position)
    let content: Journal.Content
    switch found {
    case .success(let read): content = read
    case .failure:
      // Whoever runs or looks at the run is told why; here it must not stop the others.
      var summary = RunSummary([])
      summary.status = .failed
      for table in ["charge", "trial", "epoch", "candidate", "test_split_read"] {
        try database.execute(sql: "DELETE FROM \(table) WHERE run_id = ?", arguments: [run.id])
      }
      return try insert(run, summary, position: position, bytes: item.size, database)
    }
    let summary = RunSummary(content.lines)
    try insert(run, summary, position: position, bytes: content.length, database)
    for phase in Phase.allCases {
      let charge = summary.charges.charge(of: phase)
      let measured = summary.measured.map { $0[phase] }
      guard charge != .zero || measured ?? .zero != .zero else { continue }
      try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO charge VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
      ).execute(arguments: [
        run.id, phase.rawValue, Self.amount(charge.flops), Self.amount(charge.bytes),
        Self.amount(charge.referenceNanoseconds), charge.trainingExamples,
        measured?.wallNanoseconds, measured?.cpuNanoseconds, measured?.microjoules,
      ])
    }
    for line in content.lines { try insert(line, of: run.id, database) }
  }

  private func insert(
    _ run: RunSpecification, _ summary: RunSummary, position: Int, bytes: Int,
    _ database: Database
  ) throws {
    let final = summary.final
    let environment = try JSONEncoder().encode(summary.environment)
    let arguments: StatementArguments = [
      run.id, position, run.study.name, run.method.label, run.seedIndex, summary.status.rawValue,
      summary.isFinished, bytes, summary.selection?.architecture,
      summary.selection?.validation, final?.status.rawValue,
      final?.measurement.validation, final?.measurement.test,
      final?.measurement.parameters, final?.measurement.flopsPerExample,
      final?.measurement.epochs, final?.measurement.weightsChecksum, summary.wallClockSeconds,
      summary.cpuSeconds, String(decoding: environment, as: UTF8.self),
    ]
    let marks = Array(repeating: "?", count: 20).joined(separator: ", ")
    try database.cachedStatement(sql: "INSERT OR REPLACE INTO run VALUES (\(marks))")
      .execute(arguments: arguments)
  }

  /// An amount as SQLite keeps it: a number, or its digits where 64 bits do not hold it.
  fileprivate static func amount(_ value: Int128) -> any DatabaseValueConvertible {
    Int64(exactly: value) ?? String(value)
  }

  private func insert(_ line: JournalLine, of run: String, _ database: Database) throws {
    switch line.event {
    case .trialFinished(let trial):
      let measurement = trial.measurement
      let charge = trial.chargedSoFar
      let marks = Array(repeating: "?", count: 16).joined(separator: ", ")
      try database.cachedStatement(sql: "INSERT OR REPLACE INTO trial VALUES (\(marks))")
        .execute(arguments: [
          run, line.sequence, trial.index, trial.architecture, trial.identity,
          trial.status.rawValue, measurement.validation, measurement.parameters,
          measurement.flopsPerExample, measurement.epochs, measurement.weightsChecksum,
          Self.amount(charge.flops), Self.amount(charge.bytes),
          Self.amount(charge.referenceNanoseconds), charge.trainingExamples, trial.budgetFraction,
        ])
    case .epochFinished(let record): try insert(record, line: line.sequence, of: run, database)
    case .candidateFinished(let record): try insert(record, line: line.sequence, of: run, database)
    case .testSplitRead(let read):
      try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO test_split_read VALUES (?, ?, ?, ?)"
      ).execute(arguments: [run, line.sequence, read.architecture, read.reason])
    default: break
    }
  }
}

extension ResultsStore {
  fileprivate func insert(
    _ record: EpochRecord, line: Int, of run: String, _ database: Database
  ) throws {
    let (epoch, charge) = (record.epoch, record.chargedSoFar)
    let probabilities = try epoch.probabilities.map {
      String(decoding: try JSONEncoder().encode($0), as: UTF8.self)
    }
    let marks = Array(repeating: "?", count: 17).joined(separator: ", ")
    try database.cachedStatement(sql: "INSERT OR REPLACE INTO epoch VALUES (\(marks))")
      .execute(arguments: [
        run, line, epoch.epoch, epoch.trainingLoss, epoch.validation, epoch.architecture,
        epoch.skipConnections, epoch.controllerUpdates, epoch.meanReward, epoch.entropy,
        probabilities, Self.amount(charge.flops), Self.amount(charge.bytes),
        Self.amount(charge.referenceNanoseconds), charge.trainingExamples, record.budgetFraction,
        epoch.search,
      ])
  }

  fileprivate func insert(
    _ record: SearchCandidate, line: Int, of run: String, _ database: Database
  ) throws {
    let measurement = record.outcome.measurement
    let marks = Array(repeating: "?", count: 10).joined(separator: ", ")
    try database.cachedStatement(sql: "INSERT OR REPLACE INTO candidate VALUES (\(marks))")
      .execute(arguments: [
        run, line, record.search, record.architecture, record.outcome.status.rawValue,
        measurement.validation, measurement.parameters, measurement.flopsPerExample,
        measurement.epochs, measurement.weightsChecksum,
      ])
  }
}

/// A journal in short.
struct RunSummary {
  var status = RunStatus.killed
  var isFinished = false
  var selection: Selection?
  var final: StepReport.Outcome?
  var charges = Ledger()
  /// By phase; `nil` in journals of earlier programs, which knew only sums.
  var measured: MeasuredCosts?
  var environment: [EnvironmentFact] = []
  var wallClockSeconds: Double?
  var cpuSeconds: Double?

  /// Sums a journal up; a run without an end counts as killed.
  init(_ lines: [JournalLine]) {
    var spent = Ledger()
    var wasted = Ledger()
    for line in lines {
      switch line.event {
      case .trialFinished(let record): spent.add(record.charges)
      case .interrupted(let record): wasted.add(record.lost)
      case .selected(let record): selection = record
      case .finalFinished(let record):
        final = record.outcome
        spent.add(record.charges)
      case .session(let facts):
        environment = facts
        status = .killed
      case .failed(let failure): status = failure.status ?? .failed
      case .runFinished(let record):
        status = record.status
        isFinished = true
      default: break
      }
    }
    charges = spent
    charges.add(wasted)
    measured = lines.last?.clock.measured
    wallClockSeconds = lines.map(\.clock.activeSeconds).max()
    cpuSeconds = lines.map(\.clock.cpuSeconds).max()
  }
}
