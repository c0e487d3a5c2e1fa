import SearchCore
import StrictYAML

/// Reads a study's recipe and scale into the training protocol.
enum RecipeReader {
  private static let keys = [
    "name", "epochs", "batch-size", "learning-rate", "final-learning-rate", "momentum", "nesterov",
    "weight-decay", "gradient-clip", "label-smoothing", "crop-padding", "horizontal-flip",
    "cutout-length",
  ]
  private static let scaleKeys = [
    "channels", "cells", "training-images", "validation-images", "epochs",
  ]

  /// Reads the entries `recipe` and `scale` of a study.
  static func read(_ study: YAMLMapping) throws(YAMLError) -> TrainingProtocol {
    var training = try recipe(study.required("recipe"))
    if let value = study["scale"] { try scale(value, into: &training) }
    return training
  }

  private static func recipe(_ value: YAMLValue) throws(YAMLError) -> TrainingProtocol {
    guard value.isMapping else { return try preset(value) }
    let entries = try value.mapping(keys: keys)
    var recipe = try preset(entries.required("name"))
    recipe.epochs = try entries["epochs"]?.integer(in: 1...100_000) ?? recipe.epochs
    recipe.batchSize = try entries["batch-size"]?.integer(in: 1...65_536) ?? recipe.batchSize
    recipe.learningRate =
      try entries["learning-rate"]?.number(in: 1e-9...100) ?? recipe.learningRate
    recipe.finalLearningRate =
      try entries["final-learning-rate"]?.number(in: 0...100) ?? recipe.finalLearningRate
    recipe.momentum = try entries["momentum"]?.number(in: 0...0.9999) ?? recipe.momentum
    recipe.nesterov = try entries["nesterov"]?.boolean() ?? recipe.nesterov
    recipe.weightDecay = try entries["weight-decay"]?.number(in: 0...1) ?? recipe.weightDecay
    if let clip = entries["gradient-clip"] {
      recipe.gradientClip = try clip.number(in: 1e-6...1e6)
    }
    recipe.labelSmoothing =
      try entries["label-smoothing"]?.number(in: 0...0.99) ?? recipe.labelSmoothing
    recipe.cropPadding = try entries["crop-padding"]?.integer(in: 0...64) ?? recipe.cropPadding
    recipe.horizontalFlip = try entries["horizontal-flip"]?.boolean() ?? recipe.horizontalFlip
    recipe.cutoutLength = try entries["cutout-length"]?.integer(in: 0...256) ?? recipe.cutoutLength
    return recipe
  }

  private static func preset(_ value: YAMLValue) throws(YAMLError) -> TrainingProtocol {
    let presets = TrainingProtocol.presets
    let name = try value.name("recipe", among: presets.map(\.recipe))
    return presets.first { $0.recipe == name } ?? .nasBench201Short
  }

  private static func scale(
    _ value: YAMLValue, into training: inout TrainingProtocol
  ) throws(YAMLError) {
    let entries = try value.mapping(keys: scaleKeys)
    let images = 1...100_000_000
    training.scale.channels =
      try entries["channels"]?.integer(in: 1...4_096) ?? training.scale.channels
    training.scale.cells = try entries["cells"]?.integer(in: 1...100) ?? training.scale.cells
    if let count = entries["training-images"] {
      training.scale.trainingImages = try count.integer(in: images)
    }
    if let count = entries["validation-images"] {
      training.scale.validationImages = try count.integer(in: images)
    }
    training.epochs = try entries["epochs"]?.integer(in: 1...100_000) ?? training.epochs
  }
}
