import OperationCosts
import Randomness
import SearchCore
import SearchSpaces

/// Searches of DARTS with different seeds, one after the other, and the choice among their cells:
/// each is trained from scratch, and the one with the best validation score is kept.
///
/// What the trainings may cost is kept aside, as if every cell were the dearest of the space. The
/// searches share the rest equally: each may spend its part of what those before it have left. A
/// search or a training that explodes is out of the choice. Equal cells are trained each, as in the
/// paper: the cost is then known beforehand.
final class DARTSSeedSelection: Evaluation, Checkpointable {
  /// What the searches and the trainings need to know.
  struct Plan {
    let task: OneShotTask
    let searches: Int
    let selectionEpochs: Int
    /// What the trainings may cost together.
    let reserve: Charge
    /// Makes a search of the given task with its allowance.
    let search: (OneShotTask, Allowance) throws -> DARTSSearch
  }

  /// A search that has ended.
  private struct Found: Codable {
    /// In the paper's notation; `nil` if the search found none.
    var architecture: String?
    /// How the training of it ended, or the search if it found nothing; `nil` before.
    var outcome: StepReport.Outcome?
  }

  /// What a checkpoint holds beside the search or the training that is under way.
  private struct State: Codable {
    var found: [Found] = []
    /// What the searches that have ended were charged.
    var ended = Charge.zero
    /// Epochs of all searches.
    var epochs = 0
    /// State of the search or the training; `nil` between two.
    var work: String?
  }

  private typealias Work = any Evaluation & Checkpointable

  private let plan: Plan
  private var state = State()
  /// What all searches were charged.
  private var spent = Charge.zero
  /// The search or the training that is under way; its predecessor's memory is free by then.
  private var work: Work?

  init(_ plan: Plan) { self.plan = plan }

  func step() throws -> StepReport {
    if state.found.count < plan.searches { return try search() }
    guard let place = nextToTrain else { return choice(.zero, nil) }
    return try train(place)
  }

  private var nextToTrain: Int? { state.found.firstIndex { $0.outcome == nil } }

  /// The search or the training that is under way, or the next from its beginning.
  private func current() throws -> Work {
    let current = try work ?? begun()
    work = current
    return current
  }

  private func candidate(_ place: Int) -> SearchCandidate? {
    let found = state.found[place]
    return found.outcome.map {
      SearchCandidate(search: place, architecture: found.architecture, outcome: $0)
    }
  }

  // MARK: Searches

  private func search() throws -> StepReport {
    let index = state.found.count
    let report = try current().step()
    spent += report.charge
    var epoch = report.epoch
    if epoch != nil {
      state.epochs += 1
      epoch?.epoch = state.epochs
      epoch?.search = index
    }
    var candidate: SearchCandidate?
    if let outcome = report.outcome {
      let chosen = report.chosen.map { plan.task.space.text(of: $0) }
      state.found.append(Found(architecture: chosen, outcome: chosen == nil ? outcome : nil))
      candidate = self.candidate(index)
      state.ended = spent
      work = nil
    }
    return StepReport(
      phase: report.phase, charge: report.charge, epoch: epoch, candidate: candidate)
  }

  // MARK: Selection

  private func train(_ place: Int) throws -> StepReport {
    let report = try current().step()
    guard let outcome = report.outcome else {
      return StepReport(
        phase: .selection, charge: report.charge, testSplitRead: report.testSplitRead)
    }
    work = nil
    state.found[place].outcome = outcome
    let candidate = candidate(place)
    return nextToTrain == nil
      ? choice(report.charge, candidate)
      : StepReport(phase: .selection, charge: report.charge, candidate: candidate)
  }

  /// The end: the best of the trained cells. It comes with the last training's last step, which
  /// has a charge and made a candidate known.
  private func choice(_ charge: Charge, _ candidate: SearchCandidate?) -> StepReport {
    let candidates = state.found.indices.compactMap { self.candidate($0) }
    let best = candidates.best(by: plan.task.objective)
    let chosen = best?.architecture.flatMap { try? plan.task.space.parse($0) }
    let hasDiverged = candidates.contains { $0.outcome.status == .diverged }
    let failure = StepReport.Outcome(
      status: hasDiverged ? .diverged : .budgetSpent, measurement: Measurement())
    return StepReport(
      phase: .selection, charge: charge, outcome: best?.outcome ?? failure, candidate: candidate,
      chosen: chosen)
  }

  // MARK: Checkpoints

  private func begun() throws -> Work {
    let (index, key) = (state.found.count, plan.task.key)
    guard index == plan.searches else {
      var task = plan.task
      task.key = key.child("search", index)
      return try plan.search(
        task,
        Allowance(task, reserve: plan.reserve + state.ended, shares: plan.searches - index))
    }
    guard let place = nextToTrain, let text = state.found[place].architecture else {
      throw MethodError("the selection has no cell left to train; expected one")
    }
    return try plan.task.trainer.training(
      of: try plan.task.space.parse(text), epochs: plan.selectionEpochs,
      key: key.child("selection", place))
  }

  func snapshot() throws -> Snapshot {
    let inner = try work?.snapshot()
    var state = state
    state.work = inner.map { String(decoding: $0.state, as: UTF8.self) }
    return try SearchSnapshot(state, key: plan.task.key, spent: spent)
      .snapshot(tensors: inner?.tensors ?? [])
  }

  func restore(from snapshot: Snapshot) throws {
    let found = try SearchSnapshot<State>.read(
      snapshot.state, key: plan.task.key, isSound: isSound)
    state = found.state
    spent = found.spent
    work = nil
    guard let text = state.work else { return }
    state.work = nil
    var taken = try begun()
    try taken.restore(from: Snapshot(state: Array(text.utf8), tensors: snapshot.tensors))
    work = taken
  }

  private func isSound(_ state: State) -> Bool {
    state.found.count <= plan.searches && (0..<1 << 30).contains(state.epochs)
      && state.found.allSatisfy { found in
        found.architecture.map { (try? plan.task.space.parse($0)) != nil }
          ?? (found.outcome != nil)
      }
  }
}
