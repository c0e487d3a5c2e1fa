import SearchCore

/// A trial or a final training on its way: stepped, charged, metered, and taken up from its
/// checkpoint if there is one.
final class WorkInProgress {
  /// What the work has cost so far.
  private(set) var charges = Ledger()
  /// The epochs of training that are done; `nil` if none has told of itself.
  private(set) var learning: [LearningPoint]?
  /// Whether no step was done yet, in this session or before its checkpoint.
  private var isUntouched = true
  private let name: String
  private let evaluation: any Evaluation
  private let recorder: RunRecorder

  /// Begins a piece of work, or takes it up.
  ///
  /// - Parameter evaluation: Makes the work from its start; called again if a checkpoint does not
  ///   fit it.
  init(
    _ name: String, recorder: RunRecorder, evaluation: () throws -> any Evaluation
  ) throws {
    self.name = name
    self.recorder = recorder
    let begun = try evaluation()
    guard let checkpoint = recorder.checkpoint(of: name), var work = begun as? any Checkpointable
    else {
      self.evaluation = begun
      return
    }
    do {
      try work.restore(from: checkpoint.snapshot)
      self.evaluation = begun
      charges = checkpoint.record.charges
      learning = checkpoint.record.learning
      isUntouched = false
      recorder.takeUp(checkpoint)
    } catch {
      try recorder.refuse(checkpoint, because: "\(error)")
      self.evaluation = try evaluation()
    }
  }

  /// Does the next step, after a checkpoint if one is due.
  ///
  /// The checkpoint comes before a step and not after it, so that everything that the steps until
  /// then had to tell is in the journal.
  func step() throws -> StepReport {
    if charges.total != .zero, recorder.checkpoints.isDue() { try checkpoint() }
    let report = try evaluation.step()
    charges.add(report.charge, to: report.phase)
    if let point = report.learning { learning = (learning ?? []) + [point] }
    let isWhole = isUntouched && report.outcome != nil
    isUntouched = false
    try recorder.spend(on: name, charges, phase: report.phase, isWhole: isWhole)
    return report
  }

  /// Leaves the work at a step boundary and records what is lost: nothing, if it can be taken up.
  func suspend() throws {
    var lost = charges
    if charges.total != .zero, try checkpoint() { lost = Ledger() }
    try recorder.interrupt(cause: "stopped", losing: lost)
  }

  @discardableResult
  private func checkpoint() throws -> Bool {
    guard let work = evaluation as? any Checkpointable else { return false }
    try recorder.writeCheckpoint(
      of: name, charges: charges, learning: learning, snapshot: try work.snapshot())
    return true
  }
}
