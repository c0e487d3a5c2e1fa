import SearchCore

/// The numbers of an architecture as the authors of ENAS write and print them: blanks or commas
/// between them, in one line or in several, in brackets or bare.
enum ArcNumbers {
  /// Splits a text into its numbers, which are not read yet.
  ///
  /// - Parameter space: For the error.
  /// - Throws: `ArchitectureError` if brackets do not match.
  static func split(_ text: String, space: String) throws(ArchitectureError) -> [Substring] {
    let text = EditedText(text).text
    var open = 0
    for character in text {
      if character == "[" { open += 1 }
      if character == "]" { open -= 1 }
      guard (0...2).contains(open) else { break }
    }
    guard open == 0 else {
      throw ArchitectureError("\(space): brackets do not match; expected as many '[' as ']'")
    }
    return text.split { $0.isWhitespace || $0 == "," || $0 == "[" || $0 == "]" }
  }
}
