import SearchCore
import StrictYAML

/// Reads a study's recipes and scales into training protocols.
enum RecipeReader {
  /// The entries of a study that say how networks are trained.
  static let studyKeys = ["recipe", "scale", "final-recipe", "final-scale"]

  private static let keys = [
    "name", "epochs", "batch-size", "learning-rate", "final-learning-rate", "restart-period",
    "restart-growth", "momentum", "nesterov", "weight-decay", "gradient-clip", "label-smoothing",
    "crop-padding", "horizontal-flip", "cutout-length", "auxiliary-weight", "drop-path",
    "drop-path-schedule", "dropout", "normalization-momentum", "normalization-epsilon",
  ]

  /// Reads the protocols of trials and of final training.
  ///
  /// Final training is by default as a trial's; with a recipe of its own, it still has the search's
  /// scale and images unless `final-scale` says otherwise.
  static func read(
    _ study: YAMLMapping
  ) throws(YAMLError) -> (search: TrainingProtocol, final: TrainingProtocol) {
    var search = try recipe(study.required("recipe"))
    if let value = study["scale"] { try scale(value, into: &search) }
    var final = search
    if let value = study["final-recipe"] {
      final = try recipe(value)
      final.scale = search.scale
    }
    if let value = study["final-scale"] {
      try size(value.mapping(keys: ["channels", "cells"]), into: &final)
    }
    return (search, final)
  }

  private static func recipe(_ value: YAMLValue) throws(YAMLError) -> TrainingProtocol {
    guard value.isMapping else { return try preset(value) }
    let entries = try value.mapping(keys: keys)
    var recipe = try preset(entries.required("name"))
    try schedule(entries, into: &recipe)
    try augmentation(entries, into: &recipe)
    try regularization(entries, into: &recipe)
    return recipe
  }

  private static func preset(_ value: YAMLValue) throws(YAMLError) -> TrainingProtocol {
    let presets = TrainingProtocol.presets
    let name = try value.name("recipe", among: presets.map(\.recipe))
    return presets.first { $0.recipe == name } ?? .nasBench201Short
  }

  /// Reads how long is trained, and the optimizer's numbers.
  private static func schedule(
    _ entries: YAMLMapping, into recipe: inout TrainingProtocol
  ) throws(YAMLError) {
    recipe.epochs = try entries["epochs"]?.integer(in: 1...100_000) ?? recipe.epochs
    recipe.batchSize = try entries["batch-size"]?.integer(in: 1...65_536) ?? recipe.batchSize
    recipe.learningRate =
      try entries["learning-rate"]?.number(in: 1e-9...100) ?? recipe.learningRate
    recipe.finalLearningRate =
      try entries["final-learning-rate"]?.number(in: 0...100) ?? recipe.finalLearningRate
    if let entry = entries["restart-period"] {
      let period: Int? = try entry.isNone ? nil : entry.integer(in: 1...100_000)
      recipe.restarts = period.map {
        .init(firstPeriod: $0, growth: recipe.restarts?.growth ?? 1)
      }
    }
    if let entry = entries["restart-growth"] {
      guard recipe.restarts != nil else {
        throw entry.error("does not go without a restart-period")
      }
      recipe.restarts?.growth = try entry.integer(in: 1...10)
    }
    recipe.momentum = try entries["momentum"]?.number(in: 0...0.9999) ?? recipe.momentum
    recipe.nesterov = try entries["nesterov"]?.boolean() ?? recipe.nesterov
    if let clip = entries["gradient-clip"] {
      recipe.gradientClip = try clip.isNone ? nil : clip.number(in: 1e-6...1e6)
    }
  }

  private static func augmentation(
    _ entries: YAMLMapping, into recipe: inout TrainingProtocol
  ) throws(YAMLError) {
    recipe.cropPadding = try entries["crop-padding"]?.integer(in: 0...64) ?? recipe.cropPadding
    recipe.horizontalFlip = try entries["horizontal-flip"]?.boolean() ?? recipe.horizontalFlip
    recipe.cutoutLength = try entries["cutout-length"]?.integer(in: 0...256) ?? recipe.cutoutLength
  }

  private static func regularization(
    _ entries: YAMLMapping, into recipe: inout TrainingProtocol
  ) throws(YAMLError) {
    recipe.weightDecay = try entries["weight-decay"]?.number(in: 0...1) ?? recipe.weightDecay
    recipe.labelSmoothing =
      try entries["label-smoothing"]?.number(in: 0...0.99) ?? recipe.labelSmoothing
    recipe.auxiliaryWeight =
      try entries["auxiliary-weight"]?.number(in: 0...10) ?? recipe.auxiliaryWeight
    recipe.dropPath = try entries["drop-path"]?.number(in: 0...0.99) ?? recipe.dropPath
    if let entry = entries["drop-path-schedule"] {
      let schedules = TrainingProtocol.DropPathSchedule.allCases
      let name = try entry.name("drop-path schedule", among: schedules.map(\.rawValue))
      recipe.dropPathSchedule = schedules.first { $0.rawValue == name } ?? .progress
    }
    recipe.dropout = try entries["dropout"]?.number(in: 0...0.99) ?? recipe.dropout
    recipe.normalizationMomentum =
      try entries["normalization-momentum"]?.number(in: 1e-6...1) ?? recipe.normalizationMomentum
    recipe.normalizationEpsilon =
      try entries["normalization-epsilon"]?.number(in: 1e-12...1) ?? recipe.normalizationEpsilon
  }

  private static func scale(
    _ value: YAMLValue, into training: inout TrainingProtocol
  ) throws(YAMLError) {
    let entries = try value.mapping(
      keys: ["channels", "cells", "training-images", "validation-images", "epochs"])
    try size(entries, into: &training)
    let images = 1...100_000_000
    if let count = entries["training-images"] {
      training.scale.trainingImages = try count.integer(in: images)
    }
    if let count = entries["validation-images"] {
      training.scale.validationImages = try count.integer(in: images)
    }
    training.epochs = try entries["epochs"]?.integer(in: 1...100_000) ?? training.epochs
  }

  /// Reads the size of networks.
  private static func size(
    _ entries: YAMLMapping, into training: inout TrainingProtocol
  ) throws(YAMLError) {
    training.scale.channels =
      try entries["channels"]?.integer(in: 1...4_096) ?? training.scale.channels
    training.scale.cells = try entries["cells"]?.integer(in: 1...100) ?? training.scale.cells
  }
}
