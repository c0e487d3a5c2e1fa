import SearchCore

/// Gives a one-shot search its examples: images, or the words of texts.
public protocol ExampleSource: AnyObject {
  /// Number of examples of a part.
  func count(of part: SplitPart) -> Int
}

/// Gives a one-shot search its texts.
///
/// It counts as examples of the training split the words that budgets call an epoch, whatever batch
/// a search reads them in.
public protocol TextSource: ExampleSource {
  /// Words of the vocabulary.
  var words: Int { get }

  /// How large the language models are, what drops out, and how long they look back.
  var training: TextTraining { get }

  /// All tokens of a part, each below `words`.
  func tokens(of part: SplitPart) -> [Int32]
}
