import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// A run of random search with weight sharing, step by step.
final class RandomPathSearch: Evaluation, Checkpointable {
  /// What a checkpoint holds beside the weights.
  private struct State: Codable {
    var course = EpochCourse()
    /// Set once the weights are trained.
    var choice: StagedChoice?
    /// Looks at validation minibatches so far: the place in their stream.
    var looks = 0
  }

  private let plan: RandomSearchWithWeightSharing.Plan
  private var weights: any PathWeights { plan.weights }
  private var allowance: Allowance
  private var state = State()
  private var task: OneShotTask { plan.task }

  /// - Parameter share: What this search may spend of the task's budget.
  init(_ plan: RandomSearchWithWeightSharing.Plan, _ share: BudgetShare) {
    self.plan = plan
    plan.weights.allocate()
    allowance = Allowance(plan.task, reserve: plan.reserve, share)
  }

  func step() throws -> StepReport {
    if state.choice == nil, let report = train() { return report }
    return choose()
  }

  /// One weight step along a random path; `nil` if none fits the budget any more.
  private func train() -> StepReport? {
    let index = state.course.updates
    let place = weights.place(index)
    var generator = task.key.child("path", index).generator()
    let architecture = task.space.sample(using: &generator)
    let charge = weights.chargeOfStep(architecture, minibatch: index)
    guard allowance.allows(charge) else { return nil }
    state.course.begin(place, progress: allowance.progress)
    let progress = state.course.progress
    let score = weights.step(
      architecture, minibatch: index, learningRate: plan.schedule.learningRate(at: progress),
      progress: progress)
    allowance.spend(charge)
    state.course.count(score)
    guard score.isSane else { return .diverged(charge) }
    return StepReport(
      phase: .search, charge: charge,
      epoch: place.isLast ? state.course.finish(place, weights.measure) : nil)
  }

  /// One look at a validation minibatch; with the last one the choice is made.
  private func choose() -> StepReport {
    let size = plan.scoreBatchSize
    var choice = state.choice ?? freshChoice
    var charge = Charge.zero
    if let look = choice.next {
      let architecture = candidate(look.candidate)
      let minibatch = plan.hasFreshMinibatches ? state.looks : look.batch
      let price = weights.chargeOfScore(architecture, minibatch: minibatch, size: size)
      if allowance.allowsInReserve(price) {
        charge = price
        allowance.spend(price)
        choice.take(
          weights.score(architecture, minibatch: minibatch, size: size, key: streamKey))
        state.looks += 1
      } else {
        choice.stop()
      }
    }
    state.choice = choice
    guard choice.next == nil else { return StepReport(phase: .selection, charge: charge) }
    guard let best = choice.best else { return .undecided(charge) }
    return StepReport(
      phase: .selection, charge: charge,
      outcome: .init(
        status: .completed, measurement: Measurement(validation: best.sum.value(weights.measure))),
      chosen: candidate(best.candidate))
  }

  /// Of the stream of validation minibatches; `nil` where they are the split's own, plain.
  private var streamKey: RandomKey? {
    plan.hasFreshMinibatches || plan.recipe.scoring.augments ? task.key.child("validation") : nil
  }

  private var freshChoice: StagedChoice {
    StagedChoice(
      by: weights.measure, candidates: plan.candidates, batches: plan.candidateBatches,
      finalists: plan.finalists, rounds: plan.rounds,
      allBatches: weights.validationBatches(size: plan.scoreBatchSize))
  }

  private func candidate(_ index: Int) -> Architecture {
    var generator = task.key.child("candidate", index).generator()
    return task.space.sample(using: &generator)
  }

  // MARK: Checkpoints

  func snapshot() throws -> Snapshot {
    try SearchSnapshot(state, key: task.key, allowance: allowance).snapshot(weights.arrays)
  }

  func restore(from snapshot: Snapshot) throws {
    let fresh = freshChoice
    let found = try SearchSnapshot<State>.restore(snapshot, into: weights.arrays, key: task.key) {
      state in
      state.course.isSound && (0..<1 << 30).contains(state.looks)
        && state.choice.map { $0.isSound(as: fresh) } ?? true
    }
    state = found.state
    allowance.resume(spent: found.spent, seconds: found.seconds)
  }
}
