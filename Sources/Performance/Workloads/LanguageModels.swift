import NeuralNetworks
import SearchCore
import SearchSpaces

extension Workload {
  /// Language models on Penn Treebank's vocabulary.
  static let languageModels: [Workload] = [
    Workload(
      "ptb-lstm", defaultBatch: 20, item: .tokens, itemsPerMember: LSTMSession.steps
    ) { context, batch in
      LSTMSession(
        LSTMLanguageModel(
          words: LSTMSession.words,
          training: TextTraining(hidden: 200, sumsOverSteps: false, initialBound: nil)),
        text: LSTMSession.text(batch: batch, "text"), in: context)
    },
    recurrentCell("darts-rnn-eval", .secondOrder, wordDropout: 0.1),
    recurrentCell("darts-rnn-search", nil, wordDropout: 0),
  ]

  private static func recurrentCell(
    _ name: String, _ genotype: RecurrentGenotype?, wordDropout: Double
  ) -> Workload {
    Workload(name, defaultBatch: 64, item: .tokens, itemsPerMember: LSTMSession.steps) {
      context, batch in
      RecurrentCellSession(
        DARTSRecurrentModel(
          words: LSTMSession.words,
          training: TextTraining(
            hidden: 300, layers: 1, sumsOverSteps: false, tiedEmbeddings: true, initialBound: nil,
            wordDropout: wordDropout, embeddingDropout: 0.2, inputDropout: 0.75,
            hiddenDropout: 0.25, outputDropout: 0.75, variationalDropout: true,
            temporalRegularization: 1e-3),
          genotype: genotype),
        isSearch: genotype == nil, batch: batch, in: context)
    }
  }
}
