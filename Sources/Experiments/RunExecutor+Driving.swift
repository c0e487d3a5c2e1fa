import OperationCosts
import SearchCore

/// What a piece of work is held to while the harness steps through it.
struct WorkRules {
  /// What a violation calls the work: `a trial`.
  let name: String
  /// Part of its budget that is used with what it was charged so far.
  let fraction: (Ledger) -> Double
  /// Whether it may look at the test split.
  var mayReadTestSplit = false
  /// The phase that progress shows; `nil` for that of each step.
  var shownPhase: Phase?
  /// Whether a step may be done that moves the used part of the budget from one value to another;
  /// work that the harness ends itself may do any.
  var allows: (_ report: StepReport, _ before: Double, _ after: Double) -> Bool = { _, _, _ in true
  }
  /// How work ends that has not ended by itself, by the used part of its budget; `nil` if it goes on.
  var ending: (_ fraction: Double) -> RunStatus? = { _ in nil }
}

/// What the driver gives back of a piece of work that has ended.
struct DrivenWork {
  let outcome: StepReport.Outcome
  let charges: Ledger
  /// The epochs of training; `nil` if none told of itself.
  var learning: [LearningPoint]?
  /// The architecture that a one-shot search has chosen.
  var chosen: Architecture?
}

extension DrivenWork {
  /// Work that was not begun.
  init(_ status: RunStatus) {
    self.init(outcome: .init(status: status, measurement: Measurement()), charges: Ledger())
  }
}

extension RunExecutor {
  /// Steps through a piece of work until it ends; `nil` if stopped.
  ///
  /// The one loop of trials, one-shot searches and final training: they differ in their rules.
  ///
  /// - Parameter tell: Records what a step has to tell, before its outcome is.
  func drive(
    _ work: WorkInProgress, by rules: WorkRules,
    on tell: (_ report: StepReport, _ charges: Ledger, _ fraction: Double) throws -> Void = {
      _, _, _ in
    }
  ) throws -> DrivenWork? {
    while true {
      if stop.isRaised {
        try work.suspend()
        return nil
      }
      let before = rules.fraction(work.charges)
      let report = try work.step()
      let fraction = rules.fraction(work.charges)
      guard rules.allows(report, before, fraction) else {
        throw SuiteError(
          "\(run.id): \(rules.name) went on past its budget; expected it to stop")
      }
      guard rules.mayReadTestSplit || !report.showsTheTestSplit else {
        throw SuiteError(
          "\(run.id): \(rules.name) read the test split; expected only final training to")
      }
      if let outcome = report.outcome { try check(outcome) }
      try tell(report, work.charges, fraction)
      if var outcome = report.outcome {
        if evaluator.overrunRule == .leaveUnfinished, fraction > 1, outcome.status == .completed {
          outcome = .init(status: .budgetSpent, measurement: Measurement())
        }
        return DrivenWork(
          outcome: outcome, charges: work.charges, learning: work.learning, chosen: report.chosen)
      }
      if let status = rules.ending(fraction) {
        return DrivenWork(
          outcome: .init(status: status, measurement: Measurement()), charges: work.charges,
          learning: work.learning)
      }
      try noteProgress(phase: rules.shownPhase ?? report.phase, fraction: fraction)
    }
  }

  /// Refuses a measurement that cannot be one.
  func check(_ outcome: StepReport.Outcome) throws {
    let objective = evaluator.objective
    for case .some(let score) in [outcome.measurement.validation, outcome.measurement.test]
    where !objective.accepts(score) {
      throw SuiteError(
        "\(run.id): found \(objective.id) \(score); expected \(objective.rangeText)")
    }
  }
}

extension StepReport {
  /// Whether anything in it is of the test split.
  fileprivate var showsTheTestSplit: Bool {
    testSplitRead != nil || outcome?.measurement.test != nil
      || candidate?.outcome.measurement.test != nil
  }
}
