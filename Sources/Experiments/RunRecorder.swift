import Foundation
import SearchCore

/// A run's journal with its clock: replays what was journaled before, then appends.
///
/// After a resume the run is done again from its start. Every canonical event that was journaled
/// is compared with the one that happens now; a difference means that data, program or suite
/// changed, and is an error.
final class RunRecorder {
  /// Work of this run's earlier sessions that was lost.
  private(set) var wasted = Ledger()
  /// Where the run's folder is.
  let folder: URL

  private let journal: Journal
  private let clock: any RunClock
  private let journaled: [JournalLine]
  private var position = 0
  private let sessionStart: (active: Double, cpu: Double)
  private let earlier: (active: Double, cpu: Double)

  /// Opens the journal of a run's folder.
  init(folder: URL, clock: any RunClock) throws(SuiteError) {
    self.folder = folder
    self.clock = clock
    journal = try Journal(opening: folder.appending(path: "journal.jsonl"))
    journaled = journal.lines.filter(\.event.isCanonical)
    earlier = (
      journal.lines.map(\.clock.activeSeconds).max() ?? 0,
      journal.lines.map(\.clock.cpuSeconds).max() ?? 0
    )
    sessionStart = (clock.monotonicSeconds(), clock.cpuSeconds())
    for case .interrupted(let event) in journal.lines.map(\.event) { wasted.add(event.lost) }
  }

  /// The run's end, if it was reached before.
  var finished: RunFinished? {
    if case .runFinished(let record)? = journaled.last?.event { return record }
    return nil
  }

  /// Whether nothing was journaled yet.
  var isNew: Bool { journal.lines.isEmpty }

  /// Number of lines in the journal.
  var lineCount: Int { journal.lines.count }

  /// The journaled line that the next event must equal; `nil` once everything is replayed.
  var next: JournalLine? { position < journaled.count ? journaled[position] : nil }

  /// Time worked on this run, over all sessions; down-time costs nothing.
  var activeSeconds: Double {
    earlier.active + max(0, clock.monotonicSeconds() - sessionStart.active)
  }

  /// Records an event, or compares it with the one journaled.
  ///
  /// - Parameter activeSeconds: The measured time that belongs to the event.
  func record(_ event: JournalEvent, activeSeconds: Double? = nil) throws {
    if event.isCanonical, let line = next {
      guard line.event == event else {
        throw SuiteError(
          "\(folder.appending(path: "journal.jsonl").path):\(line.sequence + 1): the run now "
            + "differs from what was recorded; the data, the program or the suite has changed; "
            + "type 'searchlight run SUITE --fresh' to start anew")
      }
      position += 1
      return
    }
    let time = JournalLine.Clock(
      activeSeconds: activeSeconds ?? self.activeSeconds,
      cpuSeconds: earlier.cpu + max(0, clock.cpuSeconds() - sessionStart.cpu),
      unixSeconds: clock.unixSeconds())
    try journal.append(event, clock: time)
    if case .interrupted(let event) = event { wasted.add(event.lost) }
  }

  /// Goes past final training if it was journaled to its end, and gives its record.
  func replayFinal() throws -> FinalRecord? {
    let rest = journaled[position...]
    for (offset, line) in rest.enumerated() {
      guard case .finalFinished(let record) = line.event else { continue }
      position += offset + 1
      return record
    }
    return nil
  }

  /// Notes work that a kill has lost: at least what the progress file last said.
  func recordKill() throws {
    guard !isNew, finished == nil, let last = journal.lines.last else { return }
    switch last.event {
    case .interrupted, .failed: return
    default: break
    }
    let progress = RunProgress.read(folder.appending(path: "progress.json"))
    let lost = progress.flatMap { $0.journalLines == lineCount ? $0.inFlight.asWasted : nil }
    try record(.interrupted(Interruption(cause: "killed", lost: lost ?? Ledger())))
  }

  /// Waits until the journal is on disk.
  func synchronize() throws { try journal.synchronize() }
}
