import SearchCore
import Testing

@Suite struct EditedTextTests {
  @Test(arguments: [
    "a\nb\n", "a\r\nb\r\n", "a\rb\r", "\u{FEFF}a\nb", "\u{FEFF}a\r\nb", "a\r\nb\n", "a\nb\r",
  ])
  func everySavingGivesTheSameLines(text: String) {
    #expect(EditedText(text).lines == ["a", "b"])
    #expect(EditedText(utf8: Array(text.utf8)) == EditedText(text))
  }

  @Test(
    arguments: [
      ("", []), ("\u{FEFF}", []), ("\r\n\r\na", ["", "", "a"]), ("a\n\nb", ["a", "", "b"]),
      ("\n\r", ["", ""]), ("a\u{FEFF}b", ["a\u{FEFF}b"]),
    ] as [(String, [Substring])])
  func emptyLinesCount(text: String, lines: [Substring]) {
    #expect(EditedText(text).lines == lines)
  }

  @Test func otherEncodingsAreRefused() {
    // UTF-16 with its mark, and Latin-1.
    #expect(EditedText(utf8: [0xFF, 0xFE, 0x61, 0]) == nil)
    #expect(EditedText(utf8: [0x67, 0xF6]) == nil)
  }

  @Test(arguments: [
    ("plain ü 神", "plain ü 神"), ("a\nb", "a\\nb"), ("a\r\nb\tc", "a\\r\\nb\\tc"),
    ("\u{1B}[31m", "\\u{1B}[31m"), ("a\u{2028}b\u{85}c", "a\\u{2028}b\\u{85}c"),
    ("\u{FEFF}arch", "\\u{FEFF}arch"), ("\u{202E}abc", "\\u{202E}abc"), ("\u{0}", "\\u{0}"),
  ])
  func quotedTextStaysOnItsLine(text: String, shown: String) {
    #expect(text.onOneLine == shown)
  }
}
