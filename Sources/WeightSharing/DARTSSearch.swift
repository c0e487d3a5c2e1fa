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
  private let supernet: DARTSSupernet
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
    _ task: OneShotTask, _ supernet: DARTSSupernet, _ settings: MethodSettings, _ share: BudgetShare
  ) {
    self.task = task
    self.supernet = supernet
    recipe = SharedWeights.Recipe(settings)
    schedule = recipe.schedule(settings)
    isSecondOrder = settings["order"] == 2
    alphaLearningRate = Float(settings["alpha-learning-rate"])
    gradient = BilevelGradient(supernet, in: task.context)
    price = BilevelPrice(
      supernet, clips: recipe.clipNorm != nil, isSecondOrder: isSecondOrder, in: task)
    supernet.parameters.allocate(in: task.context, key: task.key.child("weights"))
    supernet.alphas.allocate(in: task.context, key: task.key.child("alpha"))
    weightOptimizer = SGD(
      supernet.parameters, momentum: Float(recipe.momentum), isNesterov: recipe.isNesterov,
      weightDecay: Float(recipe.weightDecay), clipNorm: recipe.clipNorm.map { Float($0) },
      in: task.context)
    // β₁ = 0.5 as in the paper.
    alphaOptimizer = Adam(
      supernet.alphas, decays: (0.5, 0.999), weightDecay: Float(settings["alpha-weight-decay"]),
      in: task.context)
    allowance = Allowance(task, reserve: .zero, share)
  }

  func step() throws -> StepReport {
    let index = state.course.updates
    let charge = charge(of: index)
    guard allowance.allows(charge) else { return choice }
    let batches = task.data.batches(of: .training, size: recipe.batchSize)
    state.course.begin(batches: batches, progress: allowance.progress)
    let learningRate = Float(schedule.learningRate(at: state.course.progress))
    let training = source(index, of: .training)
    let validation = source(index, of: .validation)
    let seen =
      isSecondOrder
      ? gradient.secondOrder(
        training: training, validation: validation, optimizer: weightOptimizer, step: learningRate)
      : gradient.firstOrder(validation: validation)
    alphaOptimizer.step(learningRate: alphaLearningRate)
    supernet.parameters.clearGradients()
    let score = gradient.pass(training, to: supernet.parameters)
    weightOptimizer.step(learningRate: learningRate)
    allowance.spend(charge)
    state.course.count(score)
    state.course.countValidation(seen)
    guard score.isSane, seen.isSane else { return .diverged(charge) }
    let isEnd = state.course.isAtEnd(batches: batches)
    return StepReport(
      phase: .search, charge: charge, epoch: isEnd ? epoch(batches: batches) : nil)
  }

  private func source(_ index: Int, of part: SplitPart) -> BilevelGradient.Source {
    { [task, recipe] tape in
      task.data.minibatch(
        index, of: part, size: recipe.batchSize, isAugmented: true,
        key: task.key.child(part.rawValue), on: tape)
    }
  }

  private func charge(of index: Int) -> Charge {
    let sizes = [SplitPart.training, .validation].map {
      task.data.size(of: index, in: $0, batchSize: recipe.batchSize)
    }
    if let charge = prices[sizes] { return charge }
    let charge = price.step(training: sizes[0], validation: sizes[1])
    prices[sizes] = charge
    return charge
  }

  // MARK: α

  /// Softmax of α, of the normal and of the reduction cells: a row an edge.
  private var mixingWeights: (normal: [[Double]], reduction: [[Double]]) {
    (rows(of: supernet.normal), rows(of: supernet.reduction))
  }

  private func rows(of parameter: Parameter) -> [[Double]] {
    let (values, count) = (supernet.alphas.values(of: parameter), DARTSCells.candidates.count)
    return (0..<DARTSSupernet.edges).map { edge in
      let row = values[edge * count..<(edge + 1) * count].map(Double.init)
      let largest = row.max() ?? 0
      let powers = row.map { PortableMath.exp($0 - largest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  private var chosen: Architecture {
    let weights = mixingWeights
    return DARTSCells.discretized(normal: weights.normal, reduction: weights.reduction)
  }

  private func epoch(batches: Int) -> SearchEpoch {
    var epoch = state.course.finish(batches: batches)
    let weights = mixingWeights
    let (space, chosen) = (DARTSCells(), chosen)
    epoch.architecture = space.text(of: chosen)
    epoch.skipConnections = space.skipConnections(in: chosen)
    let rows = weights.normal + weights.reduction
    let entropies = rows.map { row in
      -row.reduce(0.0) { $1 > 0 ? $0 + $1 * PortableMath.log($1) : $0 }
    }
    epoch.entropy = entropies.reduce(0, +) / Double(rows.count)
    epoch.probabilities = [("normal", weights.normal), ("reduce", weights.reduction)].map {
      SearchEpoch.CellProbabilities(
        cell: $0.0, edges: DARTSSupernet.edgeNames,
        operations: DARTSCells.candidates.map { $0.rawValue }, rows: $0.1)
    }
    return epoch
  }

  /// The end: what α prefers, scored by the mixed network's last epoch on the validation split.
  private var choice: StepReport {
    guard let error = state.course.validation else { return .undecided(.zero) }
    return StepReport(
      phase: .selection, charge: .zero,
      outcome: .init(status: .completed, measurement: Measurement(validation: error)),
      chosen: chosen)
  }

  // MARK: Checkpoints

  private var arrays: ParameterArrays {
    var arrays = ParameterArrays()
    arrays.add(supernet.parameters, weightOptimizer)
    arrays.add("alpha", supernet.alphas, alphaOptimizer)
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
