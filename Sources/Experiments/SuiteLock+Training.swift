import SearchCore

extension SuiteLock {
  /// A study's recipes and scales, every number spelled out: `none` where a preset's is taken away.
  static func lines(ofTraining study: Study) -> [String] {
    guard let training = study.training, let final = study.finalTraining else { return [] }
    var lines = ["    recipe:"] + numbers(of: training)
    lines += ["    scale:"] + size(of: training.scale)
    if let count = training.scale.trainingImages { lines.append("      training-images: \(count)") }
    if let count = training.scale.validationImages {
      lines.append("      validation-images: \(count)")
    }
    lines += ["    final-recipe:"] + numbers(of: final)
    return lines + ["    final-scale:"] + size(of: final.scale)
  }

  private static func numbers(of training: TrainingProtocol) -> [String] {
    var lines = [
      "      name: \(training.recipe)", "      epochs: \(training.epochs)",
      "      batch-size: \(training.batchSize)",
      "      learning-rate: \(training.learningRate.shortText)",
      "      final-learning-rate: \(training.finalLearningRate.shortText)",
      "      restart-period: \(training.restarts.map { "\($0.firstPeriod)" } ?? "none")",
    ]
    if let restarts = training.restarts { lines.append("      restart-growth: \(restarts.growth)") }
    return lines + [
      "      momentum: \(training.momentum.shortText)", "      nesterov: \(training.nesterov)",
      "      weight-decay: \(training.weightDecay.shortText)",
      "      gradient-clip: \(training.gradientClip?.shortText ?? "none")",
      "      label-smoothing: \(training.labelSmoothing.shortText)",
      "      crop-padding: \(training.cropPadding)",
      "      horizontal-flip: \(training.horizontalFlip)",
      "      cutout-length: \(training.cutoutLength)",
      "      auxiliary-weight: \(training.auxiliaryWeight.shortText)",
      "      drop-path: \(training.dropPath.shortText)",
      "      drop-path-schedule: \(training.dropPathSchedule.rawValue)",
      "      dropout: \(training.dropout.shortText)",
      "      normalization-momentum: \(training.normalizationMomentum.shortText)",
      "      normalization-epsilon: \(training.normalizationEpsilon.shortText)",
    ]
  }

  private static func size(of scale: TrainingProtocol.Scale) -> [String] {
    ["      channels: \(scale.channels)", "      cells: \(scale.cells)"]
  }
}
