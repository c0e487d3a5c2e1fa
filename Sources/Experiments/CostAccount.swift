import SearchCore

/// What a run is measured to spend, attributed to the phase that is worked on.
final class CostAccount {
  /// Everything so far, over all sessions.
  private(set) var measured: MeasuredCosts
  /// What time goes to from now on.
  var phase = Phase.search

  private let clock: any RunClock
  private var energy: EnergyCounter
  private var mark: (wall: Double, cpu: Double)
  /// The account as the last record has it: what a kill goes back to.
  private var kept: MeasuredCosts
  /// The account when the unfinished piece of work began.
  private var begun: MeasuredCosts

  /// Continues the account of a journal.
  init(clock: any RunClock, lines: [JournalLine]) {
    self.clock = clock
    energy = EnergyCounter()
    measured = lines.last.map(\.clock.account) ?? MeasuredCosts()
    begun = lines.last { $0.event.beginsWork }.map(\.clock.account) ?? MeasuredCosts()
    kept = measured
    mark = (clock.monotonicSeconds(), clock.cpuSeconds())
    _ = energy.microjoules(at: mark.wall)
  }

  /// Time that counts against a budget of measured time.
  var activeSeconds: Double {
    1e-9 * Double(measured.useful.wallNanoseconds)
      + max(0, clock.monotonicSeconds() - mark.wall)
  }

  /// Measured seconds since the unfinished piece of work began, without lost ones.
  var workSeconds: Double {
    activeSeconds - 1e-9 * Double(begun.useful.wallNanoseconds)
  }

  /// Attributes what was spent since the last call.
  func measure() {
    let now = (wall: clock.monotonicSeconds(), cpu: clock.cpuSeconds())
    // A clock that goes back costs nothing, and gives nothing back.
    measured.add(
      MeasuredCost(
        wallNanoseconds: nanoseconds(now.wall - mark.wall),
        cpuNanoseconds: nanoseconds(now.cpu - mark.cpu),
        microjoules: energy.microjoules(at: now.wall)), to: phase)
    mark = now
  }

  private func nanoseconds(_ seconds: Double) -> Int {
    Int((1e9 * min(max(0, seconds), 1e9)).rounded())
  }

  /// The times of a journal line.
  func clock(activeSeconds: Double?) -> JournalLine.Clock {
    JournalLine.Clock(
      activeSeconds: activeSeconds ?? 1e-9 * Double(measured.useful.wallNanoseconds),
      cpuSeconds: 1e-9 * Double(measured.total.cpuNanoseconds), unixSeconds: clock.unixSeconds(),
      measured: measured)
  }

  /// Follows the run's phases.
  func noteEvent(_ event: JournalEvent) {
    if case .selected = event { phase = .finalTraining }
  }

  /// Notes that everything so far is on record.
  ///
  /// - Parameter beginsWork: Whether a new piece of work begins here.
  func keep(beginsWork: Bool = false) {
    kept = measured
    if beginsWork { begun = measured }
  }

  /// Goes back to the last record: what came after it is lost.
  func waste() { measured.waste(since: kept) }

  /// Goes back to the beginning of the piece of work, next time that something is lost.
  func forgetCheckpoint() { kept = begun }

  /// Continues after a kill.
  ///
  /// - Parameters:
  ///   - reading: What stood on the meter of the killed session; `nil` if nothing.
  ///   - checkpoint: The checkpoint that work goes on from; `nil` if none.
  func resume(reading: MeasuredCosts?, checkpoint: Checkpoint.Record?) {
    if let checkpoint, checkpoint.measured.total.wallNanoseconds > kept.total.wallNanoseconds {
      kept = checkpoint.measured
    }
    measured = kept
    if let reading, reading.total.wallNanoseconds > kept.total.wallNanoseconds {
      measured = reading
      measured.waste(since: kept)
    }
    kept = measured
  }
}

extension JournalEvent {
  /// Whether what comes after is another piece of work.
  var beginsWork: Bool {
    isCanonical && !isWithinWork
  }

  /// Whether the event is told by a piece of work that goes on after it.
  var isWithinWork: Bool {
    switch self {
    case .epochFinished, .candidateFinished, .testSplitRead: true
    default: false
    }
  }
}
