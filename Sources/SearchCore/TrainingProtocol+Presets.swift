extension TrainingProtocol {
  /// The recipes that a suite can name, sorted by name.
  ///
  /// `-eval` trains what a search has found, `-search` what it tries or shares. Where a paper and
  /// its code differ, the code's numbers stand, since they are complete; each says what is ours. Of
  /// all image networks: first weights are PyTorch's, where ENAS draws them He-normal, DARTS ran on
  /// PyTorch 0.3.1, whose bounds for depthwise filters are √C smaller, and NASNet and AmoebaNet scale
  /// them by the outputs.
  public static let presets =
    (imagePresets + designedPresets + languagePresets).sorted { $0.recipe < $1.recipe }

  private static let imagePresets: [TrainingProtocol] = [
    .amoebaNetEvaluation, .amoebaNetSearch, .budgeted, .dartsEvaluation, .dartsSearch,
    .enasEvaluation, .enasMacroEvaluation, .enasMacroSearch, .enasSearch, .nasSearch,
    .nasBench201Short, .nasBench201Full, .nasNetEvaluation, .nasNetSearch,
  ]

  /// The 12-epoch training of NAS-Bench-201: what its searches are scored by.
  ///
  /// Source: Dong & Yang, arXiv 2001.00326, and the authors' configuration files: the cosine stays the
  /// same within an epoch.
  public static let nasBench201Short = TrainingProtocol(recipe: "nasbench201-12", epochs: 12)
    .annealedByEpoch

  /// The 200-epoch training of NAS-Bench-201: what its selected cells are judged by.
  ///
  /// Source: Dong & Yang, arXiv 2001.00326, and the authors' configuration files.
  public static let nasBench201Full = TrainingProtocol(recipe: "nasbench201-200", epochs: 200)
    .annealedByEpoch

  /// One recipe for every method of a study, for budgets far below the papers'.
  ///
  /// DARTS' optimizer, without what holds 600 epochs back from overfitting: no auxiliary head, no
  /// drop-path, no cutout. The schedule ends where the `final` budget does; the epochs count only
  /// where it is a search's recipe.
  public static let budgeted = TrainingProtocol(
    recipe: "budgeted", epochs: 100, batchSize: 64, learningRate: 0.025, nesterov: false,
    weightDecay: 3e-4, gradientClip: 5)

  // MARK: DARTS

  /// How DARTS trains the weights that its candidates share: half the images train them.
  ///
  /// Source: Liu et al., arXiv 1806.09055, section 3.1, and the released code, which ends the
  /// cosine at 0.001 (the paper: 0).
  public static let dartsSearch = TrainingProtocol(
    recipe: "darts-search", epochs: 50, batchSize: 64, learningRate: 0.025,
    finalLearningRate: 0.001, nesterov: false, weightDecay: 3e-4, gradientClip: 5,
    scale: Scale(channels: 16, cells: 2)
  ).annealedByEpoch

  /// How DARTS trains found cells: 20 of them, 36 channels.
  ///
  /// Source: Liu et al., arXiv 1806.09055, section 3.2, and the released code. The code moves
  /// drop-path epoch by epoch as well; here it moves step by step.
  public static let dartsEvaluation = TrainingProtocol(
    recipe: "darts-eval", epochs: 600, batchSize: 96, learningRate: 0.025, nesterov: false,
    weightDecay: 3e-4, gradientClip: 5, cutoutLength: 16, auxiliaryWeight: 0.4, dropPath: 0.2,
    scale: Scale(channels: 36, cells: 6)
  ).annealedByEpoch

  // MARK: NASNet and AmoebaNet

  /// How NASNet's search trains a child: 20 epochs of a cosine, N = 2.
  ///
  /// Source: Zoph et al., arXiv 1707.07012, appendix A. The other numbers are those of
  /// `nasnet-eval`, since the paper does not print them.
  public static let nasNetSearch = TrainingProtocol(
    recipe: "nasnet-search", epochs: 20, batchSize: 32, learningRate: 0.025, nesterov: false,
    gradientClip: 5, scale: Scale(channels: 32, cells: 2))

  /// How NASNet trains found cells: N = 6, C = 32 (6 @ 768).
  ///
  /// Source: Zoph et al., arXiv 1707.07012, and the released code (TensorFlow-Slim), which decays
  /// convolutions alone; here normalisations decay as well. Cutout is an option of the paper.
  public static let nasNetEvaluation = TrainingProtocol(
    recipe: "nasnet-eval", epochs: 600, batchSize: 32, learningRate: 0.025, nesterov: false,
    gradientClip: 5, auxiliaryWeight: 0.4, dropPath: 0.4, dropPathSchedule: .depthAndProgress,
    scale: Scale(channels: 32, cells: 6))

  /// How AmoebaNet's search trains a child: 25 epochs, N = 3, F = 24.
  ///
  /// Source: Real et al., arXiv 1802.01548, "Methods Details". The other numbers are those of
  /// `amoebanet-eval`, without its head and drop-path.
  public static let amoebaNetSearch = TrainingProtocol(
    recipe: "amoebanet-search", epochs: 25, batchSize: 128, learningRate: 0.024, nesterov: false,
    scale: Scale(channels: 24, cells: 3))

  /// How AmoebaNet trains found cells: N = 6, F = 36.
  ///
  /// Source: Real et al., arXiv 1802.01548, "Methods Details"; drop-path grows as in NASNet's code.
  public static let amoebaNetEvaluation = TrainingProtocol(
    recipe: "amoebanet-eval", epochs: 600, batchSize: 128, learningRate: 0.024, nesterov: false,
    auxiliaryWeight: 0.5, dropPath: 0.3, dropPathSchedule: .depthAndProgress,
    scale: Scale(channels: 36, cells: 6))

  // MARK: ENAS

  // Weight decays are twice the code's numbers: it adds l2 · Σ w² to the loss, not half of it. It
  // asks for clipping at norm 5 but applies the gradient as it was, so nothing is clipped here.

  private static let enasRestarts = Restarts(firstPeriod: 10, growth: 2)

  /// How ENAS trains the weights that micro children share.
  ///
  /// Source: Pham et al., arXiv 1802.03268, and the released `cifar10_micro_search.sh`, which asks
  /// for drop-path as well; the code applies it to found cells alone.
  public static let enasSearch = TrainingProtocol(
    recipe: "enas-search", epochs: 150, batchSize: 160, learningRate: 0.05,
    finalLearningRate: 0.0005, restarts: enasRestarts, weightDecay: 2e-4, auxiliaryWeight: 0.4,
    dropout: 0.1, scale: Scale(channels: 20, cells: 2))

  /// How ENAS trains found micro cells: 15 of them and 2 reductions, 36 channels.
  ///
  /// Source: Pham et al., arXiv 1802.03268, and the released `cifar10_micro_final.sh`. The
  /// script has no cutout (`cutout-length: 0`), the paper has results with and without; and the code
  /// leaves the auxiliary head as it was drawn, where it is trained here.
  public static let enasEvaluation = TrainingProtocol(
    recipe: "enas-eval", epochs: 630, batchSize: 144, learningRate: 0.05,
    finalLearningRate: 0.0001, restarts: enasRestarts, weightDecay: 4e-4, cutoutLength: 16,
    auxiliaryWeight: 0.4, dropPath: 0.4, dropPathSchedule: .depthAndProgress, dropout: 0.2,
    scale: Scale(channels: 36, cells: 5))

  /// How ENAS trains the weights that macro children share.
  ///
  /// Source: Pham et al., arXiv 1802.03268, and the released `cifar10_macro_search.sh`.
  public static let enasMacroSearch = TrainingProtocol(
    recipe: "enas-macro-search", epochs: 310, batchSize: 128, learningRate: 0.05,
    finalLearningRate: 0.0005, restarts: enasRestarts, weightDecay: 5e-4, dropout: 0.1,
    scale: Scale(channels: 36, cells: 4))

  /// How ENAS trains a found macro network.
  ///
  /// Source: Pham et al., arXiv 1802.03268, and the released `cifar10_macro_final.sh`.
  public static let enasMacroEvaluation = TrainingProtocol(
    recipe: "enas-macro-eval", epochs: 310, batchSize: 100, learningRate: 0.05,
    finalLearningRate: 0.001, restarts: enasRestarts, weightDecay: 4e-4, dropout: 0.5,
    scale: Scale(channels: 96, cells: 8))

  // MARK: The first architecture search

  /// How the first architecture search trains a child: DenseNet's optimizer at a constant rate, the
  /// best of the last five epochs for score.
  ///
  /// Source: Zoph & Le, arXiv 1611.01578, section 4.1; the batch of 64 is DenseNet's (arXiv
  /// 1608.06993).
  public static let nasSearch = {
    var recipe = TrainingProtocol(
      recipe: "nas-search", epochs: 50, batchSize: 64, finalLearningRate: 0.1, weightDecay: 1e-4)
    recipe.scoredEpochs = 5
    return recipe
  }()

  /// The same, but that the step size moves from epoch to epoch only.
  private var annealedByEpoch: TrainingProtocol {
    var recipe = self
    recipe.annealsByEpoch = true
    return recipe
  }
}
