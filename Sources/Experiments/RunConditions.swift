import Foundation
import Randomness
import SearchCore

/// Under what conditions a run is done.
///
/// None changes a result, but for memory: a trial that does not fit is recorded as such.
public struct RunConditions: Hashable, Sendable {
  /// When checkpoints are written.
  public var checkpoints: CheckpointPeriod
  /// How long a process that is just ending may still hold the run, in seconds.
  public var lockWaitSeconds: Double
  /// Memory that the run may use, in bytes; `nil` for any amount.
  public var memoryLimitBytes: Int?

  /// Sets conditions.
  public init(
    checkpoints: CheckpointPeriod = .standard, lockWaitSeconds: Double = 0,
    memoryLimitBytes: Int? = nil
  ) {
    self.checkpoints = checkpoints
    self.lockWaitSeconds = lockWaitSeconds
    self.memoryLimitBytes = memoryLimitBytes
  }
}

/// A run that was not begun, for a reason that has a status of its own.
public struct RunRefusal: Error, Hashable, CustomStringConvertible, Sendable {
  public let status: RunStatus
  public let description: String
}

extension RunExecutor {
  /// Architectures whose memory is foreseen before a run begins.
  private static let memorySamples = 16

  /// What decides the bits of a trained result, of all facts about the machine.
  private static let decisiveFacts = ["matrix products", "BLAS kernel"]

  /// Refuses to go on with other arithmetic than the run was begun with.
  func checkEnvironment() throws(SuiteError) {
    guard run.study.training != nil, let first = recorder.earlierEnvironments.first else { return }
    for name in Self.decisiveFacts {
      let old = first.first { $0.name == name }?.value
      let new = environment.first { $0.name == name }?.value
      guard let old, let new, old != new else { continue }
      throw SuiteError(
        "\(run.id): was begun with \(name) '\(old)', and here it is '\(new)', which rounds "
          + "differently; go on where it is the same, or type 'searchlight run SUITE --fresh'")
    }
  }

  /// Refuses a run that is foreseen to need more memory than it may use.
  func checkMemory() throws {
    // A one-shot search that does not fit is its run's one trial, and recorded as such.
    guard conditions.memoryLimitBytes != nil, case .proposals = procedure else { return }
    var generator = RandomKey(seed: suite.seed).child("plan").generator()
    for _ in 0..<Self.memorySamples {
      let architecture = evaluator.space.sample(using: &generator)
      let forecasts = [
        try evaluator.forecastTrial(of: architecture),
        try evaluator.forecastFinalTraining(of: architecture, budget: run.study.finalBudget),
      ]
      for forecast in forecasts {
        guard let needed = memoryNeeded(beyondLimit: forecast) else { continue }
        throw RunRefusal(
          status: .outOfMemory,
          description: "\(run.id): is foreseen to need \(needed >> 20) MiB of memory, and may use "
            + "\((conditions.memoryLimitBytes ?? 0) >> 20) MiB; lower the batch size or the scale, "
            + "or run fewer at once with --jobs")
      }
    }
  }

  /// What work needs, if it is more than it may use.
  func memoryNeeded(beyondLimit forecast: EvaluationForecast) -> Int? {
    guard let limit = conditions.memoryLimitBytes, let needed = forecast.peakMemoryBytes,
      needed > limit
    else { return nil }
    return needed
  }
}
