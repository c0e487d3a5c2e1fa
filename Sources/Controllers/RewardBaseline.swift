/// The exponential moving average of rewards that a policy gradient compares with.
public struct RewardBaseline: Hashable, Codable, Sendable {
  /// Which rewards the average has taken in when a reward is compared with it.
  public enum Comparison: String, Codable, Sendable {
    /// Those of earlier updates; the first update's are compared with their own mean, so that it has
    /// a sign. NASNet (arXiv 1707.07012), and NAS (arXiv 1611.01578), which says no more of it.
    case earlierUpdates
    /// Those up to the reward itself, from an average of 0 on: ENAS' released code.
    case upToItself
    /// Those up to the reward itself, corrected for the start at 0: NAS-Bench-201's REINFORCE.
    case correctedUpToItself
    /// Those that the last rewards of earlier epochs left, and the reward itself; in the first epoch
    /// each is compared with a value of its own. NAS-Bench-201's ENAS.
    case earlierEpochsAndItself
  }

  private let momentum: Double
  private let comparison: Comparison
  private var average = 0.0
  /// The average of an endless row of ones: what the start at 0 has left of a reward.
  private var weight = 0.0
  /// The average when this epoch began; `nil` in the first one.
  private var earlier: Double?

  /// Makes an average without rewards.
  ///
  /// - Parameter momentum: Share of the past that each reward keeps, from 0 to below 1.
  public init(momentum: Double, _ comparison: Comparison = .earlierUpdates) {
    self.momentum = momentum
    self.comparison = comparison
  }

  /// The average as a next reward finds it; `nil` where there is none yet.
  public var value: Double? {
    if weight == 0 { return comparison == .upToItself ? 0 : nil }
    return comparison == .correctedUpToItself ? average / weight : average
  }

  /// How much better each reward of an update is than the average; takes them in, in order.
  ///
  /// - Parameter first: What the rewards of the first epoch are compared with, where that is
  ///   asked for; 0 without it.
  public mutating func advantages(of rewards: [Double], first: [Double] = []) -> [Double] {
    if comparison == .earlierUpdates {
      let before = value ?? rewards.reduce(0, +) / Double(max(1, rewards.count))
      average = before
      rewards.forEach { take($0) }
      return rewards.map { $0 - before }
    }
    return rewards.indices.map { index in
      if comparison == .earlierEpochsAndItself {
        average = earlier ?? 0
        take(rewards[index])
        if earlier == nil { average = first.indices.contains(index) ? first[index] : 0 }
      } else {
        take(rewards[index])
      }
      return rewards[index] - (value ?? 0)
    }
  }

  /// Begins another epoch.
  public mutating func endEpoch() { earlier = weight > 0 ? average : nil }

  private mutating func take(_ reward: Double) {
    average = momentum * average + (1 - momentum) * reward
    weight = momentum * weight + (1 - momentum)
  }
}
