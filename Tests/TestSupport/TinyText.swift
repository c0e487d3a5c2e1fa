/// A dataset of three short texts, for tests.
public enum TinyText {
  public static let training = " a <unk> \n b a\n"
  public static let validation = "b\n"
  public static let test = "<unk> b\n"

  /// The manifest for the three texts; parts that a test is about can be others.
  public static func yaml(
    training: String = training, validation: String = validation, test: String = test,
    vocabulary: Int = 4, tokens: [Int] = [6, 2, 3], marks: String = "[]"
  ) -> String {
    let files = [
      ("train.txt", "training", training), ("valid.txt", "validation", validation),
      ("test.txt", "test", test),
    ].map { name, split, text in
      """
        - path: \(name)
          bytes: \(text.utf8.count)
          sha256: \(TinyDataset.sha256(Array(text.utf8)))
          split: \(split)

      """
    }
    return """
      name: tiny
      version: "1"
      title: Tiny
      citation: nobody
      licence: none
      decoder: word-text
      text:
        vocabulary: \(vocabulary)
        tokens: {training: \(tokens[0]), validation: \(tokens[1]), test: \(tokens[2])}
        marks: \(marks)
      files:
      \(files.joined())
      """
  }
}
