/// How a language model is built and trained, beside what every recipe says.
///
/// All shares are chances to be dropped, from 0 to below 1.
public struct TextTraining: Hashable, Codable, Sendable {
  /// Units of the hidden state of each layer.
  public var hidden: Int
  /// Width of the embedded words; with tied embeddings, of what the decoder reads too.
  public var embedding: Int
  /// Recurrent layers, one above the other.
  public var layers: Int
  /// Words that a gradient flows back through; `bptt` in the released codes.
  public var unrolledSteps: Int
  /// Chance that a minibatch is about half as long, and that lengths vary at all if above 0
  /// (Merity et al. 2018, arXiv 1708.02182, section 4.1: 0.05). The learning rate is scaled by the
  /// length over `unrolledSteps`.
  public var shortSequences: Double
  /// Whether the loss is the sum over the steps, averaged over the sequences (Zaremba et al. 2014,
  /// arXiv 1409.2329), rather than the mean over both.
  public var sumsOverSteps: Bool
  /// Whether the decoder's weights are the embedding (Inan et al., arXiv 1611.01462; Press & Wolf,
  /// arXiv 1608.05859).
  public var tiedEmbeddings: Bool
  /// All first weights are uniform between minus and plus this bound; `nil` for each layer's own.
  public var initialBound: Double?
  /// Whole words of the vocabulary (Gal & Ghahramani, arXiv 1512.05287).
  public var wordDropout: Double
  /// Units of the embedded words.
  public var embeddingDropout: Double
  /// Units of a cell's input.
  public var inputDropout: Double
  /// Units of the hidden state, or between layers.
  public var hiddenDropout: Double
  /// Units of the last layer's output.
  public var outputDropout: Double
  /// Recurrent weights (DropConnect; Merity et al. 2018).
  public var weightDropout: Double
  /// Whether one mask serves all steps of a minibatch (Gal & Ghahramani), rather than one a step.
  public var variationalDropout: Bool
  /// Weight of the mean square of the dropped-out output; α of Merity et al. 2018.
  public var activationRegularization: Double
  /// Weight of the mean square of the output's moves from step to step; β of Merity et al. 2018.
  public var temporalRegularization: Double
  /// Sequences that the validation split is read as, side by side.
  public var evaluationBatch: Int
  /// Sequences that the test split is read as: 1, so that no word but the first goes unpredicted.
  public var testBatch: Int
  /// Epochs without a new best validation before averaging begins (Merity et al. 2018, NT-ASGD: 5);
  /// `nil` for no averaging.
  public var averagingTrigger: Int?

  /// The defaults are those of Zaremba et al.'s small model (arXiv 1409.2329).
  public init(
    hidden: Int = 200, embedding: Int? = nil, layers: Int = 2, unrolledSteps: Int = 20,
    shortSequences: Double = 0, sumsOverSteps: Bool = true, tiedEmbeddings: Bool = false,
    initialBound: Double? = 0.1, wordDropout: Double = 0, embeddingDropout: Double = 0,
    inputDropout: Double = 0, hiddenDropout: Double = 0, outputDropout: Double = 0,
    weightDropout: Double = 0, variationalDropout: Bool = false,
    activationRegularization: Double = 0, temporalRegularization: Double = 0,
    evaluationBatch: Int = 20, testBatch: Int = 1, averagingTrigger: Int? = nil
  ) {
    self.hidden = hidden
    self.embedding = embedding ?? hidden
    self.layers = layers
    self.unrolledSteps = unrolledSteps
    self.shortSequences = shortSequences
    self.sumsOverSteps = sumsOverSteps
    self.tiedEmbeddings = tiedEmbeddings
    self.initialBound = initialBound
    self.wordDropout = wordDropout
    self.embeddingDropout = embeddingDropout
    self.inputDropout = inputDropout
    self.hiddenDropout = hiddenDropout
    self.outputDropout = outputDropout
    self.weightDropout = weightDropout
    self.variationalDropout = variationalDropout
    self.activationRegularization = activationRegularization
    self.temporalRegularization = temporalRegularization
    self.evaluationBatch = evaluationBatch
    self.testBatch = testBatch
    self.averagingTrigger = averagingTrigger
  }
}
