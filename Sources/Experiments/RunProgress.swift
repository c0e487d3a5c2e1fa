import Foundation
import SearchCore

/// How far a run is, for people who watch: rewritten whole, a hint and not a record.
public struct RunProgress: Hashable, Codable, Sendable {
  /// Phase that is worked on.
  public var phase: Phase
  /// Trials that ended.
  public var trials: Int
  /// What scores mean.
  public var objective: Objective
  /// Best validation score of a completed trial; `nil` before the first.
  public var incumbentValidation: Double?
  /// Part of that phase's budget that is used, 0 if there is no budget.
  public var budgetFraction: Double
  /// Time that the run has been worked on, in seconds.
  public var activeSeconds: Double
  /// Whether the run is done.
  public var isFinished: Bool
  /// Part of the session's time that went to checkpoints, from 0 to 1; `nil` in older files.
  public var checkpointShare: Double?

  /// Describes how far a run is.
  public init(
    phase: Phase, trials: Int, objective: Objective, incumbentValidation: Double?,
    budgetFraction: Double, activeSeconds: Double, isFinished: Bool, checkpointShare: Double? = nil
  ) {
    self.phase = phase
    self.trials = trials
    self.objective = objective
    self.incumbentValidation = incumbentValidation
    self.budgetFraction = budgetFraction
    self.activeSeconds = activeSeconds
    self.isFinished = isFinished
    self.checkpointShare = checkpointShare
  }

  /// Reads a run's progress; `nil` if there is none or it cannot be read.
  public static func read(_ url: URL) -> RunProgress? {
    guard let data = try? Data(contentsOf: url) else { return nil }
    return try? JSONDecoder().decode(RunProgress.self, from: data)
  }

  /// Writes it for others to read.
  func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try RecordFile.write(encoder.encode(self), to: url, durable: false)
  }
}
