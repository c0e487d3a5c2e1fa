import Checks

/// A text of words, cut into tokens, with its test split behind a gate.
///
/// Each split is one sequence: the words of each line and, after each line, `<eos>`. Not `Sendable`:
/// the record of test reads belongs to the one run that opened the dataset.
public final class TextDataset {
  /// The word that stands for the end of a line.
  public static let endOfSentence = "<eos>"

  /// Name of the dataset.
  public let name: String
  public let version: String
  /// The vocabulary; a token is an index into it. From a manifest, it holds the words of the
  /// training files in the order in which they first appear, `<eos>` at the end of the first line.
  public let words: [String]
  /// Tokens of the training files, in the manifest's order.
  public let training: [Int32]
  /// Tokens of the validation files, in the manifest's order.
  public let validation: [Int32]
  /// Tokens of the test split, by the manifest.
  public let testCount: Int
  /// SHA-256 of each file as read, and the manifest's checksum of each test file.
  public let checksums: [FileChecksum]
  /// Each reading of the test split since the last `drainTestReads()`, in order.
  public var testReads: [TestRead] { test.reads }

  private var test: TestGate<[Int32]>

  /// Puts a dataset together.
  ///
  /// - Parameters:
  ///   - words: Names of the tokens, each once.
  ///   - testCount: Tokens that `readTest` gives.
  ///   - readTest: Reads and verifies the test split; called at the first `openTest(reason:)`.
  /// - Precondition: Each token is from 0 to below `words.count`.
  public init(
    name: String, version: String, words: [String], training: [Int32], validation: [Int32],
    testCount: Int, checksums: [FileChecksum],
    readTest: @escaping () throws(DatasetError) -> [Int32]
  ) {
    for token in [training.min(), training.max(), validation.min(), validation.max()] {
      check(
        words.indices.contains(Int(token ?? 0)),
        "TextDataset: token \(token ?? 0); expected from 0 to \(words.count - 1)")
    }
    self.name = name
    self.version = version
    self.words = words
    self.training = training
    self.validation = validation
    self.testCount = testCount
    self.checksums = checksums
    test = TestGate(dataset: name, read: readTest)
  }

  /// Gives the tokens of the test split, for the final evaluation of a selected architecture and
  /// nothing else.
  ///
  /// Each call is recorded in `testReads`; before the first one the test files are not even read.
  ///
  /// - Parameter reason: Why, as it shall stand in the journal.
  /// - Throws: `damaged` if the test files are not what the manifest says.
  public func openTest(reason: String) throws(DatasetError) -> [Int32] {
    try test.open(reason: reason)
  }

  /// Gives the readings recorded since the last call, and forgets them.
  public func drainTestReads() -> [TestRead] { test.drain() }
}
