extension RecipeField {
  /// Every field, in the order in which suites are locked; a field comes after those that its
  /// condition asks about.
  public static let all = optimization + regularization + augmentation + language + scale

  /// The fields of one place.
  public static func all(in place: Place) -> [RecipeField] { all.filter { $0.place == place } }

  private static let optimization = [
    RecipeField("epochs", .integer(\.epochs, 1...100_000), "passes over the training split"),
    RecipeField(
      "batch-size", .integer(\.batchSize, 1...65_536),
      "images, or sequences side by side, of one update"),
    RecipeField(
      "optimizer", .choice(\.optimizer),
      "what moves the weights; adam has the momentum as its first decay, 0.999 and 1e-8",
      source: "1412.6980"),
    RecipeField("learning-rate", .number(\.learningRate, 1e-9...100), "step size at the start"),
    RecipeField("schedule", .choice(\.schedule), "how the step size moves"),
    RecipeField(
      "final-learning-rate", .number(\.finalLearningRate, 0...100), "step size at the end",
      for: .with("a cosine or one-cycle schedule") { [.cosine, .oneCycle].contains($0.schedule) }),
    RecipeField(
      "restart-period", .optionalInteger(\.restartPeriod, 1...100_000),
      "epochs before the cosine starts again", unit: "epochs", source: "1608.03983",
      for: .with("a cosine schedule") { $0.schedule == .cosine }),
    RecipeField(
      "restart-growth", .integer(\.restartGrowth, 1...10),
      "times that each period is as long as the one before", source: "1608.03983",
      for: .with("a restart-period") { $0.restarts != nil }),
    RecipeField(
      "decay-after", .integer(\.decayAfter, 1...100_000), "epochs at the first step size",
      unit: "epochs", for: .with("a stepwise schedule") { $0.schedule == .stepwise }),
    RecipeField(
      "decay-at", .integers(\.decayAt, 1...100_000), "epochs after which the step size falls",
      unit: "epochs", for: .with("a milestones schedule") { $0.schedule == .milestones }),
    RecipeField(
      "decay-factor", .number(\.decayFactor, 1e-6...1),
      "factor of the step size with each epoch after decay-after, or at each of decay-at",
      for: .with("a stepwise or milestones schedule") {
        [.stepwise, .milestones].contains($0.schedule)
      }),
    RecipeField(
      "warm-up", .number(\.warmUp, 0.001...0.999), "part of the training in which it rises",
      source: "1708.07120",
      for: .with("a one-cycle schedule") { $0.schedule == .oneCycle }),
    RecipeField(
      "anneal-by-epoch", .boolean(\.annealsByEpoch),
      "whether the step size moves between epochs only"),
    RecipeField(
      "momentum", .number(\.momentum, 0...0.9999), "share of the last update that is kept"),
    RecipeField(
      "nesterov", .boolean(\.nesterov), "whether the gradient is taken ahead of the momentum step"),
    RecipeField(
      "gradient-clip", .optionalNumber(\.gradientClip, 1e-6...1e6),
      "largest norm of the whole gradient"),
    RecipeField(
      "scored-epochs", .integer(\.scoredEpochs, 1...100),
      "validations at the ends of a trial's last epochs, the best of which is its score",
      source: "1611.01578"),
  ]

  private static let regularization = [
    RecipeField(
      "weight-decay", .number(\.weightDecay, 0...1),
      "factor of the weights that is added to their gradient"),
    RecipeField(
      "label-smoothing", .number(\.labelSmoothing, 0...0.99),
      "share of the target that is spread over all classes", source: "1512.00567", for: .images),
    RecipeField(
      "auxiliary-weight", .number(\.auxiliaryWeight, 0...10), "factor of the auxiliary head's loss",
      source: "1409.4842", for: .images),
    RecipeField(
      "drop-path", .number(\.dropPath, 0...0.99),
      "chance of an operation's result to be left out at the end", source: "1605.07648",
      for: .images),
    RecipeField(
      "drop-path-schedule", .choice(\.dropPathSchedule), "what drop-path grows with",
      source: "1707.07012", for: .images),
    RecipeField(
      "dropout", .number(\.dropout, 0...0.99),
      "chance of each feature before the classifier to be zero", source: "1207.0580",
      for: .images),
    RecipeField(
      "normalization-momentum", .number(\.normalizationMomentum, 1e-6...1),
      "weight of the newest minibatch in running statistics", source: "1502.03167", for: .images),
    RecipeField(
      "normalization-epsilon", .number(\.normalizationEpsilon, 1e-12...1),
      "added to the variance by batch normalisation", source: "1502.03167", for: .images),
  ]

  private static let augmentation = [
    RecipeField(
      "crop-padding", .integer(\.cropPadding, 0...64),
      "zeros on each side before the random crop", unit: "pixels", for: .images),
    RecipeField(
      "horizontal-flip", .boolean(\.horizontalFlip),
      "whether images are mirrored with probability one half", for: .images),
    RecipeField(
      "cutout-length", .integer(\.cutoutLength, 0...256), "side of the square set to zero",
      unit: "pixels", source: "1708.04552", for: .images),
  ]

  private static let language = [
    RecipeField(
      "unrolled-steps", .integer(\.language.unrolledSteps, 1...1_000),
      "words that a gradient flows back through", unit: "words", for: .text),
    RecipeField(
      "short-sequences", .number(\.language.shortSequences, 0...0.5),
      "chance of a stretch of half the length; above 0, lengths vary", source: "1708.02182",
      for: .text),
    RecipeField(
      "sum-over-steps", .boolean(\.language.sumsOverSteps),
      "whether the loss is the sum over the steps, not their mean", source: "1409.2329",
      for: .text),
    RecipeField(
      "tied-embeddings", .boolean(\.language.tiedEmbeddings),
      "whether the decoder's weights are the embedding", source: "1608.05859", for: .text),
    RecipeField(
      "initial-bound", .optionalNumber(\.language.initialBound, 1e-6...10),
      "bound of all first weights; none for each layer's own", for: .text),
    RecipeField(
      "word-dropout", .number(\.language.wordDropout, 0...0.99),
      "chance of a word of the vocabulary to be left out", source: "1512.05287", for: .text),
    RecipeField(
      "embedding-dropout", .number(\.language.embeddingDropout, 0...0.99),
      "chance of a unit of the embedded words to be zero", for: .text),
    RecipeField(
      "input-dropout", .number(\.language.inputDropout, 0...0.99),
      "chance of a unit of the first layer's input to be zero", for: .text),
    RecipeField(
      "hidden-dropout", .number(\.language.hiddenDropout, 0...0.99),
      "chance of a unit between layers, or of a cell's hidden state, to be zero", for: .text),
    RecipeField(
      "output-dropout", .number(\.language.outputDropout, 0...0.99),
      "chance of a unit of the last layer's output to be zero", for: .text),
    RecipeField(
      "weight-dropout", .number(\.language.weightDropout, 0...0.99),
      "chance of a recurrent weight to be zero", source: "1708.02182", for: .text),
    RecipeField(
      "variational-dropout", .boolean(\.language.variationalDropout),
      "whether one mask serves all steps of a minibatch", source: "1512.05287", for: .text),
    RecipeField(
      "activation-regularization", .number(\.language.activationRegularization, 0...1_000),
      "weight of the mean square of the output", source: "1708.02182", for: .text),
    RecipeField(
      "temporal-regularization", .number(\.language.temporalRegularization, 0...1_000),
      "weight of the mean square of the output's moves", source: "1708.02182", for: .text),
    RecipeField(
      "evaluation-batch", .integer(\.language.evaluationBatch, 1...1_024),
      "sequences side by side that the validation split is read as", for: .text),
    RecipeField(
      "test-batch", .integer(\.language.testBatch, 1...1_024),
      "sequences side by side that the test split is read as", for: .text),
    RecipeField(
      "averaging-trigger", .optionalInteger(\.language.averagingTrigger, 1...1_000),
      "epochs without a new best validation before weights are averaged", unit: "epochs",
      source: "1708.02182", for: .text),
  ]

  private static let scale = [
    RecipeField(
      "channels", .integer(\.scale.channels, 1...4_096), "of the first stage; C in the papers",
      place: .size, for: .images),
    RecipeField(
      "cells", .integer(\.scale.cells, 1...100), "in a stage; N in the papers", place: .size,
      for: .images),
    RecipeField(
      "hidden", .integer(\.language.hidden, 1...8_192), "units of a layer's hidden state",
      place: .size, for: .text),
    RecipeField(
      "embedding", .integer(\.language.embedding, 1...8_192), "width of the embedded words",
      place: .size, for: .text),
    RecipeField(
      "layers", .integer(\.language.layers, 1...16), "recurrent layers", place: .size, for: .text),
    RecipeField(
      "training-images", .optionalInteger(\.scale.trainingImages, 1...100_000_000),
      "of the training split that are used; none for all", place: .data, for: .images),
    RecipeField(
      "validation-images", .optionalInteger(\.scale.validationImages, 1...100_000_000),
      "of the validation split that are used; none for all", place: .data, for: .images),
    RecipeField(
      "training-words", .optionalInteger(\.scale.trainingWords, 2...1_000_000_000),
      "of the training split that are used; none for all", place: .data, for: .text),
    RecipeField(
      "validation-words", .optionalInteger(\.scale.validationWords, 2...1_000_000_000),
      "of the validation split that are used; none for all", place: .data, for: .text),
  ]
}

extension TrainingProtocol {
  /// What a recipe for text says; a recipe for images has none, and is one for text once it is set.
  var language: TextTraining {
    get { text ?? TextTraining() }
    set { text = newValue }
  }

  var restartPeriod: Int? {
    get { restarts?.firstPeriod }
    set { restarts = newValue.map { Restarts(firstPeriod: $0, growth: restartGrowth) } }
  }

  var restartGrowth: Int {
    get { restarts?.growth ?? 1 }
    set { restarts?.growth = newValue }
  }

  /// Takes over another recipe's size of networks, and its data.
  public mutating func takeScale(of other: TrainingProtocol) {
    scale = other.scale
    guard text != nil, let theirs = other.text else { return }
    language.hidden = theirs.hidden
    language.embedding = theirs.embedding
    language.layers = theirs.layers
  }

  /// Which of its fields do not go together, in words; `nil` if all do.
  public var conflict: String? {
    if text?.averagingTrigger != nil, optimizer != .gradientDescent || momentum > 0 {
      return "averages the weights of sgd without momentum only; expected averaging-trigger: none, "
        + "or optimizer: sgd and momentum: 0"
    }
    if schedule == .milestones, let last = decayAt.last, last >= epochs {
      return "lowers its step size after epoch \(last) of \(epochs); expected fewer than \(epochs)"
    }
    if scoredEpochs > epochs {
      return "scores the last \(scoredEpochs) of \(epochs) epochs; expected at most \(epochs)"
    }
    return nil
  }
}
