import Foundation
import SearchCore

/// A run's records: its journal, its checkpoint, its meter, and the account of measured costs.
///
/// After a resume the run is done again from its start. Every canonical event that was journaled
/// is compared with the one that happens now; a difference means that data, program or suite
/// changed, and is an error. Only the piece of work that was unfinished is really done, from its
/// last checkpoint if there is one.
final class RunRecorder {
  /// Where the run's folder is.
  let folder: URL
  let checkpoints: CheckpointWriter

  private let journal: Journal
  private let meter: SpendingMeter
  private let account: CostAccount
  private let clock: any RunClock
  private let journaled: [JournalLine]
  private var position = 0
  private var canonicalCount = 0
  private var session = 0
  /// What was read of the run's checkpoint, or why it cannot be used.
  private var checkpoint: Result<Checkpoint, SuiteError>?
  /// What the unfinished piece of work has cost, and how much of that its checkpoint keeps.
  private var inFlight = Ledger()
  private var kept = Ledger()

  /// Opens the records of a run's folder.
  init(
    folder: URL, clock: any RunClock, period: CheckpointPeriod, lockWaitSeconds: Double
  ) throws(SuiteError) {
    self.folder = folder
    self.clock = clock
    journal = try Journal(
      opening: folder.appending(path: "journal.jsonl"), waitSeconds: lockWaitSeconds)
    journaled = journal.lines.filter(\.event.isCanonical)
    meter = try SpendingMeter(folder.appending(path: "spending.meter"))
    account = CostAccount(clock: clock, lines: journal.lines)
    checkpoints = CheckpointWriter(folder: folder, period: period, clock: clock)
  }

  /// The run's end, if it was reached before.
  var finished: RunFinished? {
    if case .runFinished(let record)? = journaled.last?.event { return record }
    return nil
  }

  /// Number of lines in the journal.
  var lineCount: Int { journal.lines.count }

  /// The journaled line that the next event must equal; `nil` once everything is replayed.
  var next: JournalLine? { position < journaled.count ? journaled[position] : nil }

  /// Time that counts against a budget of measured time: no down-time, no lost work; while events
  /// are replayed, what it was then.
  var activeSeconds: Double {
    if next != nil { return position > 0 ? journaled[position - 1].clock.activeSeconds : 0 }
    return account.activeSeconds
  }

  /// Measured seconds of the unfinished piece of work, over all sessions.
  var workSeconds: Double { account.workSeconds }

  /// The journaled facts of earlier sessions.
  var earlierEnvironments: [[EnvironmentFact]] {
    journal.lines.compactMap { if case .session(let facts) = $0.event { facts } else { nil } }
  }

  // MARK: Events

  /// Begins a session: books what the one before has lost, and says what it runs on.
  func begin(_ run: String, _ environment: [EnvironmentFact]) throws {
    readCheckpoint(of: run)
    if !journal.lines.isEmpty { try bookLosses() }
    try record(.session(environment))
    session = lineCount - 1
    checkpoints.removeRemains()
  }

  /// Records an event, or compares it with the one journaled.
  ///
  /// - Parameter activeSeconds: The measured time that belongs to the event.
  func record(_ event: JournalEvent, activeSeconds: Double? = nil) throws {
    if event.isCanonical, let line = next {
      guard line.event == event else {
        throw SuiteError(
          "\(folder.appending(path: "journal.jsonl").path):\(line.sequence + 1): the run now "
            + "differs from what was recorded\(event.difference(from: line.event)); the data, the program or the suite has changed; "
            + "type 'searchlight run SUITE --fresh' to start anew")
      }
      position += 1
      canonicalCount += 1
      account.noteEvent(event)
      return
    }
    account.measure()
    try journal.append(event, clock: account.clock(activeSeconds: activeSeconds))
    guard event.isCanonical else { return }
    canonicalCount += 1
    account.noteEvent(event)
    account.keep(beginsWork: event.beginsWork)
    switch event {
    case .trialFinished, .finalFinished: (inFlight, kept) = (Ledger(), Ledger())
    default: break
    }
  }

  /// Records that unfinished work is lost, but for what its checkpoint keeps.
  func interrupt(cause: String, losing lost: Ledger) throws {
    account.measure()
    if lost != Ledger() { account.waste() }
    try record(.interrupted(Interruption(cause: cause, lost: lost.asWasted, kept: kept)))
    inFlight = kept
    try journal.synchronize()
  }

  /// Records an error that ends this session, and what it has lost.
  func fail(_ error: any Error) throws {
    if inFlight != Ledger() { try interrupt(cause: "failed", losing: inFlight.minus(kept)) }
    let status = (error as? RunRefusal)?.status ?? .failed
    try record(.failed(Failure(message: "\(error)", status: status)))
  }

  /// Goes past final training if it was journaled to its end, and gives its record.
  func replayFinal() -> FinalRecord? {
    replayWork { if case .finalFinished(let record) = $0.event { record } else { nil } }
  }

  /// Goes past a one-shot search if it was journaled to its end, and gives its record.
  func replaySearch() -> TrialRecord? {
    replayWork { if case .trialFinished(let record) = $0.event { record } else { nil } }
  }

  /// Goes past the piece of work that ends with the next line of a kind.
  private func replayWork<Record>(_ ending: (JournalLine) -> Record?) -> Record? {
    for (offset, line) in journaled[position...].enumerated() {
      guard let record = ending(line) else { continue }
      position += offset + 1
      canonicalCount += offset + 1
      return record
    }
    return nil
  }

  /// Waits until the journal is on disk.
  func synchronize() throws { try journal.synchronize() }

  // MARK: Unfinished work

  /// Puts a step of unfinished work on the meter.
  ///
  /// - Parameter isWhole: Whether the step was all of the work. The journal has it next, and what a
  ///   kill before that loses is a look-up, which takes no time to do again: it is not metered.
  func spend(on work: String, _ charges: Ledger, phase: Phase, isWhole: Bool) throws {
    account.phase = phase
    account.measure()
    inFlight = charges
    if isWhole { return }
    try meter.write(
      .init(session: session, work: work, charges: charges, measured: account.measured))
  }

  /// Writes down a piece of work, so that a kill loses only what comes after.
  func writeCheckpoint(
    of work: String, charges: Ledger, learning: [LearningPoint]?, snapshot: Snapshot
  ) throws {
    // What the checkpoint continues from must be on disk before it.
    try journal.synchronize()
    account.measure()
    let record = Checkpoint.Record(
      run: runID, work: work, journalLines: lineCount, journalHash: journal.hash,
      canonicalLines: canonicalCount, charges: charges, learning: learning,
      measured: account.measured, state: String(decoding: snapshot.state, as: UTF8.self),
      tensors: nil)
    try checkpoints.write(Checkpoint(record: record, snapshot: snapshot))
    kept = charges
    account.keep()
  }

  /// The checkpoint of a piece of work; `nil` if there is none.
  func checkpoint(of work: String) -> Checkpoint? {
    guard case .success(let checkpoint)? = checkpoint, checkpoint.record.work == work else {
      return nil
    }
    return checkpoint
  }

  /// Tells that work goes on from its checkpoint.
  func takeUp(_ checkpoint: Checkpoint) {
    position = checkpoint.record.canonicalLines
    canonicalCount = position
    inFlight = checkpoint.record.charges
    kept = inFlight
    account.keep()
  }

  /// Records that a checkpoint does not fit its work, which begins anew.
  func refuse(_ checkpoint: Checkpoint, because reason: String) throws {
    kept = Ledger()
    account.forgetCheckpoint()
    try interrupt(cause: "checkpoint refused: \(reason)", losing: checkpoint.record.charges)
    self.checkpoint = nil
  }

  /// Removes what only an unfinished run needs.
  func removeCheckpoints() { checkpoints.removeAll() }

  private var runID: String {
    if case .runStarted(let record)? = journaled.first?.event { return record.run }
    for case .runStarted(let record) in journal.lines.map(\.event) { return record.run }
    return ""
  }

  private func readCheckpoint(of run: String) {
    do throws(SuiteError) {
      guard let found = try Checkpoint.read(checkpoints.url) else { return }
      let record = found.record
      checkpoints.found(record)
      guard record.run == run, (1...max(1, lineCount)).contains(record.journalLines),
        lineCount > 0, journal.hashes[record.journalLines - 1] == record.journalHash,
        (0...journaled.count).contains(record.canonicalLines)
      else { throw SuiteError("\(checkpoints.url.path): belongs to another history of this run") }
      // One whose piece of work has ended since is of no use, and no fault.
      let later = journaled[record.canonicalLines...].map(\.event)
      let isStale = later.contains { !$0.isWithinWork }
      if !isStale { checkpoint = .success(found) }
    } catch {
      checkpoint = .failure(error)
    }
  }

  /// Notes what a kill or a checkpoint that cannot be read has lost.
  private func bookLosses() throws {
    let lines = journal.lines
    let last = lines.lastIndex { if case .session = $0.event { true } else { false } } ?? 0
    var ending: Interruption?
    var hasFailed = false
    for line in lines[last...] {
      switch line.event {
      case .interrupted(let interruption): ending = interruption
      case .failed: hasFailed = true
      default: if line.event.isCanonical { ending = nil }
      }
    }
    let isKill = ending == nil && !hasFailed
    var reached = ending?.kept ?? Ledger()
    let reading = meter.read()
    if isKill {
      reached = earlierKept
      if let reading, reading.session == last { reached = reading.charges }
      // What was journaled as finished is not lost.
      if let reading, reading.session == last, isFinished(reading.work) { reached = Ledger() }
    }
    if case .success(let found)? = checkpoint { kept = found.record.charges }
    let lost = reached.minus(kept)
    if isKill {
      let fitting: Checkpoint.Record? =
        if case .success(let found)? = checkpoint { found.record } else { nil }
      account.resume(
        reading: reading?.session == last ? reading?.measured : nil, checkpoint: fitting)
    }
    var cause = "killed"
    if case .failure(let error)? = checkpoint {
      cause = "checkpoint refused: \(error.description)"
    } else if !isKill, lost == Ledger() {
      return
    }
    try interrupt(cause: cause, losing: lost)
  }

  /// What a checkpoint kept when an earlier session of the unfinished piece of work ended.
  private var earlierKept: Ledger {
    var kept = Ledger()
    for event in journal.lines.map(\.event) {
      if case .interrupted(let interruption) = event { kept = interruption.kept ?? Ledger() }
      switch event {
      case .trialFinished, .finalFinished: kept = Ledger()
      default: break
      }
    }
    return kept
  }

  private func isFinished(_ work: String) -> Bool {
    journaled.contains { line in
      switch line.event {
      case .trialFinished(let record):
        [RunExecutor.work(ofTrial: record.index), RunExecutor.workOfOneShotSearch].contains(work)
      case .finalFinished: RunExecutor.workOfFinalTraining == work
      default: false
      }
    }
  }
}
