extension TrainingProtocol {
  /// The recipes for language models, sorted by name.
  static let languagePresets: [TrainingProtocol] = [
    .awdLSTM, .dartsRecurrentEvaluation, .dartsRecurrentSearch, .enasLanguageEvaluation,
    .enasLanguageSearch, .enasRecurrentEvaluation, .enasRecurrentSearch, .nasRecurrentEvaluation,
    .nasRecurrentSearch, .zarembaMedium, .zarembaSmall,
  ]

  /// Makes a recipe for text: gradient descent without momentum.
  private static func language(
    _ recipe: String, epochs: Int, batchSize: Int, learningRate: Double,
    schedule: ScheduleKind = .constant, decayAfter: Int = 1, decayFactor: Double = 1,
    weightDecay: Double = 0, gradientClip: Double?, _ text: TextTraining
  ) -> TrainingProtocol {
    var result = TrainingProtocol(
      recipe: recipe, epochs: epochs, batchSize: batchSize, learningRate: learningRate,
      momentum: 0, nesterov: false, weightDecay: weightDecay, gradientClip: gradientClip)
    result.schedule = schedule
    result.decayAfter = decayAfter
    result.decayFactor = decayFactor
    result.text = text
    return result
  }

  /// The small model of Zaremba et al.: two layers of 200 units without dropout.
  ///
  /// Source: arXiv 1409.2329, section 4.1.
  public static let zarembaSmall = language(
    "zaremba-small", epochs: 13, batchSize: 20, learningRate: 1, schedule: .stepwise,
    decayAfter: 4, decayFactor: 0.5, gradientClip: 5, TextTraining())

  /// The medium model of Zaremba et al.: two layers of 650 units, half of them dropped out.
  ///
  /// Source: arXiv 1409.2329, section 4.1.
  public static let zarembaMedium = language(
    "zaremba-medium", epochs: 39, batchSize: 20, learningRate: 1, schedule: .stepwise,
    decayAfter: 6, decayFactor: 1 / 1.2, gradientClip: 5,
    TextTraining(
      hidden: 650, unrolledSteps: 35, initialBound: 0.05, inputDropout: 0.5, hiddenDropout: 0.5,
      outputDropout: 0.5))

  /// AWD-LSTM: three layers, weights dropped out, averaged in the end.
  ///
  /// Source: Merity et al. 2018, arXiv 1708.02182, and the released code's command for Penn
  /// Treebank.
  public static let awdLSTM = language(
    "awd-lstm", epochs: 500, batchSize: 20, learningRate: 30, weightDecay: 1.2e-6,
    gradientClip: 0.25,
    TextTraining(
      hidden: 1150, embedding: 400, layers: 3, unrolledSteps: 70, shortSequences: 0.05,
      sumsOverSteps: false, tiedEmbeddings: true, initialBound: nil, wordDropout: 0.1,
      embeddingDropout: 0.4, hiddenDropout: 0.25, outputDropout: 0.4, weightDropout: 0.5,
      variationalDropout: true, activationRegularization: 2, temporalRegularization: 1,
      evaluationBatch: 10, averagingTrigger: 5))

  /// How DARTS trains the weights that its recurrent candidates share.
  ///
  /// Source: Liu et al., arXiv 1806.09055, section 3.1, and the released code.
  public static let dartsRecurrentSearch = language(
    "darts-rnn-search", epochs: 50, batchSize: 256, learningRate: 20, weightDecay: 5e-7,
    gradientClip: 0.25,
    TextTraining(
      hidden: 300, layers: 1, unrolledSteps: 35, shortSequences: 0.05, sumsOverSteps: false,
      tiedEmbeddings: true, initialBound: nil, embeddingDropout: 0.2, inputDropout: 0.75,
      hiddenDropout: 0.25, outputDropout: 0.75, variationalDropout: true,
      temporalRegularization: 1e-3, evaluationBatch: 10))

  /// How DARTS trains found recurrent cells.
  ///
  /// Source: Liu et al., arXiv 1806.09055, section 3.2, and the released code.
  public static let dartsRecurrentEvaluation = language(
    "darts-rnn-eval", epochs: 8000, batchSize: 64, learningRate: 20, weightDecay: 8e-7,
    gradientClip: 0.25,
    TextTraining(
      hidden: 850, layers: 1, unrolledSteps: 35, shortSequences: 0.05, sumsOverSteps: false,
      tiedEmbeddings: true, initialBound: nil, wordDropout: 0.1, embeddingDropout: 0.2,
      inputDropout: 0.75, hiddenDropout: 0.25, outputDropout: 0.75, variationalDropout: true,
      temporalRegularization: 1e-3, evaluationBatch: 10, averagingTrigger: 5))

  /// How ENAS' corrected language models share weights in the search.
  ///
  /// Source: `enas_lm` of google-research, `src/child.py`, by the authors of arXiv 1802.03268, who
  /// call the language model of their first release wrong. It penalises the fourth powers of the
  /// path's matrices, where here its weights decay.
  public static let enasLanguageSearch = language(
    "enas-lm-search", epochs: 600, batchSize: 128, learningRate: 20, weightDecay: 8e-7,
    gradientClip: 0.1,
    TextTraining(
      hidden: 200, layers: 1, unrolledSteps: 35, shortSequences: 0.05, sumsOverSteps: false,
      tiedEmbeddings: true, initialBound: 0.04, wordDropout: 0.1, embeddingDropout: 0.2,
      inputDropout: 0.75, hiddenDropout: 0.25, outputDropout: 0.75, variationalDropout: true,
      temporalRegularization: 1, evaluationBatch: 128))

  /// How ENAS' corrected language models are trained in the end.
  ///
  /// Source: `enas_lm`, `src/fixed_lib.py`, whose penalty is λ‖w‖² with λ = 8e-7. Its decoder has no
  /// bias, and it penalises the output before its dropout, where here it is the one behind it.
  public static let enasLanguageEvaluation = language(
    "enas-lm-eval", epochs: 3000, batchSize: 64, learningRate: 20, weightDecay: 1.6e-6,
    gradientClip: 0.25,
    TextTraining(
      hidden: 800, layers: 1, unrolledSteps: 35, shortSequences: 0.05, sumsOverSteps: false,
      tiedEmbeddings: true, initialBound: 0.05, wordDropout: 0.125, embeddingDropout: 0.175,
      inputDropout: 0.725, hiddenDropout: 0.225, outputDropout: 0.75, variationalDropout: true,
      activationRegularization: 0.7, evaluationBatch: 64, averagingTrigger: 10))

  /// How ENAS' first release shares weights in the search, with the paper's schedule.
  ///
  /// Source: Pham et al., arXiv 1802.03268, section 3.1: gradient descent from 20, times 0.96 an
  /// epoch from the 15th of 150, clip 0.25, penalty 1e-7 ‖w‖². Units and dropout, which it does not
  /// print, are those of the released `ptb_search.sh`, and the batch is that of `ptb_final.sh`: the
  /// search's script has other rates and clips, with a batch of 20.
  public static let enasRecurrentSearch = language(
    "enas-rnn-search", epochs: 150, batchSize: 64, learningRate: 20, schedule: .stepwise,
    decayAfter: 14, decayFactor: 0.96, weightDecay: 2e-7, gradientClip: 0.25,
    TextTraining(
      hidden: 720, layers: 1, unrolledSteps: 35, sumsOverSteps: true, tiedEmbeddings: true,
      initialBound: 0.04, wordDropout: 0.25, inputDropout: 0.75, hiddenDropout: 0.25,
      outputDropout: 0.75, variationalDropout: true, evaluationBatch: 64))

  /// How ENAS' first release trains its found recurrent cell; its authors call that code wrong.
  ///
  /// Source: Pham et al., arXiv 1802.03268, the released `ptb_final.sh`, whose steps are all of one
  /// length and whose penalty is λ‖w‖² with λ = 5e-7. It penalises moves by 1e-3 of their sum over
  /// 34 steps and 748 units, of the dropped-out output where ours is the one before dropout; its
  /// decoder has no bias.
  public static let enasRecurrentEvaluation = language(
    "enas-rnn-eval", epochs: 2000, batchSize: 64, learningRate: 20, schedule: .stepwise,
    decayAfter: 14, decayFactor: 0.9991, weightDecay: 1e-6, gradientClip: 0.25,
    TextTraining(
      hidden: 748, layers: 1, unrolledSteps: 35, sumsOverSteps: true, tiedEmbeddings: true,
      initialBound: 0.04, wordDropout: 0.21, inputDropout: 0.75, hiddenDropout: 0.25,
      outputDropout: 0.76, variationalDropout: true, temporalRegularization: 25.432,
      evaluationBatch: 64))

  /// How the first architecture search trains a recurrent child: two layers, 35 epochs.
  ///
  /// Source: Zoph & Le, arXiv 1611.01578, section 4.2, which prints no more; the other numbers are
  /// those of Zaremba et al.'s medium model, whose size it is said to have.
  public static let nasRecurrentSearch = language(
    "nas-rnn-search", epochs: 35, batchSize: 20, learningRate: 1, schedule: .stepwise,
    decayAfter: 6, decayFactor: 1 / 1.2, gradientClip: 5,
    TextTraining(
      hidden: 650, unrolledSteps: 35, initialBound: 0.05, inputDropout: 0.5, hiddenDropout: 0.5,
      outputDropout: 0.5))

  /// How the found cell of the first architecture search is trained: two layers with shared
  /// embeddings.
  ///
  /// Source: Zoph & Le, arXiv 1611.01578, section 4.2. It does not print the units: with 740 the
  /// model has the 25 million parameters of its Table 2. It drops embedded words, inputs and, with
  /// one mask for all steps, the hidden state, by shares that it does not print; epochs, rates and
  /// clip are those of Zaremba et al.'s medium model.
  public static let nasRecurrentEvaluation = language(
    "nas-rnn-eval", epochs: 39, batchSize: 20, learningRate: 1, schedule: .stepwise,
    decayAfter: 6, decayFactor: 1 / 1.2, gradientClip: 5,
    TextTraining(
      hidden: 740, layers: 2, unrolledSteps: 35, sumsOverSteps: true, tiedEmbeddings: true,
      initialBound: 0.04, embeddingDropout: 0.5, hiddenDropout: 0.25, outputDropout: 0.5,
      variationalDropout: true))
}
