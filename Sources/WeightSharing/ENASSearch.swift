import Controllers
import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// A run of ENAS, step by step.
final class ENASSearch: Evaluation, Checkpointable {
  /// What is being done.
  private enum Stage: String, Codable {
    case weights, controller, selection
  }

  /// What a checkpoint holds beside weights and controller.
  ///
  /// Samples are not kept: until the next update the controller draws them again from their keys.
  private struct State: Codable {
    var course = EpochCourse()
    var stage = Stage.weights
    /// Updates of the controller, and the average of rewards it compares with.
    var updates = 0
    var baseline: RewardBaseline
    /// Accuracies of the samples for the next update; of language models 80 / perplexity.
    var accuracies: [Double] = []
    /// Looks at validation minibatches so far: the place in their stream.
    var looks = 0
    /// Of this epoch: rewards and entropies of the samples.
    var samples = 0
    var rewards = 0.0
    var entropies = 0.0
    /// Candidates of the choice that have been scored, and the best, the earlier one of equals.
    var candidates = 0
    var best: Best?
  }

  private struct Best: Codable {
    var candidate: Int
    var validation: Double
  }

  private let plan: ENAS.Plan
  private var weights: any PathWeights { plan.weights }
  private let controller: ENASController
  private var allowance: Allowance
  private var state: State
  private var task: OneShotTask { plan.task }

  /// - Parameter share: What this search may spend of the task's budget.
  init(_ plan: ENAS.Plan, _ share: BudgetShare) {
    self.plan = plan
    plan.weights.allocate()
    controller = ENASController(plan.controller, for: plan.task)
    allowance = Allowance(plan.task, reserve: plan.reserve(controller), share)
    state = State(baseline: controller.freshBaseline)
  }

  func step() throws -> StepReport {
    let report: StepReport? =
      switch state.stage {
      case .weights: trainWeights()
      case .controller: trainController()
      case .selection: nil
      }
    return report ?? select()
  }

  // MARK: Weights

  /// One weight step along a drawn path; `nil` if none fits the budget any more.
  private func trainWeights() -> StepReport? {
    let index = state.course.updates
    let architecture = controller.draw([task.key.child("path", index)])[0]
    let charge =
      weights.chargeOfStep(architecture, minibatch: index) + controller.chargeOfDraw
    guard allowance.allows(charge) else { return nil }
    let progress = allowance.progress
    let score = weights.step(
      architecture, minibatch: index, learningRate: plan.schedule.learningRate(at: progress),
      progress: progress)
    allowance.spend(charge)
    state.course.count(score)
    guard score.isSane else { return .diverged(charge) }
    if weights.place(index).isLast { state.stage = .controller }
    return StepReport(phase: .search, charge: charge)
  }

  // MARK: Controller

  /// One sample's score, or the update that follows the last one; `nil` if it does not fit.
  private func trainController() -> StepReport? {
    let count = plan.controller.samplesPerUpdate
    guard state.accuracies.count == count else { return scoreSample() }
    let charge = controller.chargeOfUpdate(samples: count)
    guard allowance.allows(charge) else { return nil }
    let samples = controller.draw((0..<count).map(sampleKey))
    let lesson = controller.update(
      samples, accuracies: state.accuracies, baseline: &state.baseline)
    allowance.spend(charge)
    state.updates += 1
    state.accuracies = []
    state.samples += count
    state.rewards += lesson.rewards.reduce(0, +)
    state.entropies += lesson.entropies.reduce(0, +)
    let isEnd = state.updates % plan.controller.updatesPerEpoch == 0
    return StepReport(phase: .search, charge: charge, epoch: isEnd ? finishEpoch() : nil)
  }

  private func scoreSample() -> StepReport? {
    let architecture = controller.draw([sampleKey(state.accuracies.count)])[0]
    let charge = chargeOfLook(architecture)
    guard allowance.allows(charge) else { return nil }
    let score = look(architecture, charge)
    state.course.countValidation(score)
    state.accuracies.append(weights.reward(of: ScoreSum(score).value(weights.measure)))
    return StepReport(phase: .search, charge: charge)
  }

  private func sampleKey(_ index: Int) -> RandomKey {
    task.key.child("update", state.updates).child("sample", index)
  }

  private func finishEpoch() -> SearchEpoch {
    var epoch = state.course.finish(
      weights.place(state.course.updates - 1), weights.measure)
    epoch.controllerUpdates = state.updates
    if state.samples > 0 {
      epoch.meanReward = state.rewards / Double(state.samples)
      epoch.entropy = state.entropies / Double(state.samples * task.space.decisions.count)
    }
    (state.samples, state.rewards, state.entropies) = (0, 0, 0)
    state.baseline.endEpoch()
    state.stage = .weights
    return epoch
  }

  // MARK: Choice

  /// One candidate's score; with the last one the choice is made.
  private func select() -> StepReport {
    // The budget may have ended before the controller's part of an epoch did.
    let epoch = state.stage == .controller ? finishEpoch() : nil
    state.stage = .selection
    let architecture = candidate(state.candidates)
    var charge = chargeOfLook(architecture)
    if allowance.allowsInReserve(charge) {
      let score = look(architecture, charge)
      let value = ScoreSum(score).value(weights.measure)
      if task.objective.isBetter(value, than: state.best?.validation) {
        state.best = Best(candidate: state.candidates, validation: value)
      }
      state.candidates += 1
      if state.candidates < plan.selectionSamples {
        return StepReport(phase: .selection, charge: charge, epoch: epoch)
      }
    } else {
      charge = .zero
    }
    guard let best = state.best else { return .undecided(charge) }
    return StepReport(
      phase: .selection, charge: charge,
      outcome: .init(
        status: .completed, measurement: Measurement(validation: best.validation)),
      epoch: epoch, chosen: candidate(best.candidate))
  }

  private func candidate(_ index: Int) -> Architecture {
    controller.draw([task.key.child("candidate", index)])[0]
  }

  // MARK: Looks at the validation split

  private func look(_ architecture: Architecture, _ charge: Charge) -> BatchScore {
    let score = weights.score(
      architecture, minibatch: state.looks, size: plan.recipe.batchSize,
      key: task.key.child("validation"))
    state.looks += 1
    allowance.spend(charge)
    return score
  }

  private func chargeOfLook(_ architecture: Architecture) -> Charge {
    controller.chargeOfDraw
      + weights.chargeOfScore(
        architecture, minibatch: state.looks, size: plan.recipe.batchSize)
  }

  // MARK: Checkpoints

  private var arrays: ParameterArrays {
    var arrays = weights.arrays
    arrays.add("controller", controller.policy.parameters, controller.optimizer)
    return arrays
  }

  func snapshot() throws -> Snapshot {
    try SearchSnapshot(state, key: task.key, allowance: allowance).snapshot(arrays)
  }

  func restore(from snapshot: Snapshot) throws {
    let found = try SearchSnapshot<State>.restore(
      snapshot, into: arrays, key: task.key, isSound: isSound)
    state = found.state
    controller.optimizer.resume(after: state.updates)
    allowance.resume(spent: found.spent, seconds: found.seconds)
  }

  private func isSound(_ state: State) -> Bool {
    (0...plan.controller.samplesPerUpdate).contains(state.accuracies.count)
      && (0...plan.selectionSamples).contains(state.candidates)
      && (0..<1 << 30).contains(state.updates) && (0..<1 << 30).contains(state.looks)
      && state.samples >= 0 && state.course.isSound
      && state.best.map { (0..<plan.selectionSamples).contains($0.candidate) } ?? true
  }
}
