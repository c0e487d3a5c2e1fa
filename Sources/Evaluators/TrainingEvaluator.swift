import Datasets
import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// Why an architecture cannot be evaluated, in one line.
public struct EvaluationError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Scores architectures by training them on the tensor core.
///
/// A trial trains for the protocol's epochs and is scored on the validation split; final training
/// lasts as long as its budget, then measures validation and, once, test score. Every step is
/// charged what its logical operations would take on the reference device.
public final class TrainingEvaluator: Evaluator {
  public var space: any SearchSpace { trainableSpace }
  public let objective = Objective.classificationError
  public let overrunRule = OverrunRule.stopAtStep
  public var examplesPerEpoch: Int { split.training.count }
  public let dataChecksums: [String: String]
  public var costLabel: String {
    "computed on CPU; GPU-hours are modelled for \(device.title) from logical operations"
  }

  private let trainableSpace: any TrainableSearchSpace
  let data: ImageDataset
  let split: DataSplit
  /// How trials are trained, and how the selected architecture is.
  let search: TrainingProtocol
  private let final: TrainingProtocol
  let device: DeviceProfile
  let context: ComputeContext

  /// Prepares training.
  ///
  /// - Parameters:
  ///   - data: Images; its test split is read only by final training.
  ///   - split: Which training images are trained on and which validate.
  ///   - training: Recipe and scale of trials.
  ///   - finalTraining: Recipe and scale of final training; by default those of trials.
  ///   - device: What charges are modelled for.
  ///   - context: What it is computed on; never changes a charge.
  public init(
    space: any TrainableSearchSpace, data: ImageDataset, split: DataSplit,
    training: TrainingProtocol, finalTraining: TrainingProtocol? = nil, device: DeviceProfile,
    context: ComputeContext
  ) {
    trainableSpace = space
    self.data = data
    self.split = split
    search = training
    final = finalTraining ?? training
    self.device = device
    self.context = context
    dataChecksums = data.checksums.reduce(into: [:]) { $0[$1.path] = "\($1.checksum)" }
  }

  public func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey
  ) throws -> any Evaluation {
    try trial(of: architecture, epochs: epochs, key: key, phase: .search)
  }

  /// Starts training as a trial is trained, charged to a phase.
  func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey, phase: Phase
  ) throws -> NetworkTraining {
    let numbers = trialNumbers(epochs: epochs)
    return try training(
      of: architecture, by: numbers,
      length: .updates(numbers.epochs * batches(split.training, of: numbers).count), key: key,
      phases: (phase, phase), testReason: nil)
  }

  public func finalTraining(
    of architecture: Architecture, budget: Budget?, key: RandomKey
  ) throws -> any Evaluation {
    let budget = budget ?? Budget(Double(final.epochs), .epochs)
    var pricing = pricing(of: try network(of: architecture, for: final), by: final)
    let length: TrainingLength =
      budget.unit == .wallClockHours
      ? .wallClock(seconds: 3600 * budget.amount)
      : .updates(try updates(within: budget, pricing: &pricing).count)
    return try training(
      of: architecture, by: final, length: length, key: key,
      phases: (.finalTraining, .scheduledEvaluation),
      testReason: "\(objective.name(on: .test)) of the selected architecture after final training")
  }

  public func forecastTrial(
    of architecture: Architecture, epochs: Int?
  ) throws -> EvaluationForecast {
    let numbers = trialNumbers(epochs: epochs)
    let network = try network(of: architecture, for: numbers)
    var pricing = pricing(of: network, by: numbers)
    let charge =
      epochCharge(&pricing, by: numbers) * numbers.epochs
      + evaluationCharge(batches(split.validation, of: numbers), &pricing)
    let updates = numbers.epochs * batches(split.training, of: numbers).count
    return EvaluationForecast(
      charge: charge, peakMemoryBytes: peakMemory(pricing, by: numbers),
      unlearntStatistics: network.parameters.statistics.isEmpty
        ? 0 : Self.unlearnt(after: updates, momentum: numbers.normalizationMomentum))
  }

  public func forecastFinalTraining(
    of architecture: Architecture, budget: Budget?
  ) throws -> EvaluationForecast {
    let budget = budget ?? Budget(Double(final.epochs), .epochs)
    var pricing = pricing(of: try network(of: architecture, for: final), by: final)
    // How many updates a measured hour allows is not known beforehand.
    let charge: Charge =
      budget.unit == .wallClockHours ? .zero : try updates(within: budget, pricing: &pricing).charge
    return EvaluationForecast(charge: charge, peakMemoryBytes: peakMemory(pricing, by: final))
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

  /// (1 - momentum)^updates.
  private static func unlearnt(after updates: Int, momentum: Double) -> Double {
    // Below a millionth nobody asks: the loop is short.
    var part = 1.0
    for _ in 0..<updates where part > 1e-6 { part *= 1 - momentum }
    return part > 1e-6 ? part : 0
  }

  /// How a trial is trained that lasts some epochs; `nil` for the study's own.
  private func trialNumbers(epochs: Int?) -> TrainingProtocol {
    var numbers = search
    numbers.epochs = epochs ?? search.epochs
    return numbers
  }

  private func network(
    of architecture: Architecture, for numbers: TrainingProtocol
  ) throws -> any Network {
    let images = data.training
    let options = NetworkOptions(
      numbers, imageSize: images.height, imageChannels: images.channels)
    try check(options)
    let network = trainableSpace.network(
      of: architecture, scale: numbers.scale, classes: images.classCount, options: options)
    network.parameters.normalizationMomentum = Float(numbers.normalizationMomentum)
    network.parameters.normalizationEpsilon = Float(numbers.normalizationEpsilon)
    return network
  }

  /// Refuses what a recipe asks and the space's networks cannot do.
  private func check(_ options: NetworkOptions) throws {
    let objection = trainableSpace.objection(
      to: options, height: data.training.height, width: data.training.width, place: "the recipe")
    if let objection { throw EvaluationError(objection) }
  }

  private func pricing(
    of network: any Network, by numbers: TrainingProtocol
  ) -> NetworkPricing {
    let images = data.training
    return NetworkPricing(
      network, image: (images.height, images.width, images.channels), device: device,
      clips: numbers.gradientClip != nil)
  }

  private func batches(_ indices: [Int], of numbers: TrainingProtocol) -> Minibatches {
    Minibatches(images: data.training, indices: indices, batchSize: numbers.batchSize)
  }

  private func training(
    of architecture: Architecture, by numbers: TrainingProtocol, length: TrainingLength,
    key: RandomKey, phases: (update: Phase, evaluation: Phase), testReason: String?
  ) throws -> NetworkTraining {
    let network = try network(of: architecture, for: numbers)
    return NetworkTraining(
      NetworkTraining.Task(
        network: network, pricing: pricing(of: network, by: numbers), data: data,
        training: batches(split.training, of: numbers),
        validation: batches(split.validation, of: numbers),
        protocolNumbers: numbers, length: length, context: context, key: key,
        updatePhase: phases.update, evaluationPhase: phases.evaluation, testReason: testReason))
  }

  private func epochCharge(
    _ pricing: inout NetworkPricing, by numbers: TrainingProtocol
  ) -> Charge {
    let batches = batches(split.training, of: numbers)
    return (0..<batches.count).reduce(.zero) { $0 + pricing.update(examples: batches.size(of: $1)) }
  }

  private func evaluationCharge(_ batches: Minibatches, _ pricing: inout NetworkPricing) -> Charge {
    (0..<batches.count).reduce(.zero) { $0 + pricing.evaluation(examples: batches.size(of: $1)) }
  }

  /// The updates of final training up to the first step boundary at or past a budget.
  private func updates(
    within budget: Budget, pricing: inout NetworkPricing
  ) throws -> (count: Int, charge: Charge) {
    let batches = batches(split.training, of: final)
    let epoch = epochCharge(&pricing, by: final)
    func isSpent(_ charge: Charge) -> Bool {
      Spending(charge: charge).fraction(of: budget, examplesPerEpoch: examplesPerEpoch) >= 1
    }
    let share = Spending(charge: epoch).fraction(of: budget, examplesPerEpoch: examplesPerEpoch)
    guard share > 0 else {
      throw EvaluationError(
        "final training cannot be given \(budget.amount) \(budget.unit.rawValue); expected "
          + "epochs, reference-gpu-hours, reference-gpu-seconds, gigaflops or wall-clock-hours")
    }
    // Whole epochs that surely fit, then step by step.
    let epochs = max(0, Int(1 / share) - 1)
    var count = epochs * batches.count
    var charge = epoch * epochs
    repeat {
      charge += pricing.update(examples: batches.size(of: count % batches.count))
      count += 1
    } while !isSpent(charge)
    return (count, charge)
  }

  /// Tensors of an update, and the dataset's bytes.
  private func peakMemory(_ pricing: NetworkPricing, by numbers: TrainingProtocol) -> Int {
    pricing.peakBytes(examples: min(numbers.batchSize, split.training.count))
      + imageBytes
  }

  /// Bytes of the training images and their labels.
  var imageBytes: Int { data.training.pixels.count + data.training.labels.count }
}
