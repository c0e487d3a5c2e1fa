/// How architectures are trained: the recipe's numbers and the declared scale.
///
/// A suite names a recipe and may replace its numbers; the scale is declared once a study and is
/// equal for all methods.
public struct TrainingProtocol: Hashable, Codable, Sendable {
  /// Stable id of the recipe that the numbers come from, lower kebab case.
  public var recipe: String
  /// Passes over the training split, at least 1.
  public var epochs: Int
  /// Images of one optimizer update, at least 1.
  public var batchSize: Int
  /// Step size of stochastic gradient descent at the start, above 0.
  public var learningRate: Double
  /// Step size at the end of a cosine or of the one cycle, at least 0.
  public var finalLearningRate: Double
  /// How the step size moves.
  public var schedule: ScheduleKind = .cosine
  /// Epochs at the first step size, where it moves stepwise.
  public var decayAfter = 1
  /// Epochs after which it falls, ascending, where it has milestones.
  public var decayAt: [Int] = []
  /// Factor of the step size with each epoch after `decayAfter`, or at each of `decayAt`, above 0
  /// to 1.
  public var decayFactor = 1.0
  /// Part of the training in which the one cycle rises, above 0 to below 1.
  public var warmUp = 0.3
  /// Whether the step size moves from epoch to epoch only, rather than with each update.
  public var annealsByEpoch = false
  /// What moves the weights.
  public var optimizer: OptimizerKind = .gradientDescent
  /// Validations at the ends of a trial's last epochs, from 1 to `epochs`, of which the best is the
  /// score; each is charged.
  public var scoredEpochs = 1
  /// What a language model's recipe says beside this; `nil` for image networks, and only then
  /// augmentation, an auxiliary head, drop-path and normalisation have a meaning.
  public var text: TextTraining?
  /// Whether and when the cosine starts again; `nil` for a single one.
  public var restarts: Restarts?
  /// Share of the last update that is kept, from 0 to below 1.
  public var momentum: Double
  /// Whether the gradient is taken ahead of the momentum step.
  public var nesterov: Bool
  /// Factor of the weights that is added to their gradient, at least 0: of half the squared
  /// weights in the loss.
  public var weightDecay: Double
  /// Largest norm of the whole gradient; `nil` if it is not clipped.
  public var gradientClip: Double?
  /// Share of the target that is spread over all classes, from 0 to below 1.
  public var labelSmoothing: Double
  /// Pixels of zeros on each side before the random crop; 0 for no crop.
  public var cropPadding: Int
  /// Whether images are mirrored with probability one half.
  public var horizontalFlip: Bool
  /// Side of the square set to zero, in pixels; 0 for none.
  public var cutoutLength: Int
  /// Factor of the auxiliary head's loss; 0 for no such head.
  public var auxiliaryWeight: Double
  /// Chance of an operation's result to be left out at the end of the training, from 0 to below 1.
  public var dropPath: Double
  /// What drop-path grows with.
  public var dropPathSchedule: DropPathSchedule
  /// Chance of each feature before the classifier to be zero in training, from 0 to below 1.
  public var dropout: Double
  /// Weight of the newest minibatch in batch normalisation's running statistics, above 0 to 1;
  /// 1 less the decay in TensorFlow's words.
  public var normalizationMomentum: Double
  /// Added to the variance by batch normalisation, above 0.
  public var normalizationEpsilon: Double
  /// What is made smaller or larger than in the recipe's paper.
  public var scale: Scale

  /// How a step size moves over the training.
  public enum ScheduleKind: String, CaseIterable, Codable, Sendable {
    /// Half a cosine, or several with restarts.
    case cosine
    /// The same all along.
    case constant
    /// A factor with each epoch, after a number of them.
    case stepwise
    /// A factor at each of a few epochs.
    case milestones
    /// Up and down once.
    case oneCycle = "one-cycle"
  }

  /// What moves weights against their gradients.
  public enum OptimizerKind: String, CaseIterable, Codable, Sendable {
    /// Stochastic gradient descent with momentum.
    case gradientDescent = "sgd"
    /// Adam (arXiv 1412.6980); the momentum is its β₁, β₂ is 0.999 and ε 1e-8.
    case adam
  }

  /// Whether a validation follows an epoch before the last, as the score or the averaging needs it.
  ///
  /// - Parameter epoch: Epochs done.
  public func validates(after epoch: Int) -> Bool {
    text?.averagingTrigger != nil || (epoch > epochs - scoredEpochs && epoch < epochs)
  }

  /// Warm restarts of the cosine: periods of `firstPeriod`, `firstPeriod · growth`, and so on.
  ///
  /// Source: Loshchilov & Hutter, arXiv 1608.03983; T0 and Tmul in the paper.
  public struct Restarts: Hashable, Codable, Sendable {
    /// Epochs of the recipe before the first restart, at least 1.
    public var firstPeriod: Int
    /// How many times as long each period is as the one before, at least 1.
    public var growth: Int

    /// Declares restarts.
    public init(firstPeriod: Int, growth: Int) {
      self.firstPeriod = firstPeriod
      self.growth = growth
    }
  }

  /// What the probability of drop-path is proportional to.
  public enum DropPathSchedule: String, CaseIterable, Codable, Sendable {
    /// The part of the training that is done (DARTS, arXiv 1806.09055, released code).
    case progress
    /// That, times the part of the network's cells up to the operation's own (the released code of
    /// NASNet and ENAS, arXiv 1707.07012 and 1802.03268).
    case depthAndProgress = "depth-and-progress"
  }

  /// The size of the task: equal for all methods of a study.
  public struct Scale: Hashable, Codable, Sendable {
    /// Channels of the first stage; C in the papers.
    public var channels: Int
    /// Cells a stage; N in the papers.
    public var cells: Int
    /// Images of the training split; `nil` for all that the dataset's rule gives.
    public var trainingImages: Int?
    /// Images of the validation split; `nil` for all that the dataset's rule gives.
    public var validationImages: Int?
    /// Words of the training split, from its start; `nil` for all.
    public var trainingWords: Int?
    /// Words of the validation split, from its start; `nil` for all.
    public var validationWords: Int?

    /// Makes a scale; the defaults are those of NAS-Bench-201 (arXiv 2001.00326).
    public init(
      channels: Int = 16, cells: Int = 5, trainingImages: Int? = nil, validationImages: Int? = nil
    ) {
      self.channels = channels
      self.cells = cells
      self.trainingImages = trainingImages
      self.validationImages = validationImages
    }
  }

  /// Makes a protocol; the defaults are those of NAS-Bench-201's tables (arXiv 2001.00326).
  public init(
    recipe: String, epochs: Int, batchSize: Int = 256, learningRate: Double = 0.1,
    finalLearningRate: Double = 0, restarts: Restarts? = nil, momentum: Double = 0.9,
    nesterov: Bool = true, weightDecay: Double = 5e-4, gradientClip: Double? = nil,
    labelSmoothing: Double = 0, cropPadding: Int = 4, horizontalFlip: Bool = true,
    cutoutLength: Int = 0, auxiliaryWeight: Double = 0, dropPath: Double = 0,
    dropPathSchedule: DropPathSchedule = .progress, dropout: Double = 0,
    normalizationMomentum: Double = 0.1, normalizationEpsilon: Double = 1e-5,
    scale: Scale = Scale()
  ) {
    self.recipe = recipe
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.finalLearningRate = finalLearningRate
    self.restarts = restarts
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.gradientClip = gradientClip
    self.labelSmoothing = labelSmoothing
    self.cropPadding = cropPadding
    self.horizontalFlip = horizontalFlip
    self.cutoutLength = cutoutLength
    self.auxiliaryWeight = auxiliaryWeight
    self.dropPath = dropPath
    self.dropPathSchedule = dropPathSchedule
    self.dropout = dropout
    self.normalizationMomentum = normalizationMomentum
    self.normalizationEpsilon = normalizationEpsilon
    self.scale = scale
  }
}
