/// Names what a text is when it is not the text of words that was expected.
enum TextVariant {
  /// What a text of words looks like, for messages.
  static let expected = "words between spaces, one sentence a line"
  /// Bytes of a file that are looked at.
  static let headBytes = 1 << 16

  /// What is wrong with the beginning of a file, in words that follow "found", or `nil`.
  ///
  /// - Parameter marks: Words that each text of the dataset holds near its beginning.
  static func found(in bytes: some RandomAccessCollection<UInt8>, marks: [String]) -> String? {
    let head = Array(bytes.prefix(headBytes))
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return "UTF-16 text" }
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return "a byte order mark before the text" }
    if WebPage.isStart(head[...]) { return "a web page (HTML)" }
    if head.contains(0) { return "binary data" }
    if head.contains(UInt8(ascii: "\r")) {
      return String(decoding: head, as: UTF8.self).contains("\r\n")
        ? "line ends of two bytes (CRLF)" : "carriage returns"
    }
    let words = head.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    guard !words.isEmpty else { return "no words" }
    // In a text of words about one in ten has one letter; the cut word at the end does no harm.
    if words.count >= 20, words.count(where: { $0.count == 1 }) * 10 >= words.count * 9 {
      return "a character-level text (words of one letter)"
    }
    return unmarked(words, marks)
  }

  private static func unmarked(_ words: [ArraySlice<UInt8>], _ marks: [String]) -> String? {
    let missing = marks.filter { mark in
      let bytes = Array(mark.utf8)
      return !words.contains { $0.elementsEqual(bytes) }
    }
    guard !missing.isEmpty else { return nil }
    let list = missing.map { "'\($0)'" }.joined(separator: " and no ")
    return "another tokenisation (no \(list))"
  }
}
