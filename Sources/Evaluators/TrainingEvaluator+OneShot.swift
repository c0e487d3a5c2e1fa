import Datasets
import Randomness
import SearchCore
import TensorCore
import Training
import WeightSharing

extension TrainingEvaluator {
  public func oneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget, key: RandomKey
  ) throws -> any Evaluation {
    try weightSharing(method).search(oneShotTask(budget, key), settings: settings)
  }

  public func forecastOneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget
  ) throws -> OneShotForecast {
    var forecast = try weightSharing(method).forecast(
      oneShotTask(budget, RandomKey(seed: 0)), settings: settings)
    forecast.peakMemoryBytes? += self.task.dataBytes
    return forecast
  }

  private func weightSharing(
    _ method: any OneShotMethod.Type
  ) throws(MethodError) -> any WeightSharingMethod.Type {
    guard let method = method as? any WeightSharingMethod.Type else {
      throw MethodError("method '\(method.name)' cannot be trained here")
    }
    return method
  }

  /// A search on the two splits that it may see: it is given no way to the test split.
  private func oneShotTask(
    _ budget: Budget, _ key: RandomKey
  ) throws(EvaluationError) -> OneShotTask {
    guard budget.unit != .trials else {
      throw EvaluationError(
        "a one-shot search makes no trials; expected a search budget in another unit")
    }
    return OneShotTask(
      space: space, objective: objective, scale: search.scale, data: try examples(),
      trainer: SelectionTrainer(self), device: device, budget: budget, context: context, key: key)
  }
}

extension TrainingEvaluator {
  private func examples() throws(EvaluationError) -> any ExampleSource {
    switch (task, search.text) {
    case (let task as ImageTask, _): return SearchImages(task.data, task.split, search)
    case (let task as TextTask, let training?): return SearchTexts(task, training)
    default: throw EvaluationError("there are no shared weights for this task")
    }
  }
}

/// Trains what a one-shot search has to choose among, as trials are trained.
private final class SelectionTrainer: ArchitectureTrainer {
  private let evaluator: TrainingEvaluator

  init(_ evaluator: TrainingEvaluator) { self.evaluator = evaluator }

  func training(
    of architecture: Architecture, epochs: Int, key: RandomKey
  ) throws -> any Evaluation & Checkpointable {
    try evaluator.trial(of: architecture, epochs: epochs, key: key, phase: .selection)
  }

  func forecastTraining(
    of architecture: Architecture, epochs: Int
  ) throws -> EvaluationForecast {
    let forecast = try evaluator.forecastTrial(of: architecture, epochs: epochs)
    return EvaluationForecast(
      charge: forecast.charge,
      peakMemoryBytes: forecast.peakMemoryBytes.map { $0 - evaluator.task.dataBytes })
  }
}

/// Training and validation words of a split.
private final class SearchTexts: TextSource {
  let words: Int
  let training: TextTraining
  private let split: TextSplit
  private let examplesPerEpoch: Int

  init(_ task: TextTask, _ training: TextTraining) {
    words = task.data.words.count
    self.training = training
    (split, examplesPerEpoch) = (task.split, task.examplesPerEpoch)
  }

  func tokens(of part: SplitPart) -> [Int32] {
    part == .training ? split.training : split.validation
  }

  /// Of the training split, what the study's budgets call an epoch.
  func count(of part: SplitPart) -> Int {
    part == .training ? examplesPerEpoch : split.validation.count
  }
}

/// Training and validation images of a split, with the study's crops and flips.
private final class SearchImages: MinibatchSource {
  let image: (height: Int, width: Int, channels: Int)
  let classes: Int
  private let images: LabeledImages
  private let split: DataSplit
  private let numbers: TrainingProtocol
  private let mean: [Float]
  private let deviation: [Float]
  /// The orders of the epochs that were last asked for, by part.
  private var orders: [SplitPart: (epoch: Int, key: RandomKey, order: [Int32])] = [:]

  init(_ data: ImageDataset, _ split: DataSplit, _ numbers: TrainingProtocol) {
    images = data.training
    image = (images.height, images.width, images.channels)
    classes = images.classCount
    self.split = split
    self.numbers = numbers
    mean = data.channelMeans.map { Float($0) }
    deviation = data.channelStandardDeviations.map { Float($0) }
  }

  func count(of part: SplitPart) -> Int { indices(of: part).count }

  private func indices(of part: SplitPart) -> [Int] {
    part == .training ? split.training : split.validation
  }

  func minibatch(
    _ index: Int, of part: SplitPart, size: Int, isAugmented: Bool, key: RandomKey, on tape: Tape
  ) -> Minibatch {
    let batches = Minibatches(images: images, indices: indices(of: part), batchSize: size)
    let epoch = index / batches.count
    let order: [Int32]
    if let known = orders[part], known.epoch == epoch, known.key == key {
      order = known.order
    } else {
      order = batches.order(epoch: epoch, key: key)
      orders[part] = (epoch, key, order)
    }
    let chosen = batches.slice(order, batch: index % batches.count)
    let placements =
      isAugmented
      ? batches.placements(count: chosen.count, step: index, protocol: numbers, key: key)
      : Array(repeating: Placement(), count: chosen.count)
    return minibatch(batches, chosen, placements, on: tape)
  }

  func plainMinibatch(
    _ index: Int, of part: SplitPart, size: Int, on tape: Tape
  ) -> Minibatch {
    let batches = Minibatches(images: images, indices: indices(of: part), batchSize: size)
    let chosen = batches.slice(batches.plainOrder, batch: index % batches.count)
    return minibatch(
      batches, chosen, Array(repeating: Placement(), count: chosen.count), on: tape)
  }

  private func minibatch(
    _ batches: Minibatches, _ chosen: [Int32], _ placements: [Placement], on tape: Tape
  ) -> Minibatch {
    Minibatch(
      images: tape.images(
        images.pixels, size: image, indices: chosen, placements: placements, mean: mean,
        deviation: deviation), labels: batches.labels(of: chosen))
  }
}
