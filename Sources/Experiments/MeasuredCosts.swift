import SearchCore

/// What the machine was measured to spend: whole numbers, so that sums are exact.
public struct MeasuredCost: Hashable, Codable, Sendable {
  /// Time on the wall.
  public var wallNanoseconds: Int
  /// Processor time of the run's process, over all threads.
  public var cpuNanoseconds: Int
  /// Energy of the whole processor package, other programs included; `nil` if any part of it is
  /// unknown, since a machine without a counter does not spend 0.
  public var microjoules: Int?

  /// Notes a cost.
  public init(wallNanoseconds: Int, cpuNanoseconds: Int, microjoules: Int?) {
    self.wallNanoseconds = wallNanoseconds
    self.cpuNanoseconds = cpuNanoseconds
    self.microjoules = microjoules
  }

  /// Nothing was spent.
  public static let zero = MeasuredCost(wallNanoseconds: 0, cpuNanoseconds: 0, microjoules: 0)

  public static func + (left: MeasuredCost, right: MeasuredCost) -> MeasuredCost {
    var energy: Int?
    if let first = left.microjoules, let second = right.microjoules { energy = first + second }
    return MeasuredCost(
      wallNanoseconds: left.wallNanoseconds + right.wallNanoseconds,
      cpuNanoseconds: left.cpuNanoseconds + right.cpuNanoseconds, microjoules: energy)
  }

  public static func - (left: MeasuredCost, right: MeasuredCost) -> MeasuredCost {
    left
      + MeasuredCost(
        wallNanoseconds: -right.wallNanoseconds, cpuNanoseconds: -right.cpuNanoseconds,
        microjoules: right.microjoules.map { -$0 })
  }
}

/// What a run was measured to spend, by phase; down-time costs nothing.
public struct MeasuredCosts: Hashable, Codable, Sendable {
  /// Costs by phase; a phase in which nothing was measured is absent.
  public private(set) var costs: [Phase: MeasuredCost] = [:]

  /// Starts an empty account.
  public init() {}

  /// Takes over an account.
  public init(costs: [Phase: MeasuredCost]) { self.costs = costs }

  public init(from decoder: any Decoder) throws {
    costs = try decoder.singleValueContainer().decode([Phase: MeasuredCost].self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(costs)
  }

  /// What was measured in a phase.
  public subscript(phase: Phase) -> MeasuredCost { costs[phase] ?? .zero }

  /// Books a cost.
  public mutating func add(_ cost: MeasuredCost, to phase: Phase) {
    guard cost != .zero else { return }
    costs[phase] = self[phase] + cost
  }

  /// Everything, lost work included: the sum of the phases.
  public var total: MeasuredCost { Phase.allCases.reduce(.zero) { $0 + self[$1] } }

  /// Everything but lost work: what counts against a budget of measured time.
  public var useful: MeasuredCost {
    Phase.allCases.reduce(.zero) { $1 == .wasted ? $0 : $0 + self[$1] }
  }

  /// Books all that was spent since an earlier state of this account as lost.
  public mutating func waste(since earlier: MeasuredCosts) {
    let lost = useful - earlier.useful
    costs = earlier.costs.merging(costs.filter { $0.key == .wasted }) { $1 }
    add(lost, to: .wasted)
  }
}
