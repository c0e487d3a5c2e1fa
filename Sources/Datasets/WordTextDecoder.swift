/// Reads texts of words: one sentence a line, words between spaces, `<eos>` after each line.
///
/// The vocabulary is the words of the training files in the order in which they first appear, with
/// `<eos>` after the first line's, as `Corpus` of AWD-LSTM (Merity et al., arXiv 1708.02182) numbers
/// them, and after it that of DARTS (arXiv 1806.09055). That class takes in the validation and test
/// files' words too; here a word that no training file has is refused, so nothing of the test split
/// is known before it is opened. For a text whose rare words are `<unk>` the numbers are the same.
public struct WordTextDecoder: Sendable {
  /// The most bytes that one line may have, 1 MiB.
  static let limitLineBytes = 1 << 20
  /// The most bytes that one word may have.
  static let limitWordBytes = 1 << 10

  private let facts: DatasetManifest.Text

  public init(_ facts: DatasetManifest.Text) { self.facts = facts }

  /// Builds the vocabulary from the training files.
  ///
  /// - Throws: `text` with the line if a file is no text of words; if the words are more or fewer
  ///   than the manifest says.
  public func vocabulary(
    _ files: [(name: String, bytes: [UInt8])]
  ) throws(DatasetError) -> Vocabulary {
    var vocabulary = Vocabulary()
    for file in files {
      try scan(file) { (word, line) throws(DatasetError) in
        guard vocabulary.add(word) < facts.vocabulary else {
          throw .text(
            file: file.name, line: line, found: "more than \(facts.vocabulary) words",
            expected: "a vocabulary of \(facts.vocabulary)")
        }
      }
    }
    guard vocabulary.words.count == facts.vocabulary else {
      throw .text(
        file: Self.names(files), line: nil, found: "\(vocabulary.words.count) words",
        expected: "a vocabulary of \(facts.vocabulary)")
    }
    return vocabulary
  }

  /// Reads the files of a split, one after the other, as one sequence of tokens.
  ///
  /// - Throws: `text` with the line if a file is no text of words or holds a word that is not in the
  ///   vocabulary; if the tokens are more or fewer than the manifest says.
  public func decode(
    _ files: [(name: String, bytes: [UInt8])], _ split: DatasetManifest.Split,
    _ vocabulary: Vocabulary
  ) throws(DatasetError) -> [Int32] {
    let expected = facts.tokens(of: split)
    var tokens: [Int32] = []
    // No text has more tokens than bytes; a manifest's count alone must not fill the memory.
    tokens.reserveCapacity(min(expected, files.reduce(1) { $0 + $1.bytes.count }))
    for file in files {
      try scan(file) { (word, line) throws(DatasetError) in
        guard let token = vocabulary.token(word) else {
          throw .text(
            file: file.name, line: line, found: "'\(word.prefix(40))'",
            expected: "words of the training files")
        }
        tokens.append(token)
      }
    }
    guard tokens.count == expected else {
      throw .text(
        file: Self.names(files), line: nil, found: "\(tokens.count) tokens",
        expected: "\(expected), with one a line for its end")
    }
    return tokens
  }

  private static func names(_ files: [(name: String, bytes: [UInt8])]) -> String {
    files.map { $0.name }.joined(separator: ", ")
  }

  /// Gives each word, and `<eos>` after each line, with the line it is in, from 1.
  private func scan(
    _ file: (name: String, bytes: [UInt8]), _ body: (String, Int) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    if let variant = TextVariant.found(in: file.bytes, marks: facts.marks) {
      throw .text(file: file.name, line: nil, found: variant, expected: TextVariant.expected)
    }
    var number = 0
    var start = 0
    while start < file.bytes.count {
      number += 1
      let rest = file.bytes[start...]
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? file.bytes.count
      guard end - start <= Self.limitLineBytes else {
        throw .text(
          file: file.name, line: number, found: "\(end - start) bytes",
          expected: "at most \(Self.limitLineBytes)")
      }
      for bytes in file.bytes[start..<end].split(separator: UInt8(ascii: " ")) {
        try body(try word(bytes, file.name, number), number)
      }
      try body(TextDataset.endOfSentence, number)
      start = end + 1
    }
  }

  private func word(
    _ bytes: ArraySlice<UInt8>, _ file: String, _ line: Int
  ) throws(DatasetError) -> String {
    guard bytes.count <= Self.limitWordBytes else {
      throw .text(
        file: file, line: line, found: "a word of \(bytes.count) bytes",
        expected: "at most \(Self.limitWordBytes)")
    }
    guard let word = String(validating: bytes, as: UTF8.self) else {
      throw .text(file: file, line: line, found: "bytes that are no UTF-8", expected: "UTF-8")
    }
    if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw .text(
        file: file, line: line, found: "a control character",
        expected: "words between spaces")
    }
    if word == TextDataset.endOfSentence {
      throw .text(
        file: file, line: line, found: "'\(word)' written out", expected: "ends of lines alone")
    }
    return word
  }
}

extension WordTextDecoder {
  /// Words and their numbers.
  public struct Vocabulary: Sendable {
    /// Each word once; its index is its token.
    public private(set) var words: [String] = []
    // Only ever looked up by word: its order reaches no result.
    private var tokens: [String: Int32] = [:]

    /// The token of a word, or `nil` if it is unknown.
    func token(_ word: String) -> Int32? { tokens[word] }

    /// Takes in a word if it is new, and gives its token.
    mutating func add(_ word: String) -> Int32 {
      if let token = tokens[word] { return token }
      let token = Int32(words.count)
      words.append(word)
      tokens[word] = token
      return token
    }
  }
}
