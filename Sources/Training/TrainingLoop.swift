import Crypto
import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import TensorCore

/// How long a training goes on.
public enum TrainingLength: Sendable {
  /// A number of optimizer updates, known beforehand.
  case updates(Int)
  /// Measured time; exempt from bit identity.
  case wallClock(seconds: Double)
}

/// A training, step by step: updates, with evaluations where the recipe has them, then validation,
/// then perhaps the test split.
///
/// The one loop for every trainee; what it trains is the trainee's affair.
public final class TrainingLoop: Evaluation {
  /// What is trained, and how.
  public struct Task {
    public let trainee: any Trainee
    public var pricing: TrainingPricing
    public let recipe: TrainingProtocol
    public let length: TrainingLength
    public let context: ComputeContext
    /// All that the training draws.
    public let key: RandomKey
    /// The phases that updates and evaluations are charged to.
    public let phases: (update: Phase, evaluation: Phase)
    /// Why the test split is read at the end; `nil` if it is not.
    public let testReason: String?
    /// Whether an epoch ends with a validation, for the learning curve.
    public let validatesEpochs: Bool

    public init(
      trainee: any Trainee, pricing: TrainingPricing, recipe: TrainingProtocol,
      length: TrainingLength, context: ComputeContext, key: RandomKey,
      phases: (update: Phase, evaluation: Phase), testReason: String?,
      validatesEpochs: Bool = false
    ) {
      self.trainee = trainee
      self.pricing = pricing
      self.recipe = recipe
      self.length = length
      self.context = context
      self.key = key
      self.phases = phases
      self.testReason = testReason
      self.validatesEpochs = validatesEpochs
    }
  }

  /// What the loop does next.
  enum Stage: String, Codable {
    case training
    /// After an epoch; training goes on.
    case validatingEpoch = "validating-epoch"
    case validating
    case testing
  }

  /// Everything but arrays that a checkpoint keeps.
  struct State: Codable {
    var stage = Stage.training
    var updates = 0
    var epoch = 0
    /// Place of the next minibatch in the pass at hand.
    var batch = 0
    var examples = 0
    /// Sums over the pass at hand: of losses by example, of what the objective counts, of examples.
    var lossSum = 0.0
    var sum = 0.0
    var count = 0
    /// Validation scores after epochs, in order.
    var validations: [Double] = []
    /// Of the epoch that has ended last.
    var point: LearningPoint?
    var measurement: Measurement
    var optimizerSteps = 0
    var carried: [[Float]] = []
  }

  /// Mean loss of a minibatch, in nats, above which a training counts as exploded: guessing is
  /// ln(classes), and no training comes back from a thousand times that.
  static let explodedLoss = 1e4

  private(set) var task: Task
  let optimizer: any Optimizer
  private let schedule: Schedule
  var state: State
  /// The pass at hand, once it has begun.
  var pass: (data: DataPass, sizes: [MinibatchSize])?
  var start = ContinuousClock.now

  /// Allocates the trainee's parameters and draws their first values.
  public init(_ task: Task) {
    self.task = task
    let parameters = task.trainee.parameters
    parameters.allocate(in: task.context, key: task.key.child("initialization"))
    optimizer = UpdateRule(task.recipe).optimizer(of: parameters, in: task.context)
    schedule = Schedule(task.recipe)
    state = State(
      measurement: Measurement(
        parameters: parameters.count - task.trainee.auxiliaryParameterCount,
        flopsPerExample: task.pricing.flopsPerExample))
  }

  public func step() throws -> StepReport {
    state.stage == .training ? try update() : try evaluate()
  }

  /// Measured time since the beginning; down-time does not count.
  var elapsedSeconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// The part of the training that is done, from 0 to 1.
  private var fraction: Double {
    switch task.length {
    case .updates(let total): Double(state.updates) / Double(max(1, total))
    case .wallClock(let seconds): elapsedSeconds / seconds
    }
  }

  /// The pass that a stage goes through.
  func data(of state: State) -> DataPass {
    switch state.stage {
    case .training: .training(epoch: state.epoch)
    case .validatingEpoch, .validating: .validation
    case .testing: .test(reason: task.testReason ?? "")
    }
  }

  /// The sizes of the pass at hand, which is begun if it is not.
  private func begin() throws -> (data: DataPass, sizes: [MinibatchSize]) {
    if let pass { return pass }
    let data = data(of: state)
    let sizes = try task.trainee.minibatches(of: data, key: task.key)
    try task.trainee.begin(data, key: task.key)
    pass = (data, sizes)
    return (data, sizes)
  }

  /// Forgets the pass at hand; the next stage begins its own.
  ///
  /// Between trainings the weights to be evaluated lie where the trained ones were, in checkpoints
  /// as well.
  private func enter(_ stage: Stage) {
    if (state.stage == .training) != (stage == .training) { optimizer.exchangeEvaluatedWeights() }
    state.stage = stage
    (state.batch, state.lossSum, state.sum, state.count) = (0, 0, 0, 0)
    pass = nil
  }

  private func add(_ score: MinibatchScore) {
    state.batch += 1
    state.lossSum += score.loss * Double(score.count)
    state.sum += score.sum
    state.count += score.count
  }

  // MARK: Updates

  private func update() throws -> StepReport {
    let (data, sizes) = try begin()
    let size = sizes[state.batch]
    let rate = schedule.learningRate(at: fraction) * size.rateFactor
    task.trainee.parameters.clearGradients()
    let tape = Tape(task.context, isTraining: true)
    let score = task.trainee.score(
      state.batch, of: data,
      during: TrainingStep(key: task.key, updates: state.updates, progress: fraction), on: tape)
    tape.backward()
    optimizer.step(learningRate: Float(rate))
    state.updates += 1
    state.examples += size.examples
    add(score)
    state.measurement.epochs = Double(state.examples) / Double(task.trainee.examplesPerEpoch)

    let charge = task.pricing.update(size)
    guard score.loss.isFinite, score.loss < Self.explodedLoss else {
      return StepReport(
        phase: task.phases.update, charge: charge,
        outcome: .init(status: .diverged, measurement: state.measurement))
    }
    let isEpoch = state.batch == sizes.count
    let isDone = fraction >= 1
    guard isEpoch || isDone else { return StepReport(phase: task.phases.update, charge: charge) }
    if isEpoch { state.epoch += 1 }
    state.point = LearningPoint(
      epochs: state.measurement.epochs ?? 0, trainingLoss: state.lossSum / Double(state.count),
      learningRate: rate)
    let validates = try !task.trainee.minibatches(of: .validation, key: task.key).isEmpty
    if isDone {
      state.measurement.weightsChecksum = weightsChecksum()
      guard validates else { return try testAlone(charge) }
      enter(.validating)
    } else {
      enter(validates && self.validates(after: state.epoch) ? .validatingEpoch : .training)
    }
    // A point with a validation comes with the evaluation's last step.
    return StepReport(
      phase: task.phases.update, charge: charge,
      learning: state.stage == .training ? state.point : nil)
  }

  /// The end of a training that has trained on the validation split too: there is no such score.
  private func testAlone(_ charge: Charge) throws -> StepReport {
    let point = state.point
    guard let reason = task.testReason else {
      return StepReport(
        phase: task.phases.update, charge: charge,
        outcome: .init(status: .completed, measurement: state.measurement), learning: point)
    }
    enter(.testing)
    _ = try begin()
    return StepReport(
      phase: task.phases.update, charge: charge, testSplitRead: reason, learning: point)
  }

  /// Whether the validation split is read after an epoch that is not the last.
  private func validates(after epoch: Int) -> Bool {
    task.validatesEpochs || task.recipe.validates(after: epoch)
  }

  /// SHA-256 of weights and running statistics, little-endian, in the order of declaration.
  private func weightsChecksum() -> String {
    var hash = SHA256()
    let parameters = task.trainee.parameters
    for buffer in [parameters.flatValues, parameters.flatStatistics] {
      for value in buffer ?? .init(start: nil, count: 0) {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { hash.update(bufferPointer: $0) }
      }
    }
    return hash.finalize().map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  // MARK: Evaluation

  private func evaluate() throws -> StepReport {
    let (data, sizes) = try begin()
    let size = sizes[state.batch]
    let tape = Tape(task.context, isTraining: false)
    add(task.trainee.score(state.batch, of: data, during: nil, on: tape))
    let charge = task.pricing.evaluation(size)
    guard state.batch == sizes.count else {
      return StepReport(phase: task.phases.evaluation, charge: charge)
    }
    let score = task.trainee.score(sum: state.sum, count: state.count)
    let stage = state.stage
    if stage == .testing {
      state.measurement.test = score
    } else {
      state.validations.append(score)
      state.point?.validation = score
    }
    return try finish(stage, charge)
  }

  /// Goes on after an evaluation.
  private func finish(_ stage: Stage, _ charge: Charge) throws -> StepReport {
    let phase = task.phases.evaluation
    switch stage {
    case .training, .validatingEpoch:
      beginAveragingIfDue()
      enter(.training)
      return StepReport(phase: phase, charge: charge, learning: state.point)
    case .validating:
      state.measurement.validation = scoreOfLastEpochs
      guard let reason = task.testReason else { fallthrough }
      let point = state.point
      enter(.testing)
      // Opened with this step, so that the reading is recorded before its first score.
      _ = try begin()
      return StepReport(phase: phase, charge: charge, testSplitRead: reason, learning: point)
    case .testing:
      return StepReport(
        phase: phase, charge: charge,
        outcome: .init(status: .completed, measurement: state.measurement),
        learning: stage == .validating ? state.point : nil)
    }
  }

  /// The best of the validations that the recipe scores by: one, the last, in most recipes.
  private var scoreOfLastEpochs: Double? {
    let objective = task.trainee.objective
    return state.validations.suffix(max(1, task.recipe.scoredEpochs)).reduce(nil) { best, score in
      best.map { objective.isBetter(score, than: $0) ? score : $0 } ?? score
    }
  }

  /// Averaging begins when the validation has not been better than before for some epochs.
  ///
  /// Source: Merity et al. 2018, arXiv 1708.02182, Algorithm 1, and the released code.
  private func beginAveragingIfDue() {
    guard let trigger = task.recipe.text?.averagingTrigger,
      let averaged = optimizer as? AveragedSGD
    else { return }
    if Self.hasStalled(state.validations, trigger: trigger, objective: task.trainee.objective) {
      averaged.beginAveraging()
    }
  }

  /// Whether the last score is worse than the best of those more than `trigger` before it.
  package static func hasStalled(_ scores: [Double], trigger: Int, objective: Objective) -> Bool {
    guard let last = scores.last else { return false }
    return scores.dropLast(trigger + 1).contains { objective.isBetter($0, than: last) }
  }
}
