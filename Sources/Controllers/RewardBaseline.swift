/// The exponential moving average of rewards that a policy gradient compares with.
///
/// It starts at the mean of the first rewards it sees, so that the first update has a sign.
public struct RewardBaseline: Hashable, Sendable {
  private let momentum: Double
  /// The average; `nil` before the first rewards.
  public private(set) var value: Double?

  /// - Parameter momentum: Share of the past that each reward keeps, from 0 to below 1.
  public init(momentum: Double) { self.momentum = momentum }

  /// How much better each reward is than the average before them; then takes them in, in order.
  public mutating func advantages(of rewards: [Double]) -> [Double] {
    let before = value ?? rewards.reduce(0, +) / Double(max(1, rewards.count))
    var average = before
    for reward in rewards { average = momentum * average + (1 - momentum) * reward }
    value = average
    return rewards.map { $0 - before }
  }
}
