import Randomness

/// Draws `grammar`: an English-like text from a probabilistic grammar with dependencies over many
/// words.
///
/// A verb agrees with its subject in number and in class (animals bark, planets shine), over
/// prepositional phrases and nested relative clauses; a pronoun stands for the subject of the clause
/// before and agrees with it; `if` … `then`, `either` … `or` and the like close as brackets do, the
/// innermost first. A model that sees the last few words cannot know any of these.
///
/// No sentence has two derivations, so the probability of a text is the product of the choices
/// made, and `sourcePerplexity(_:)` is what a perfect model of the source would reach. The rules are
/// those of `GrammarSentence`, the words those of `GrammarLexicon`. Choices are made by whole
/// weights, so the text is the same on every machine.
public struct GrammarGenerator: Sendable {
  /// A split as drawn.
  private struct Text {
    var lines = ""
    var tokens = 0
    /// Minus the logarithm of the text's probability.
    var nats = 0.0
  }

  /// Part of the dataset's definition: another seed would be another dataset.
  private static let key = RandomKey(seed: 14).child("grammar")

  public init() {}

  /// Draws all files: training, validation and test, named as those of the Penn Treebank.
  public func files() -> [GeneratedFile] {
    DatasetManifest.Split.allCases.map { split in
      GeneratedFile(path: Self.path(split), bytes: Array(draw(split).lines.utf8))
    }
  }

  /// Perplexity per token of the grammar itself on a split, `<eos>` counted as a token.
  ///
  /// The grammar knows its rules and all their probabilities, so no model does better but by chance.
  public func sourcePerplexity(_ split: DatasetManifest.Split) -> Double {
    let text = draw(split)
    return PortableMath.exp(text.nats / Double(text.tokens))
  }

  /// Draws sentences until a split is full; each one to its end.
  private func draw(_ split: DatasetManifest.Split) -> Text {
    let least = split == .training ? 200_000 : 20_000
    var generator = Self.key.child(split.rawValue).generator()
    var text = Text()
    while text.tokens < least {
      var sentence = GrammarSentence(generator)
      sentence.draw()
      generator = sentence.generator
      text.lines += sentence.words.joined(separator: " ") + "\n"
      text.tokens += sentence.words.count + 1
      text.nats += sentence.nats
    }
    return text
  }

  private static func path(_ split: DatasetManifest.Split) -> String {
    let name = split == .validation ? "valid" : split == .training ? "train" : "test"
    return "grammar/grammar.\(name).txt"
  }
}
