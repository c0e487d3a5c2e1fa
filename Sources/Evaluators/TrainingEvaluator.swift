import OperationCosts
import Randomness
import SearchCore
import TensorCore
import Training

/// Scores architectures by training them on the tensor core.
///
/// A trial trains for the protocol's epochs and is scored on the validation split; final training
/// lasts as long as its budget, then measures validation and, once, test score. Every step is
/// charged what its logical operations would take on the reference device.
public final class TrainingEvaluator: Evaluator {
  public var space: any SearchSpace { task.space }
  public var objective: Objective { task.objective }
  public let overrunRule = OverrunRule.stopAtStep
  public var examplesPerEpoch: Int { task.examplesPerEpoch }
  public var dataChecksums: [String: String] { task.dataChecksums }
  public var costLabel: String {
    "computed on CPU; GPU-hours are modelled for \(device.title) from logical operations"
  }

  public var examplesPerFinalEpoch: Int { finalTask.examplesPerEpoch }

  let task: any TrainingTask
  /// What final training is on: by default the same.
  private let finalTask: any TrainingTask
  /// How trials are trained, and how the selected architecture is.
  let search: TrainingProtocol
  private let final: TrainingProtocol
  let device: DeviceProfile
  let context: ComputeContext

  /// Prepares training.
  ///
  /// - Parameters:
  ///   - task: Space and data.
  ///   - training: Recipe and scale of trials.
  ///   - finalTraining: Recipe and scale of final training; by default those of trials.
  ///   - finalTask: Space and data of final training; by default those of trials.
  ///   - device: What charges are modelled for.
  ///   - context: What it is computed on; never changes a charge.
  public init(
    _ task: any TrainingTask, training: TrainingProtocol,
    finalTraining: TrainingProtocol? = nil, finalTask: (any TrainingTask)? = nil,
    device: DeviceProfile, context: ComputeContext
  ) {
    self.task = task
    self.finalTask = finalTask ?? task
    search = training
    var final = finalTraining ?? training
    // What is measured in the end is the network at the end.
    final.scoredEpochs = 1
    self.final = final
    self.device = device
    self.context = context
  }

  public func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey
  ) throws -> any Evaluation {
    try trial(of: architecture, epochs: epochs, key: key, phase: .search)
  }

  /// Starts training as a trial is trained, charged to a phase.
  func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey, phase: Phase
  ) throws -> TrainingLoop {
    let recipe = trialRecipe(epochs: epochs)
    let trainee = try task.trainee(of: architecture, by: recipe)
    return loop(
      trainee, by: recipe,
      length: .updates(try updates(of: trainee, epochs: recipe.epochs, key: key)), key: key,
      phases: (phase, phase), testReason: nil)
  }

  public func finalTraining(
    of architecture: Architecture, budget: Budget?, key: RandomKey
  ) throws -> any Evaluation {
    let budget = budget ?? Budget(Double(final.epochs), .epochs)
    let trainee = try finalTask.trainee(of: architecture, by: final)
    let length: TrainingLength =
      budget.unit == .wallClockHours
      ? .wallClock(seconds: 3600 * budget.amount)
      : .updates(try updates(of: trainee, within: budget, key: key).count)
    return loop(
      trainee, by: final, length: length, key: key,
      phases: (.finalTraining, .scheduledEvaluation),
      testReason: "\(objective.name(on: .test)) of the selected architecture after final training",
      validatesEpochs: true)
  }

  public func forecastTrial(
    of architecture: Architecture, epochs: Int?
  ) throws -> EvaluationForecast {
    let recipe = trialRecipe(epochs: epochs)
    let trainee = try task.trainee(of: architecture, by: recipe)
    var pricing = pricing(of: trainee, by: recipe)
    let validations = (1..<recipe.epochs).count { recipe.validates(after: $0) } + 1
    // Where lengths are drawn, those of one key stand for all.
    let charge =
      try pricing.epochs(recipe.epochs, key: Self.anyKey) + pricing.validation() * validations
    return EvaluationForecast(
      charge: charge, peakMemoryBytes: try peakMemory(of: trainee, pricing),
      unlearntStatistics: trainee.parameters.statistics.isEmpty
        ? 0
        : Self.unlearnt(
          after: try updates(of: trainee, epochs: recipe.epochs, key: Self.anyKey),
          momentum: recipe.normalizationMomentum))
  }

  public func forecastFinalTraining(
    of architecture: Architecture, budget: Budget?
  ) throws -> EvaluationForecast {
    let budget = budget ?? Budget(Double(final.epochs), .epochs)
    let trainee = try finalTask.trainee(of: architecture, by: final)
    var pricing = pricing(of: trainee, by: final)
    let charge: Charge
    switch (budget.unit, Int(exactly: budget.amount)) {
    // How many updates a measured hour allows is not known beforehand.
    case (.wallClockHours, _): charge = .zero
    case (.epochs, let epochs?): charge = try pricing.epochs(epochs, key: Self.anyKey)
    default: charge = try updates(of: trainee, within: budget, key: Self.anyKey).charge
    }
    return EvaluationForecast(
      charge: charge, peakMemoryBytes: try peakMemory(of: trainee, pricing))
  }

  public func measureSecondsPerReferenceSecond() throws -> Double? {
    var generator = RandomKey(seed: 1).child("machine").generator()
    var (machine, reference) = (Duration.zero, Int128(0))
    for _ in 0..<3 {
      let evaluation = try trial(of: space.sample(using: &generator), key: RandomKey(seed: 1))
      // The first step touches fresh memory.
      _ = try evaluation.step()
      for _ in 0..<3 {
        let start = ContinuousClock.now
        let report = try evaluation.step()
        machine += ContinuousClock.now - start
        reference += report.charge.referenceNanoseconds
        if report.outcome != nil { break }
      }
    }
    return reference > 0 ? machine / .seconds(1) / (1e-9 * Double(reference)) : nil
  }

  // MARK: Parts

  private static let anyKey = RandomKey(seed: 0)

  /// (1 - momentum)^updates.
  private static func unlearnt(after updates: Int, momentum: Double) -> Double {
    // Below a millionth nobody asks: the loop is short.
    var part = 1.0
    for _ in 0..<updates where part > 1e-6 { part *= 1 - momentum }
    return part > 1e-6 ? part : 0
  }

  /// How a trial is trained that lasts some epochs; `nil` for the study's own.
  private func trialRecipe(epochs: Int?) -> TrainingProtocol {
    var recipe = search
    recipe.epochs = epochs ?? search.epochs
    return recipe
  }

  private func pricing(of trainee: any Trainee, by recipe: TrainingProtocol) -> TrainingPricing {
    TrainingPricing(trainee, rule: UpdateRule(recipe), device: device)
  }

  private func loop(
    _ trainee: any Trainee, by recipe: TrainingProtocol, length: TrainingLength, key: RandomKey,
    phases: (update: Phase, evaluation: Phase), testReason: String?,
    validatesEpochs: Bool = false
  ) -> TrainingLoop {
    TrainingLoop(
      TrainingLoop.Task(
        trainee: trainee, pricing: pricing(of: trainee, by: recipe), recipe: recipe,
        length: length, context: context, key: key, phases: phases, testReason: testReason,
        validatesEpochs: validatesEpochs))
  }

  /// The updates of some epochs.
  private func updates(of trainee: any Trainee, epochs: Int, key: RandomKey) throws -> Int {
    try (0..<epochs).reduce(0) { count, epoch in
      count + (try trainee.minibatches(of: .training(epoch: epoch), key: key).count)
    }
  }

  /// The updates of final training up to the first step boundary at or past a budget.
  private func updates(
    of trainee: any Trainee, within budget: Budget, key: RandomKey
  ) throws -> (count: Int, charge: Charge) {
    var pricing = pricing(of: trainee, by: final)
    func fraction(_ charge: Charge) -> Double {
      Spending(charge: charge).fraction(of: budget, examplesPerEpoch: examplesPerFinalEpoch)
    }
    guard fraction(try pricing.epoch(0, key: key)) > 0 else {
      throw EvaluationError(
        "final training cannot be given \(budget.amount) \(budget.unit.rawValue); expected "
          + "epochs, reference-gpu-hours, reference-gpu-seconds, gigaflops or wall-clock-hours")
    }
    var (count, charge) = (0, Charge.zero)
    for epoch in 0... {
      let sizes = try trainee.minibatches(of: .training(epoch: epoch), key: key)
      // A whole epoch that surely fits, or step by step.
      let whole = try pricing.epoch(epoch, key: key)
      if fraction(charge + whole) < 1 {
        charge += whole
        count += sizes.count
        continue
      }
      for size in sizes {
        charge += pricing.update(size)
        count += 1
        if fraction(charge) >= 1 { return (count, charge) }
      }
    }
    return (count, charge)
  }

  /// Tensors of an update, and the dataset's bytes.
  private func peakMemory(of trainee: any Trainee, _ pricing: TrainingPricing) throws -> Int {
    let sizes = try trainee.minibatches(of: .training(epoch: 0), key: Self.anyKey)
    let largest = sizes.max { $0.examples < $1.examples } ?? MinibatchSize(rows: 1)
    return pricing.peakBytes(largest) + task.dataBytes
  }
}
