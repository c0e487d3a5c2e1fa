import Foundation
import SearchCore

/// Where one run stands, for people and programs that watch a suite.
public struct RunState: Hashable, Codable, Sendable {
  /// What is happening to a run.
  public enum Stage: String, Codable, Sendable {
    case waiting, running, finished, interrupted, failed
    /// It was given to a cluster, and waits there.
    case queued
    /// It was given to a cluster, is not done, and the cluster knows nothing of it any more.
    case lost
  }

  /// The run's stable id.
  public var run: String
  public var stage: Stage
  /// How it ended; `nil` before.
  public var status: RunStatus?
  /// How far it is; `nil` if nothing was written yet.
  public var progress: RunProgress?
  /// Why it failed, in one line; `nil` if it did not.
  public var message: String?

  /// Describes a run that has not begun.
  public init(run: String) {
    self.run = run
    stage = .waiting
  }

  /// Reads where a run stands from its folder, without disturbing it.
  ///
  /// A run without an end is reported as running if its journal is locked, else as interrupted.
  ///
  /// - Parameter glancing: Looks at the end of the journal only, if that tells: damage before it,
  ///   which running and reporting find, is then not found.
  public static func read(
    _ run: RunSpecification, in folder: ResultsFolder, glancing: Bool = false
  ) -> RunState {
    var state = RunState(run: run.id)
    state.progress = RunProgress.read(folder.progress(of: run))
    let journal = folder.journal(of: run)
    guard FileManager.default.fileExists(atPath: journal.path) else { return state }
    do {
      var last = glancing ? Journal.lastLine(journal) : nil
      if case .failed? = last?.event { last = nil }
      if last == nil {
        let lines = try Journal.read(journal).lines
        // What failed after the end, as when the disk was full, undoes no result.
        last = lines.last { if case .runFinished = $0.event { true } else { false } } ?? lines.last
      }
      switch last?.event {
      case .runFinished(let record):
        state.stage = .finished
        state.status = record.status
      case .failed(let failure):
        state.stage = .failed
        state.status = failure.status
        state.message = failure.message
      default: state.stage = Journal.isLocked(journal) ? .running : .interrupted
      }
    } catch {
      state.stage = .failed
      state.message = error.description
    }
    return state
  }

  /// Glances at where runs stand, several at once.
  package static func glance(
    at runs: [RunSpecification], in folder: ResultsFolder
  ) -> [RunState] {
    Parallel.map(runs) { read($0, in: folder, glancing: true) }
  }

  /// Estimated time until the search ends, in seconds; `nil` before there is a basis.
  public var secondsLeft: Double? {
    guard let progress, progress.phase == .search, progress.budgetFraction > 0.01 else {
      return nil
    }
    return progress.activeSeconds * max(0, 1 / progress.budgetFraction - 1)
  }
}

extension [RunState] {
  /// Estimated time until every run has ended, in seconds, as many at once as are running now;
  /// `nil` before there is a basis, or when nothing is left.
  ///
  /// A run is taken to last as long as the others of its study: one that is looked up and one that
  /// is trained have nothing in common.
  public var secondsLeft: Double? {
    var known: [Substring: (seconds: Double, share: Double)] = [:]
    for state in self {
      guard let progress = state.progress else { continue }
      var sum = known[state.study] ?? (0, 0)
      sum.seconds += progress.activeSeconds
      // Not `shareDone`: a method that makes one trial and ends says what that part of a budget takes.
      sum.share += Swift.min(1, progress.budgetFraction)
      known[state.study] = sum
    }
    var left = 0.0
    for state in self where [.waiting, .running, .queued].contains(state.stage) {
      guard let sum = known[state.study], sum.share > 0.01 else { return nil }
      left += sum.seconds / sum.share * (1 - state.shareDone)
    }
    let running = count { $0.stage == .running }
    return left > 0 ? left / Double(Swift.max(1, running)) : nil
  }
}

extension RunState {
  fileprivate var study: Substring { run.prefix { $0 != "/" } }

  /// Part of the run that is done, from 0 to 1.
  fileprivate var shareDone: Double {
    stage == .finished || stage == .failed ? 1 : Swift.min(1, progress?.budgetFraction ?? 0)
  }
}

/// How all runs of a suite ended.
public struct SuiteOutcome: Hashable, Sendable {
  public var states: [RunState]

  /// Number of runs in a stage.
  public func count(_ stage: RunState.Stage) -> Int { states.filter { $0.stage == stage }.count }

  /// Whether every run is done.
  public var isComplete: Bool { states.allSatisfy { $0.stage == .finished } }
}
