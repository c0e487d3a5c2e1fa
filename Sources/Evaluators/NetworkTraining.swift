import Crypto
import Datasets
import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// How long a training goes on.
enum TrainingLength {
  /// A number of optimizer updates, known beforehand.
  case updates(Int)
  /// Measured time; exempt from bit identity.
  case wallClock(seconds: Double)
}

/// One network's training, step by step: updates, then validation, then perhaps the test split.
final class NetworkTraining: Evaluation {
  /// What is trained on what, and how.
  struct Task {
    let network: any Network
    var pricing: NetworkPricing
    let data: ImageDataset
    let training: Minibatches
    let validation: Minibatches
    let protocolNumbers: TrainingProtocol
    let length: TrainingLength
    let context: ComputeContext
    let key: RandomKey
    /// The phase that updates are charged to, and the phase of evaluations.
    let updatePhase: Phase
    let evaluationPhase: Phase
    /// Why the test split is read at the end; `nil` if it is not.
    let testReason: String?
  }

  enum Stage {
    case training
    case evaluating(Minibatches, batch: Int, wrong: Int, isTest: Bool)
  }

  /// Mean loss of a minibatch, in nats, above which a training counts as exploded: guessing is
  /// ln(classes), and no training comes back from a thousand times that.
  static let explodedLoss = 1e4

  private(set) var task: Task
  let optimizer: SGD
  private let schedule: Schedule
  // What a checkpoint holds, beside weights, statistics and momenta.
  var stage = Stage.training
  var updates = 0
  var order: [Int32] = []
  var examples = 0
  var measurement: Measurement
  var start = ContinuousClock.now

  init(_ task: Task) {
    self.task = task
    let numbers = task.protocolNumbers
    let parameters = task.network.parameters
    parameters.allocate(in: task.context, key: task.key.child("initialization"))
    optimizer = SGD(
      parameters, momentum: Float(numbers.momentum), isNesterov: numbers.nesterov,
      weightDecay: Float(numbers.weightDecay), clipNorm: numbers.gradientClip.map { Float($0) },
      in: task.context)
    schedule = Schedule(numbers)
    measurement = Measurement(
      parameters: parameters.count - task.network.auxiliaryParameterCount,
      flopsPerExample: task.pricing.flopsPerExample)
  }

  func step() throws -> StepReport {
    switch stage {
    case .training: return try update()
    case .evaluating(let batches, let batch, let wrong, let isTest):
      return try evaluate(batches, batch: batch, wrong: wrong, isTest: isTest)
    }
  }

  // MARK: Updates

  /// The part of the training that is done, from 0 to 1.
  private var fraction: Double {
    switch task.length {
    case .updates(let total): Double(updates) / Double(max(1, total))
    case .wallClock(let seconds): elapsedSeconds / seconds
    }
  }

  /// Measured time since the beginning; down-time does not count.
  var elapsedSeconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  private func update() throws -> StepReport {
    let batches = task.training
    let (epoch, batch) = (updates / batches.count, updates % batches.count)
    if batch == 0 { order = batches.order(epoch: epoch, key: task.key) }
    let indices = batches.slice(order, batch: batch)
    let parameters = task.network.parameters
    parameters.clearGradients()
    let tape = Tape(task.context, isTraining: true)
    let placements = batches.placements(
      count: indices.count, step: updates, protocol: task.protocolNumbers, key: task.key)
    let images = input(batches, indices, placements, on: tape)
    let pass = TrainingPass(key: task.key.child("network", updates), progress: Float(fraction))
    let (score, _) = task.network.score(
      images, labels: batches.labels(of: indices), on: tape, during: pass,
      smoothing: Float(task.protocolNumbers.labelSmoothing),
      auxiliaryWeight: Float(task.protocolNumbers.auxiliaryWeight))
    tape.backward()
    optimizer.step(learningRate: Float(schedule.learningRate(at: fraction)))
    updates += 1
    examples += indices.count
    measurement.epochs = Double(examples) / Double(batches.indices.count)

    let charge = task.pricing.update(examples: indices.count)
    guard score.loss.isFinite, score.loss < Self.explodedLoss else {
      return StepReport(
        phase: task.updatePhase, charge: charge,
        outcome: .init(status: .diverged, measurement: measurement))
    }
    if fraction >= 1 {
      stage = .evaluating(task.validation, batch: 0, wrong: 0, isTest: false)
      measurement.weightsChecksum = weightsChecksum()
    }
    return StepReport(phase: task.updatePhase, charge: charge)
  }

  private func input(
    _ batches: Minibatches, _ indices: [Int32], _ placements: [Placement], on tape: Tape
  ) -> Tensor {
    let images = batches.images
    return tape.images(
      images.pixels, size: (images.height, images.width, images.channels), indices: indices,
      placements: placements, mean: task.data.channelMeans.map { Float($0) },
      deviation: task.data.channelStandardDeviations.map { Float($0) })
  }

  /// SHA-256 of weights and running statistics, little-endian, in the order of declaration.
  private func weightsChecksum() -> String {
    var hash = SHA256()
    for buffer in [task.network.parameters.flatValues, task.network.parameters.flatStatistics] {
      for value in buffer ?? .init(start: nil, count: 0) {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { hash.update(bufferPointer: $0) }
      }
    }
    return hash.finalize().map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  // MARK: Evaluation

  private func evaluate(
    _ batches: Minibatches, batch: Int, wrong: Int, isTest: Bool
  ) throws -> StepReport {
    let indices = batches.slice(batches.plainOrder, batch: batch)
    let tape = Tape(task.context, isTraining: false)
    let images = input(
      batches, indices, Array(repeating: Placement(), count: indices.count), on: tape)
    let (score, _) = task.network.score(
      images, labels: batches.labels(of: indices), on: tape)
    let wrong = wrong + score.wrong
    let charge = task.pricing.evaluation(examples: indices.count)
    if batch + 1 < batches.count {
      stage = .evaluating(batches, batch: batch + 1, wrong: wrong, isTest: isTest)
      return StepReport(phase: task.evaluationPhase, charge: charge)
    }
    let error = Double(wrong) / Double(batches.indices.count)
    if isTest { measurement.test = error } else { measurement.validation = error }
    guard !isTest, let reason = task.testReason else {
      return StepReport(
        phase: task.evaluationPhase, charge: charge,
        outcome: .init(status: .completed, measurement: measurement))
    }
    stage = .evaluating(try testBatches(reason: reason), batch: 0, wrong: 0, isTest: true)
    return StepReport(phase: task.evaluationPhase, charge: charge, testSplitRead: reason)
  }

  /// The test split, opened for a reason that is recorded.
  func testBatches(reason: String) throws -> Minibatches {
    let test = try task.data.openTest(reason: reason)
    return Minibatches(
      images: test, indices: Array(0..<test.count), batchSize: task.training.batchSize)
  }
}
