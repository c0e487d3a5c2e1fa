import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// Where a search by a relaxed network is, for the gradients of a step.
struct RelaxedStep {
  /// Place of the minibatches in their streams.
  let index: Int
  /// The part of the training that was done when this epoch began, from 0 to 1.
  let progress: Double
  /// Of the weights.
  let learningRate: Float
  /// The loss of the training minibatch as a step of α sees it, and with what penalises weights.
  let training: BilevelGradient.Loss
  let penalized: BilevelGradient.Loss
  let validation: BilevelGradient.Loss
  /// Examples of the two minibatches.
  let examples: (training: Int, validation: Int)
}

/// How a method differentiates a relaxed network, and what a step of it is charged.
protocol RelaxedRule: AnyObject {
  /// Leaves the gradient of α.
  func differentiateAlphas(_ step: RelaxedStep, _ optimizer: SGD) -> BatchScore

  /// Adds the gradient of the weights to what is there.
  ///
  /// - Parameter parameters: Whose gradients are wanted; `nil` for those of α as well.
  func differentiateWeights(_ step: RelaxedStep, _ parameters: Parameters?) -> BatchScore

  /// What both are charged, with their updates.
  func charge(of step: RelaxedStep) -> Charge
}

/// A search by a relaxed network, with everything that follows from its settings.
struct RelaxedPlan {
  let task: OneShotTask
  let relaxation: any Relaxation
  let recipe: SharedWeights.Recipe
  let schedule: Schedule
  let alphaLearningRate: Float
  /// β₁ of α's Adam.
  let alphaMomentum: Float
  let alphaWeightDecay: Float
  /// Whether a step moves the weights before α.
  var movesWeightsFirst = false
  /// Whether the norm to which the weights' gradient is clipped is that of α's gradient as well: what
  /// the last step of α has left in it, and what the weights' pass adds.
  var clipsTogether = false
}

/// A search by a relaxed network, step by step: α and weights are moved in turn.
final class RelaxedSearch: Evaluation, Checkpointable {
  /// What a checkpoint holds beside weights and α.
  private struct State: Codable {
    var course = EpochCourse()
  }

  private let plan: RelaxedPlan
  private let rule: any RelaxedRule
  private let weightOptimizer: SGD
  private let alphaOptimizer: Adam
  private var allowance: Allowance
  private var state = State()
  private var task: OneShotTask { plan.task }
  private var relaxation: any Relaxation { plan.relaxation }

  /// - Parameter share: What this search may spend of the task's budget.
  init(_ plan: RelaxedPlan, _ rule: any RelaxedRule, _ share: BudgetShare) {
    self.plan = plan
    self.rule = rule
    let (task, relaxation, recipe) = (plan.task, plan.relaxation, plan.recipe)
    relaxation.parameters.allocate(in: task.context, key: task.key.child("weights"))
    relaxation.alphas.allocate(in: task.context, key: task.key.child("alpha"))
    for state in relaxation.carried {
      state.values.allocate(in: task.context, key: task.key.child("carried"))
    }
    weightOptimizer = SGD(
      relaxation.parameters, momentum: Float(recipe.momentum), isNesterov: recipe.isNesterov,
      weightDecay: Float(recipe.weightDecay), clipNorm: recipe.clipNorm.map { Float($0) },
      in: task.context)
    alphaOptimizer = Adam(
      relaxation.alphas, decays: (plan.alphaMomentum, 0.999), weightDecay: plan.alphaWeightDecay,
      in: task.context)
    allowance = Allowance(task, reserve: .zero, share)
  }

  func step() throws -> StepReport {
    let place = relaxation.place(state.course.updates)
    state.course.begin(place, progress: allowance.progress)
    let step = relaxedStep
    let charge = rule.charge(of: step)
    guard allowance.allows(charge) else { return choice }
    let (score, seen): (BatchScore, BatchScore)
    if plan.movesWeightsFirst {
      score = moveWeights(step)
      seen = moveAlphas(step)
    } else {
      seen = moveAlphas(step)
      score = moveWeights(step)
    }
    relaxation.finishStep()
    allowance.spend(charge)
    state.course.count(score)
    state.course.countValidation(seen)
    guard score.isSane, seen.isSane else { return .diverged(charge) }
    return StepReport(
      phase: .search, charge: charge, epoch: place.isLast ? epoch(place) : nil)
  }

  private var relaxedStep: RelaxedStep {
    let (index, progress) = (state.course.updates, state.course.progress)
    return RelaxedStep(
      index: index, progress: progress,
      learningRate: Float(
        plan.schedule.learningRate(at: progress) * relaxation.rateFactor(index)),
      training: loss(index, of: .training),
      penalized: loss(index, of: .training, isPenalized: true),
      validation: loss(index, of: .validation),
      examples: (relaxation.place(index).examples, relaxation.validationExamples(index)))
  }

  private func loss(
    _ index: Int, of part: SplitPart, isPenalized: Bool = false
  ) -> BilevelGradient.Loss {
    { [relaxation] tape in
      relaxation.score(index, of: part, isWeightStep: isPenalized, on: tape)
    }
  }

  private func moveAlphas(_ step: RelaxedStep) -> BatchScore {
    let seen = rule.differentiateAlphas(step, weightOptimizer)
    alphaOptimizer.step(learningRate: plan.alphaLearningRate)
    return seen
  }

  private func moveWeights(_ step: RelaxedStep) -> BatchScore {
    let parameters = relaxation.parameters
    parameters.clearGradients()
    let score = rule.differentiateWeights(step, plan.clipsTogether ? nil : parameters)
    let alphas = plan.clipsTogether ? relaxation.alphas.flatGradients : nil
    let squares = alphas?.reduce(0.0) { $0 + Double($1) * Double($1) }
    weightOptimizer.step(
      learningRate: step.learningRate, isTouchedOnly: false, besides: squares ?? 0)
    return score
  }

  // MARK: α

  /// Softmax of α: of each kind of cell a row an edge.
  private var mixingWeights: [[[Double]]] { relaxation.cells.map(rows) }

  private func rows(of cell: RelaxedCell) -> [[Double]] {
    let values = relaxation.alphas.values(of: cell.alphas)
    let count = cell.operations.count
    return cell.edges.indices.map { edge in
      let row = values[edge * count..<(edge + 1) * count].map(Double.init)
      let largest = row.max() ?? 0
      let powers = row.map { PortableMath.exp($0 - largest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  private func epoch(_ place: StreamPlace) -> SearchEpoch {
    var epoch = state.course.finish(place, relaxation.measure)
    let weights = mixingWeights
    let chosen = relaxation.discretized(weights)
    epoch.architecture = task.space.text(of: chosen)
    epoch.skipConnections = (task.space as? any RelaxableSearchSpace)?.skipConnections(in: chosen)
    let rows = weights.flatMap { $0 }
    let entropies = rows.map { row in
      -row.reduce(0.0) { $1 > 0 ? $0 + $1 * PortableMath.log($1) : $0 }
    }
    epoch.entropy = entropies.reduce(0, +) / Double(rows.count)
    epoch.probabilities = zip(relaxation.cells, weights).map { cell, rows in
      SearchEpoch.CellProbabilities(
        cell: cell.name, edges: cell.edges, operations: cell.operations, rows: rows)
    }
    return epoch
  }

  /// The end: what α prefers, scored by the network's last epoch on the validation split.
  private var choice: StepReport {
    guard let validation = state.course.validation else { return .undecided(.zero) }
    return StepReport(
      phase: .selection, charge: .zero,
      outcome: .init(
        status: .completed,
        measurement: Measurement(validation: validation.value(relaxation.measure))),
      chosen: relaxation.discretized(mixingWeights))
  }

  // MARK: Checkpoints

  private var arrays: ParameterArrays {
    var arrays = ParameterArrays()
    arrays.add(relaxation.parameters, weightOptimizer)
    arrays.add("alpha", relaxation.alphas, alphaOptimizer)
    for state in relaxation.carried {
      arrays.add("carried", state.values.trainable, state.values.flatValues)
    }
    // What the last step of α has left counts in the next step of the weights.
    if plan.clipsTogether {
      arrays.add("alpha.gradient", relaxation.alphas.trainable, relaxation.alphas.flatGradients)
    }
    return arrays
  }

  func snapshot() throws -> Snapshot {
    try SearchSnapshot(state, key: task.key, allowance: allowance).snapshot(arrays)
  }

  func restore(from snapshot: Snapshot) throws {
    let found = try SearchSnapshot<State>.restore(snapshot, into: arrays, key: task.key) {
      $0.course.isSound
    }
    state = found.state
    // Every step updates both.
    alphaOptimizer.resume(after: state.course.updates)
    allowance.resume(spent: found.spent, seconds: found.seconds)
  }
}
