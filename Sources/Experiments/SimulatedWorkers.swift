import OperationCosts
import SearchCore

/// The workers of an asynchronous method, on the ledger's clock.
///
/// Each makes one trial after another, which takes as long as it is charged. Nothing is measured,
/// so a run replays exactly.
struct SimulatedWorkers {
  /// When each worker has ended all that it was given, in reference nanoseconds.
  private var freeAt: [Int128]
  /// What was not told yet, with the time when it is known.
  private var underWay: [(end: Int128, observation: Observation)] = []
  /// Number of observations told.
  private(set) var told = 0

  /// Starts with idle workers, at least one.
  init(count: Int) { freeAt = Array(repeating: 0, count: max(1, count)) }

  /// When the next trial begins and ends; `nil` if there is but one worker, who never waits.
  func time(lasting nanoseconds: Int128) -> SimulatedTime? {
    freeAt.count > 1 ? SimulatedTime(start: now, end: now + nanoseconds, told: told) : nil
  }

  /// When the next trial starts: as soon as a worker is free.
  var now: Int128 { freeAt.min() ?? 0 }

  /// What is known by now and was not told, in the order in which the trials end; those that end at
  /// once, in the order of asking.
  mutating func takeEnded() -> [Observation] {
    let now = now
    let ended = underWay.filter { $0.end <= now }
      .sorted { ($0.end, $0.observation.trial) < ($1.end, $1.observation.trial) }
    underWay.removeAll { $0.end <= now }
    told += ended.count
    return ended.map(\.observation)
  }

  /// Gives a trial to the worker that is free first.
  mutating func take(_ observation: Observation, lasting nanoseconds: Int128) {
    let start = now
    guard let worker = freeAt.firstIndex(of: start) else { return }
    freeAt[worker] = start + nanoseconds
    underWay.append((freeAt[worker], observation))
  }
}

/// When an asynchronous method's workers made a trial, in reference nanoseconds of simulated time
/// since the search began.
public struct SimulatedTime: Hashable, Sendable {
  public var start: Int128
  public var end: Int128
  /// Observations that the method had been told when it proposed the trial.
  public var told: Int

  /// Makes a record of the given values.
  public init(start: Int128, end: Int128, told: Int) {
    self.start = start
    self.end = end
    self.told = told
  }

  /// How many observations the method was told between proposing each trial and being told of it:
  /// one a trial, `nil` for what was still under way when the last trial was proposed.
  ///
  /// - Parameter trials: A run's trials in order; those of a single worker have a staleness of 0.
  public static func staleness(of trials: [TrialRecord]) -> [Int?] {
    guard let last = trials.last?.simulated?.start else { return trials.map { _ in 0 } }
    let order = trials.indices.sorted {
      (trials[$0].simulated?.end ?? 0, $0) < (trials[$1].simulated?.end ?? 0, $1)
    }
    var staleness = [Int?](repeating: nil, count: trials.count)
    for (earlier, index) in order.enumerated() {
      guard let time = trials[index].simulated, time.end <= last, index < trials.count - 1 else {
        continue
      }
      staleness[index] = earlier - time.told
    }
    return staleness
  }
}

extension SimulatedTime: Codable {
  private enum CodingKeys: String, CodingKey { case start, end, told }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      start: try container.decodeAmount(forKey: .start),
      end: try container.decodeAmount(forKey: .end),
      told: try container.decode(Int.self, forKey: .told))
    guard (0..<1 << 60).contains(told) else {
      throw DecodingError.dataCorruptedError(
        forKey: .told, in: container, debugDescription: "found no count of 0 to 2^60")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeAmount(start, forKey: .start)
    try container.encodeAmount(end, forKey: .end)
    try container.encode(told, forKey: .told)
  }
}
