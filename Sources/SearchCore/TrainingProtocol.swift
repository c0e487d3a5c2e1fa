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
  /// Step size at the end of the cosine schedule, at least 0.
  public var finalLearningRate: Double
  /// Share of the last update that is kept, from 0 to below 1.
  public var momentum: Double
  /// Whether the gradient is taken ahead of the momentum step.
  public var nesterov: Bool
  /// Factor of the squared weights in the loss, at least 0.
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
  /// What is made smaller or larger than in the recipe's paper.
  public var scale: Scale

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
    finalLearningRate: Double = 0, momentum: Double = 0.9, nesterov: Bool = true,
    weightDecay: Double = 5e-4, gradientClip: Double? = nil, labelSmoothing: Double = 0,
    cropPadding: Int = 4, horizontalFlip: Bool = true, cutoutLength: Int = 0,
    scale: Scale = Scale()
  ) {
    self.recipe = recipe
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.finalLearningRate = finalLearningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.gradientClip = gradientClip
    self.labelSmoothing = labelSmoothing
    self.cropPadding = cropPadding
    self.horizontalFlip = horizontalFlip
    self.cutoutLength = cutoutLength
    self.scale = scale
  }

  /// The 12-epoch training of NAS-Bench-201: what its searches are scored by.
  ///
  /// Source: Dong & Yang, arXiv 2001.00326, and the authors' configuration files.
  public static let nasBench201Short = TrainingProtocol(recipe: "nasbench201-12", epochs: 12)

  /// The 200-epoch training of NAS-Bench-201: what its selected cells are judged by.
  ///
  /// Source: Dong & Yang, arXiv 2001.00326, and the authors' configuration files.
  public static let nasBench201Full = TrainingProtocol(recipe: "nasbench201-200", epochs: 200)

  /// The recipes that a suite can name, sorted by name.
  public static let presets: [TrainingProtocol] = [.nasBench201Short, .nasBench201Full]
}
