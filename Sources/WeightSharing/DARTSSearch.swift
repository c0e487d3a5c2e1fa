import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// One search of DARTS, step by step.
final class DARTSSearch: Evaluation, Checkpointable {
  /// What a checkpoint holds beside weights and α.
  private struct State: Codable {
    var course = EpochCourse()
  }

  private let task: OneShotTask
  private let relaxation: any Relaxation
  private let recipe: SharedWeights.Recipe
  private let schedule: Schedule
  private let isSecondOrder: Bool
  private let alphaLearningRate: Float
  private let gradient: BilevelGradient
  private let price: BilevelPrice
  private let weightOptimizer: SGD
  private let alphaOptimizer: Adam
  private var allowance: Allowance
  private var state = State()
  private var prices: [[Int]: Charge] = [:]

  /// - Parameter share: What this search may spend of the task's budget.
  init(
    _ task: OneShotTask, _ relaxation: any Relaxation, _ settings: MethodSettings,
    _ share: BudgetShare
  ) {
    self.task = task
    self.relaxation = relaxation
    recipe = SharedWeights.Recipe(settings)
    schedule = recipe.schedule(settings)
    isSecondOrder = settings["order"] == 2
    alphaLearningRate = Float(settings["alpha-learning-rate"])
    let (weights, alphas) = (relaxation.parameters, relaxation.alphas)
    gradient = BilevelGradient(
      weights: weights, alphas: alphas, clipNorm: relaxation.clipsWithin ? recipe.clipNorm : nil,
      in: task.context)
    price = BilevelPrice(
      relaxation, clips: recipe.clipNorm != nil, isSecondOrder: isSecondOrder, on: task.device)
    weights.allocate(in: task.context, key: task.key.child("weights"))
    alphas.allocate(in: task.context, key: task.key.child("alpha"))
    for state in relaxation.carried {
      state.values.allocate(in: task.context, key: task.key.child("carried"))
    }
    weightOptimizer = SGD(
      weights, momentum: Float(recipe.momentum), isNesterov: recipe.isNesterov,
      weightDecay: Float(recipe.weightDecay), clipNorm: recipe.clipNorm.map { Float($0) },
      in: task.context)
    alphaOptimizer = Adam(
      alphas, decays: (Float(settings["alpha-beta1"]), 0.999),
      weightDecay: Float(settings["alpha-weight-decay"]), in: task.context)
    allowance = Allowance(task, reserve: .zero, share)
  }

  func step() throws -> StepReport {
    let index = state.course.updates
    let charge = charge(of: index)
    guard allowance.allows(charge) else { return choice }
    let place = relaxation.place(index)
    state.course.begin(place, progress: allowance.progress)
    let learningRate = Float(
      schedule.learningRate(at: state.course.progress) * relaxation.rateFactor(index))
    let validation = loss(index, of: .validation)
    let seen =
      isSecondOrder
      ? gradient.secondOrder(
        training: loss(index, of: .training), validation: validation, optimizer: weightOptimizer,
        step: learningRate)
      : gradient.firstOrder(validation: validation)
    alphaOptimizer.step(learningRate: alphaLearningRate)
    relaxation.parameters.clearGradients()
    let score = gradient.pass(
      loss(index, of: .training, isWeightStep: true), to: relaxation.parameters)
    weightOptimizer.step(learningRate: learningRate)
    relaxation.finishStep()
    allowance.spend(charge)
    state.course.count(score)
    state.course.countValidation(seen)
    guard score.isSane, seen.isSane else { return .diverged(charge) }
    return StepReport(
      phase: .search, charge: charge, epoch: place.isLast ? epoch(place) : nil)
  }

  private func loss(
    _ index: Int, of part: SplitPart, isWeightStep: Bool = false
  ) -> BilevelGradient.Loss {
    { [relaxation] tape in
      relaxation.score(index, of: part, isWeightStep: isWeightStep, on: tape)
    }
  }

  private func charge(of index: Int) -> Charge {
    let sizes = [relaxation.place(index).examples, relaxation.validationExamples(index)]
    if let charge = prices[sizes] { return charge }
    let charge = price.step(training: sizes[0], validation: sizes[1])
    prices[sizes] = charge
    return charge
  }

  // MARK: α

  /// Softmax of α: of every cell a row an edge.
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

  private var chosen: Architecture { relaxation.discretized(mixingWeights) }

  private func epoch(_ place: StreamPlace) -> SearchEpoch {
    var epoch = state.course.finish(place, relaxation.measure)
    let (weights, chosen) = (mixingWeights, chosen)
    epoch.architecture = task.space.text(of: chosen)
    epoch.skipConnections = (task.space as? DARTSCells)?.skipConnections(in: chosen)
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

  /// The end: what α prefers, scored by the mixed network's last epoch on the validation split.
  private var choice: StepReport {
    guard let validation = state.course.validation else { return .undecided(.zero) }
    return StepReport(
      phase: .selection, charge: .zero,
      outcome: .init(
        status: .completed,
        measurement: Measurement(validation: validation.value(relaxation.measure))),
      chosen: chosen)
  }

  // MARK: Checkpoints

  private var arrays: ParameterArrays {
    var arrays = ParameterArrays()
    arrays.add(relaxation.parameters, weightOptimizer)
    arrays.add("alpha", relaxation.alphas, alphaOptimizer)
    for state in relaxation.carried {
      arrays.add("carried", state.values.trainable, state.values.flatValues)
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
