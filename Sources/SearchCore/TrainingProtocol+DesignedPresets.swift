extension TrainingProtocol {
  /// The recipes of networks that people designed; crops are padded with zeros, also where authors
  /// reflect the image.
  static let designedPresets: [TrainingProtocol] = [
    .allConvolutional, .denseNet, .fractalNet, .oneCycle, .preactivationResNet, .resNet,
    .stochasticDepth, .wideResNet,
  ]

  /// How ResNets of CIFAR-10 are trained.
  ///
  /// Source: He et al., arXiv 1512.03385, section 4.2: 64,000 updates of 128 images, the rate divided
  /// by 10 after 32,000 and 48,000; here epochs of 45,000 images stand for updates, 182 of 352. The
  /// first 400 updates of ResNet-110 at a rate of 0.01 are not made.
  public static let resNet = TrainingProtocol(
    recipe: "resnet", epochs: 182, batchSize: 128, nesterov: false, weightDecay: 1e-4
  ).falling(by: 0.1, at: [91, 136])

  /// How pre-activation ResNets are trained.
  ///
  /// Source: He et al., arXiv 1603.05027, and the schedule of its authors' program, 200 epochs with
  /// the rate divided by 10 after 80 and 120.
  public static let preactivationResNet = TrainingProtocol(
    recipe: "preactivation-resnet", epochs: 200, batchSize: 128, weightDecay: 1e-4
  ).falling(by: 0.1, at: [80, 120])

  /// How Wide ResNets are trained.
  ///
  /// Source: Zagoruyko & Komodakis, arXiv 1605.07146, section 3, and the released code.
  public static let wideResNet = TrainingProtocol(
    recipe: "wide-resnet", epochs: 200, batchSize: 128, weightDecay: 5e-4
  ).falling(by: 0.2, at: [60, 120, 160])

  /// How DenseNets are trained.
  ///
  /// Source: Huang et al., arXiv 1608.06993, section 4.2, and the released code.
  public static let denseNet = TrainingProtocol(
    recipe: "densenet", epochs: 300, batchSize: 64, weightDecay: 1e-4
  ).falling(by: 0.1, at: [150, 225])

  /// How ResNets with stochastic depth are trained.
  ///
  /// Source: Huang et al., arXiv 1603.09382, section 4, and the released code.
  public static let stochasticDepth = TrainingProtocol(
    recipe: "stochastic-depth", epochs: 500, batchSize: 128, weightDecay: 1e-4
  ).falling(by: 0.1, at: [250, 375])

  /// How FractalNet is trained: the rate falls whenever half of the epochs that remain are over.
  ///
  /// Source: Larsson et al., arXiv 1605.07648, section 4; drop-path is no part of it here.
  public static let fractalNet = TrainingProtocol(
    recipe: "fractalnet", epochs: 400, batchSize: 100, learningRate: 0.02, nesterov: false,
    weightDecay: 0
  ).falling(by: 0.1, at: [200, 300, 350, 375])

  /// How All-CNN is trained.
  ///
  /// Source: Springenberg et al., arXiv 1412.6806, section 3.1, which chooses the rate among 0.25, 0.1,
  /// 0.05 and 0.01 and does not print the batch: 0.05 and 128 are ours.
  public static let allConvolutional = TrainingProtocol(
    recipe: "all-cnn", epochs: 350, batchSize: 128, learningRate: 0.05, nesterov: false,
    weightDecay: 1e-3
  ).falling(by: 0.1, at: [200, 250, 300])

  /// A ResNet in a third of its paper's epochs: one cycle of the rate.
  ///
  /// The schedule is Smith & Topin's (arXiv 1708.07120) as PyTorch has it; its numbers are ours, and the
  /// momentum stays the same.
  public static let oneCycle = {
    var recipe = TrainingProtocol(
      recipe: "one-cycle", epochs: 60, batchSize: 128, learningRate: 0.2, weightDecay: 5e-4)
    recipe.schedule = .oneCycle
    return recipe
  }()

  /// The same with a rate that falls by a factor after some epochs.
  private func falling(by factor: Double, at epochs: [Int]) -> TrainingProtocol {
    var recipe = self
    (recipe.schedule, recipe.decayFactor, recipe.decayAt) = (.milestones, factor, epochs)
    return recipe
  }
}
