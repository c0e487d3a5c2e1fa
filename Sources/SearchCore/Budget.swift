import OperationCosts

/// What a part of a run's cost was for; charged apart.
public enum Phase: String, CaseIterable, Codable, CodingKeyRepresentable, Sendable {
  /// Everything until an architecture is chosen: training, the validation used as reward,
  /// controller updates.
  case search
  /// Choosing the architecture among those found.
  case selection
  /// Training the chosen architecture.
  case finalTraining = "final-training"
  /// Evaluations made for the record only; never against a budget.
  case scheduledEvaluation = "scheduled-evaluation"
  /// Work lost to a kill and done again; never against a budget.
  case wasted
}

/// The unit in which a budget is given.
public enum BudgetUnit: String, CaseIterable, Codable, Sendable {
  /// Modelled hours of the study's reference GPU.
  case referenceGPUHours = "reference-gpu-hours"
  /// Modelled seconds of the study's reference GPU, or a recorded table's own seconds.
  case referenceGPUSeconds = "reference-gpu-seconds"
  /// Canonical floating-point operations, in 10⁹.
  case gigaflops
  /// Completed trials.
  case trials
  /// Passes over the training split.
  case epochs
  /// Measured hours; exempt from bit identity.
  case wallClockHours = "wall-clock-hours"
}

/// How much may be spent on the search or on the final training of one run.
public struct Budget: Hashable, Codable, Sendable {
  public let unit: BudgetUnit
  /// Amount in `unit`, above 0.
  public let amount: Double

  public init(_ amount: Double, _ unit: BudgetUnit) {
    self.amount = amount
    self.unit = unit
  }
}

/// What has been spent on a budget: enough to say, in any unit, how much of it is used.
public struct Spending: Hashable, Codable, Sendable {
  public var charge: Charge
  public var completedTrials: Int
  /// Measured time; not part of canonical results.
  public var wallClockSeconds: Double

  public init(charge: Charge = .zero, completedTrials: Int = 0, wallClockSeconds: Double = 0) {
    self.charge = charge
    self.completedTrials = completedTrials
    self.wallClockSeconds = wallClockSeconds
  }

  /// The part of a budget that is used; 1 and above means spent.
  ///
  /// - Parameter examplesPerEpoch: Size of the training split, for budgets in epochs.
  public func fraction(of budget: Budget, examplesPerEpoch: Int) -> Double {
    switch budget.unit {
    case .referenceGPUHours:
      Double(charge.referenceNanoseconds) / (3600e9 * budget.amount)
    case .referenceGPUSeconds: Double(charge.referenceNanoseconds) / (1e9 * budget.amount)
    case .gigaflops: Double(charge.flops) / (1e9 * budget.amount)
    case .trials: Double(completedTrials) / budget.amount
    case .epochs:
      Double(charge.trainingExamples) / (Double(max(1, examplesPerEpoch)) * budget.amount)
    case .wallClockHours: wallClockSeconds / (3600 * budget.amount)
    }
  }
}
