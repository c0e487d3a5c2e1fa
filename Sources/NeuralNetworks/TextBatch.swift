/// A stretch of text: several sequences side by side, and the word that follows each.
public struct TextBatch: Sendable {
  /// Sequences.
  public let batch: Int
  /// Time steps.
  public let steps: Int
  /// Words by time, then by sequence; empty for a dry tape.
  public let tokens: [Int32]
  /// The word after each, in the same order.
  public let targets: [Int32]

  /// Makes a batch.
  ///
  /// - Parameter text: `steps + 1` words of each sequence, by time, then by sequence.
  public init(text: [Int32], batch: Int) {
    self.batch = batch
    steps = text.count / batch - 1
    tokens = Array(text.prefix(steps * batch))
    targets = Array(text.suffix(steps * batch))
  }

  private init(batch: Int, steps: Int) {
    self.batch = batch
    self.steps = steps
    tokens = []
    targets = []
  }

  /// A batch without words, for pricing.
  public static func unwritten(batch: Int, steps: Int) -> TextBatch {
    TextBatch(batch: batch, steps: steps)
  }
}
