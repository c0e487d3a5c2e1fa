import TestSupport

/// Manifests of texts; the line numbers count from the first line of `TinyText.yaml()`.
extension BadInput {
  private static func manifest(_ old: String, _ new: String, _ message: String) -> BadInput {
    BadInput(.manifest, TinyText.yaml(), old, new, message)
  }

  static let textManifests: [BadInput] = [
    manifest("text:", "txt:", ":7: unknown key 'txt'; did you mean 'text'?"),
    manifest(
      "decoder: word-text", "decoder: text",
      ":6: decoder: unknown decoder 'text'; expected one of cifar-binary, recorded-table, "
        + "recorded-scores, word-text"),
    manifest(
      "text:", "table: {rows: 1}\ntext:", ":7: table: a text has no table"),
    manifest(
      "  vocabulary: 4", "  vocabulary: 1",
      ":8: text.vocabulary: found '1'; expected a whole number from 2 to 1000000"),
    manifest(
      "training: 6, ", "", ":9: text.tokens: key 'training' is missing"),
    manifest(
      "validation: 2", "validation: 1",
      ":9: text.tokens.validation: found '1'; expected a whole number from 2 to 1073741824"),
    manifest(
      "bytes: 15", "bytes: 1073741825",
      ":13: files[0].bytes: found '1073741825'; expected a whole number from 1 to 1073741824"),
    manifest(
      "split: validation", "split: valid",
      ":19: files[1].split: unknown split 'valid'; expected one of training, validation, test"),
    manifest(
      "split: validation", "split: test",
      ":12: files: none has split 'validation'; expected one or more"),
  ]
}
