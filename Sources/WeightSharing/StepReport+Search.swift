import OperationCosts
import SearchCore
import TensorCore

extension BatchScore {
  /// Mean loss of a minibatch, in nats, above which a training counts as exploded: guessing is
  /// ln(classes), and no training comes back from a thousand times that.
  static let explodedLoss = 1e4

  /// Whether the loss is a number that a training can come back from.
  var isSane: Bool { loss.isFinite && loss < Self.explodedLoss }
}

extension StepReport {
  /// The end of a search whose loss exploded.
  static func diverged(_ charge: Charge) -> StepReport {
    StepReport(
      phase: .search, charge: charge,
      outcome: .init(status: .diverged, measurement: Measurement()))
  }

  /// The end of a search whose budget ended before there was a choice.
  static func undecided(_ charge: Charge) -> StepReport {
    StepReport(
      phase: .selection, charge: charge,
      outcome: .init(status: .budgetSpent, measurement: Measurement()))
  }
}
