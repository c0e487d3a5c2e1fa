import NeuralNetworks

extension Workload {
  /// Language models on Penn Treebank's vocabulary.
  static let languageModels: [Workload] = [
    Workload(
      "ptb-lstm", defaultBatch: 20, item: .tokens, itemsPerMember: LSTMSession.steps
    ) { context, batch in
      LSTMSession(
        LSTMLanguageModel(words: LSTMSession.words, hidden: 200, layers: 2),
        text: LSTMSession.text(batch: batch, "text"), in: context)
    }
  ]
}
