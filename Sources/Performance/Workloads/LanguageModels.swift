import NeuralNetworks
import SearchSpaces

extension Workload {
  /// Language models on Penn Treebank's vocabulary.
  static let languageModels: [Workload] = [
    Workload(
      "ptb-lstm", defaultBatch: 20, item: .tokens, itemsPerMember: LSTMSession.steps
    ) { context, batch in
      LSTMSession(
        LSTMLanguageModel(words: LSTMSession.words, hidden: 200, layers: 2),
        text: LSTMSession.text(batch: batch, "text"), in: context)
    },
    recurrentCell("darts-rnn-eval", .secondOrder, .init(word: 0.1)),
    recurrentCell("darts-rnn-search", nil, .init()),
  ]

  private static func recurrentCell(
    _ name: String, _ genotype: RecurrentGenotype?, _ dropout: DARTSRecurrentModel.Dropout
  ) -> Workload {
    Workload(name, defaultBatch: 64, item: .tokens, itemsPerMember: LSTMSession.steps) {
      context, batch in
      RecurrentCellSession(
        DARTSRecurrentModel(
          words: LSTMSession.words, hidden: 300, genotype: genotype, dropout: dropout),
        isSearch: genotype == nil, batch: batch, in: context)
    }
  }
}
