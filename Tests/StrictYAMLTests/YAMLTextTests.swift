import Foundation
import StrictYAML
import Testing

/// What is read as what; the refusals that users see stand in `Tests/searchlightTests/BadInputs`.
@Suite struct YAMLTextTests {
  private func top(_ text: String, keys: [String]? = nil) throws -> YAMLMapping {
    try YAMLText(text, file: "a.yaml").parsed().mapping(keys: keys)
  }

  private func value(_ text: String) throws -> YAMLValue {
    try top("key: \(text)").required("key")
  }

  @Test func keysKeepTheOrderOfTheFile() throws {
    let mapping = try top("b: 1\na: 2\nc: 3\n", keys: ["a", "b", "c"])
    #expect(mapping.entries.map(\.key) == ["b", "a", "c"])
    #expect(try mapping["a"]?.integer(in: 0...9) == 2)
    #expect(mapping["d"] == nil)
  }

  @Test func scalarsAreOfTheirTypes() throws {
    #expect(try value("12").integer(in: 0...12) == 12)
    #expect(try value("1e-3").number(in: 0...1) == 0.001)
    #expect(try value("true").boolean())
    #expect(try value("\"two words\"").text() == "two words")
    #expect(try value("[a, b]").list(counts: 1...2).map { try $0.identifier() } == ["a", "b"])
  }

  @Test(arguments: ["0x10", "1_000", "012.5", "+-1", "1 2", "yes", "'1'", "~"])
  func whatOnlyLooksLikeANumberIsNone(text: String) {
    #expect(throws: YAMLError.self) { try value(text).integer(in: 0...100_000) }
  }

  // An ampersand within words begins no anchor.
  @Test(arguments: ["AT&T", "Wagner & Fischer", "\"http://host/?a=1&b=2\"", "a && b"])
  func ampersandsInTextsAreRead(text: String) throws {
    #expect(try value(text).text() == text.filter { $0 != "\"" })
  }

  @Test(arguments: ["&a 1", "[&a 1]", "{b: &a 1}", "!!str &a b", "\n  - &a b", "&a b # *a"])
  func anchorsAreRefused(text: String) {
    let error = #expect(throws: YAMLError.self) { try value(text) }
    #expect(
      error?.problem
        == "found '&', which begins an anchor; write the value out, or put a space behind '&'")
  }

  /// In a comment or in quotes an ampersand begins none.
  @Test(arguments: [
    ("# AT &T\nkey: b", "b"), ("key: b # &a", "b"), ("key: \"&a b\"", "&a b"),
    ("key: '&a b'", "&a b"), ("key: |-\n  &a b", "&a b"), ("key: \"b &a\" # *c", "b &a"),
    ("# 5 * 3 &c\nkey: a&b", "a&b"), ("  # &a, *a\nkey: b", "b"), ("key: a&b 5*b", "a&b 5*b"),
  ])
  func ampersandsElsewhereAreRead(text: String, value: String) throws {
    #expect(try top(text).required("key").text() == value)
  }

  @Test func valuesAreComparedAndNotLines() throws {
    func difference(_ old: String, _ new: String, _ ignored: Set<String> = []) throws -> String? {
      try YAMLText(old, file: "a").parsed()
        .difference(to: YAMLText(new, file: "b").parsed(), ignoring: ignored)
    }
    let old = "a: 1\nb: {c: [x, y], d: \"2\"}\n"
    #expect(
      try difference(old, "# c\r\n\r\nb:\r\n  d: 2\r\n  c:\r\n  - x\r\n  - 'y'\r\na: 1") == nil)
    #expect(try difference(old, old.replacing("2", with: "3")) == "b.d: was '2', is '3'")
    #expect(try difference(old, old.replacing("y", with: "y, z")) == "b.c[2]: was nothing, is 'z'")
    #expect(try difference(old, "a: 1") == "b: was a mapping, is nothing")
    #expect(try difference(old, old + "e: [1, 2]") == "e: was nothing, is a list of 2")
    #expect(
      try difference(old, old.replacing("[x, y]", with: "x")) == "b.c: was a list of 2, is 'x'")
    #expect(try difference(old, old.replacing("2", with: "3"), ["b.d"]) == nil)
    #expect(try difference(old, "a: 1", ["b"]) == nil)
  }

  /// Nine levels of nine references would stand for 387 million values.
  @Test(.timeLimit(.minutes(1)))
  func anchorsWithinAnchorsAreRefusedAtOnce() {
    var text = "a0: &a0 [x]\n"
    for level in 1..<10 {
      let references = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(references)]\n"
    }
    #expect(throws: YAMLError.self) { try top(text + "? *a9\n: 1\n") }
  }

  @Test func filesAreBounded() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "yaml-\(UUID()).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    func refusal() -> String? {
      let error = #expect(throws: YAMLError.self) { try YAMLText(contentsOf: file, shownAs: "a") }
      return error?.description
    }
    #expect(refusal() == "a: there is no such file; expected a YAML file there")
    #expect(mkfifo(file.path, 0o600) == 0)
    #expect(refusal() == "a: is no file; expected a YAML file there")
    try FileManager.default.removeItem(at: file)
    try Data(count: 1 << 20 + 1).write(to: file)
    #expect(refusal() == "a: larger than 1 MiB; expected a small YAML file")
    try Data("key: 1".utf8).write(to: file)
    #expect(try YAMLText(contentsOf: file, shownAs: "a").text == "key: 1")
  }
}
