import Datasets
import NeuralNetworks
import Randomness
import SearchCore
import TensorCore

/// An image network, trained and scored by the share of images that it classifies wrongly.
public final class ImageTrainee: Trainee {
  public let objective = Objective.classificationError
  private let network: any Network
  private let data: ImageDataset
  private let split: DataSplit
  private let numbers: TrainingProtocol
  private let mean: [Float]
  private let deviation: [Float]
  // Of the pass that was begun.
  private var batches: Minibatches
  private var order: [Int32] = []
  private var test: LabeledImages?

  /// Puts a network and its images together.
  ///
  /// - Parameter numbers: Batch, augmentation and what the loss is made of.
  public init(
    _ network: any Network, data: ImageDataset, split: DataSplit, numbers: TrainingProtocol
  ) {
    self.network = network
    self.data = data
    self.split = split
    self.numbers = numbers
    mean = data.channelMeans.map { Float($0) }
    deviation = data.channelStandardDeviations.map { Float($0) }
    batches = Minibatches(
      images: data.training, indices: split.training, batchSize: numbers.batchSize)
    network.parameters.normalizationMomentum = Float(numbers.normalizationMomentum)
    network.parameters.normalizationEpsilon = Float(numbers.normalizationEpsilon)
  }

  public var parameters: Parameters { network.parameters }
  public var auxiliaryParameterCount: Int { network.auxiliaryParameterCount }
  public var examplesPerEpoch: Int { split.training.count }

  // MARK: Passes

  public func minibatches(of pass: DataPass, key: RandomKey) throws -> [MinibatchSize] {
    let batches = try batches(of: pass)
    return (0..<batches.count).map { MinibatchSize(rows: batches.size(of: $0)) }
  }

  public func begin(_ pass: DataPass, key: RandomKey) throws {
    batches = try batches(of: pass)
    if case .training(let epoch) = pass {
      order = batches.order(epoch: epoch, key: key)
    } else {
      order = batches.plainOrder
    }
  }

  private func batches(of pass: DataPass) throws -> Minibatches {
    switch pass {
    case .training: return batches(data.training, split.training)
    case .validation: return batches(data.training, split.validation)
    case .test(let reason):
      let images = try test ?? data.openTest(reason: reason)
      test = images
      return batches(images, Array(0..<images.count))
    }
  }

  private func batches(_ images: LabeledImages, _ indices: [Int]) -> Minibatches {
    Minibatches(images: images, indices: indices, batchSize: numbers.batchSize)
  }

  // MARK: Minibatches

  public func score(
    _ index: Int, of pass: DataPass, during step: TrainingStep?, on tape: Tape
  ) -> MinibatchScore {
    let indices = batches.slice(order, batch: index)
    let placements =
      step.map {
        batches.placements(
          count: indices.count, step: $0.updates, protocol: numbers, key: $0.key)
      } ?? Array(repeating: Placement(), count: indices.count)
    let images = batches.images
    let input = tape.images(
      images.pixels, size: (images.height, images.width, images.channels), indices: indices,
      placements: placements, mean: mean, deviation: deviation)
    let pass = step.map {
      TrainingPass(key: $0.key.child("network", $0.updates), progress: Float($0.progress))
    }
    let (score, _) = network.score(
      input, labels: batches.labels(of: indices), on: tape, during: pass,
      smoothing: step == nil ? 0 : Float(numbers.labelSmoothing),
      auxiliaryWeight: Float(numbers.auxiliaryWeight))
    return MinibatchScore(loss: score.loss, sum: Double(score.wrong), count: score.count)
  }

  public func rehearse(_ size: MinibatchSize, on tape: Tape) {
    let images = data.training
    let input = tape.empty(
      Shape(size.rows, images.height, images.width, images.channels), requiresGradient: false)
    // At the end of a training, when all that drops out does.
    let pass = tape.isTraining ? TrainingPass(key: RandomKey(seed: 0), progress: 1) : nil
    _ = network.score(input, labels: [], on: tape, during: pass)
  }

  public func score(sum: Double, count: Int) -> Double { sum / Double(count) }
}
