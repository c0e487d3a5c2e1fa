import Datasets
import NeuralNetworks
import OperationCosts
import SearchCore
import SearchSpaces
import TensorCore
import Training
import WeightSharing

/// What architectures of a space are trained for: a kind of data, and how an architecture becomes
/// something that is trained on it.
public protocol TrainingTask {
  var space: any SearchSpace { get }
  /// What scores mean.
  var objective: Objective { get }
  /// Size of the training split, in examples.
  var examplesPerEpoch: Int { get }
  /// Names and SHA-256 checksums of the data.
  var dataChecksums: [String: String] { get }
  /// Bytes of the data that every training holds.
  var dataBytes: Int { get }

  /// Completes an architecture's training; parameters are declared, not drawn.
  ///
  /// - Throws: One line, if the recipe asks for what the space's networks cannot do.
  func trainee(
    of architecture: Architecture, by recipe: TrainingProtocol
  ) throws(EvaluationError) -> any Trainee
}

/// Networks for images.
public struct ImageTask: TrainingTask {
  private let trainableSpace: any TrainableSearchSpace
  let data: ImageDataset
  let split: DataSplit

  /// Images of which some are trained on and some validate; the test split is read only by final
  /// training.
  public init(space: any TrainableSearchSpace, data: ImageDataset, split: DataSplit) {
    trainableSpace = space
    self.data = data
    self.split = split
  }

  /// The same with the images of the validation split among those that are trained on; none validate.
  public var withValidationImages: ImageTask {
    ImageTask(space: trainableSpace, data: data, split: split.withoutValidation)
  }

  public var space: any SearchSpace { trainableSpace }
  public var objective: Objective { .classificationError }
  public var examplesPerEpoch: Int { split.training.count }
  public var dataChecksums: [String: String] { data.checksums.byPath }
  public var dataBytes: Int { data.training.pixels.count + data.training.labels.count }

  public func trainee(
    of architecture: Architecture, by recipe: TrainingProtocol
  ) throws(EvaluationError) -> any Trainee {
    let images = data.training
    let options = NetworkOptions(recipe, imageSize: images.height, imageChannels: images.channels)
    let objection = trainableSpace.objection(
      to: options, height: images.height, width: images.width, place: "the recipe")
    if let objection { throw EvaluationError(objection) }
    guard recipe.text == nil else {
      throw EvaluationError(
        "recipe '\(recipe.recipe)' trains language models; expected one for images")
    }
    return ImageTrainee(
      trainableSpace.network(
        of: architecture, scale: recipe.scale, classes: images.classCount, options: options),
      data: data, split: split, numbers: recipe)
  }
}

/// Language models.
public struct TextTask: TrainingTask {
  private let languageSpace: any LanguageSearchSpace
  let data: TextDataset
  let split: TextSplit
  private let batchSize: Int

  /// Text with splits of its own.
  ///
  /// - Parameter batchSize: Sequences side by side in a trial, which fix what an epoch is.
  public init(
    space: any LanguageSearchSpace, data: TextDataset, split: TextSplit, batchSize: Int
  ) {
    languageSpace = space
    self.data = data
    self.split = split
    self.batchSize = batchSize
  }

  public var space: any SearchSpace { languageSpace }
  public var objective: Objective { .perplexity }
  public var examplesPerEpoch: Int { split.wordsPredicted(batchSize: batchSize) }
  public var dataChecksums: [String: String] { data.checksums.byPath }
  public var dataBytes: Int { 4 * (data.training.count + data.validation.count) }

  public func trainee(
    of architecture: Architecture, by recipe: TrainingProtocol
  ) throws(EvaluationError) -> any Trainee {
    guard let text = recipe.text else {
      throw EvaluationError(
        "recipe '\(recipe.recipe)' trains image networks; expected one for text")
    }
    return TextTrainee(
      languageSpace.model(of: architecture, words: data.words.count, training: text), data: data,
      split: split, recipe: recipe)
  }
}
