/// The words of `grammar`, each once, the most frequent of a list first.
///
/// A plural noun and a singular verb end in `s`.
enum GrammarLexicon {
  /// Words that go together: what a noun of the class does, and how it is.
  struct WordClass {
    let nouns: [String]
    let intransitive: [String]
    let transitive: [String]
    let adjectives: [String]

    init(_ nouns: String, _ intransitive: String, _ transitive: String, _ adjectives: String) {
      self.nouns = GrammarLexicon.list(nouns)
      self.intransitive = GrammarLexicon.list(intransitive)
      self.transitive = GrammarLexicon.list(transitive)
      self.adjectives = GrammarLexicon.list(adjectives)
    }
  }

  static let classes = [
    WordClass(
      "dog cat horse bird rabbit bear goat lion", "sleep growl hide run",
      "chase bite follow frighten", "hungry furry wild tame"),
    WordClass(
      "boy girl brother sister cousin parent uncle aunt", "laugh dance yawn play",
      "hug tease blame thank", "young shy cheerful stubborn"),
    WordClass(
      "car train truck boat plane tram wagon tractor", "stop arrive brake roll",
      "overtake transport block tow", "fast heavy electric rusty"),
    WordClass(
      "teacher doctor lawyer farmer baker painter pilot tailor", "work speak travel retire",
      "help pay advise employ", "clever honest famous careful"),
    WordClass(
      "tree flower rose vine weed herb fern shrub", "grow bloom wither sprout",
      "cover shade surround choke", "green tall leafy thorny"),
    WordClass(
      "guitar piano drum violin flute trumpet cello harp", "sound ring hum resonate",
      "lead answer drown imitate", "loud soft wooden silver"),
    WordClass(
      "school bank hotel shop court theater museum club", "open close expand prosper",
      "buy fund rent sue", "public rich modern local"),
    WordClass(
      "star planet moon cloud storm comet meteor satellite", "shine rise fade drift",
      "attract orbit illuminate obscure", "bright distant pale giant"),
  ]

  static let singularDeterminers = list("one this every each")
  static let pluralDeterminers = list("some these many few")
  static let prepositions = list("near behind with above beside under")
  static let adverbs = list("often never always slowly quietly rarely")
  static let pairs = [
    (opener: "if", closer: "then"), (opener: "either", closer: "or"),
    (opener: "both", closer: "and"), (opener: "neither", closer: "nor"),
    (opener: "because", closer: "therefore"), (opener: "although", closer: "yet"),
  ]

  private static func list(_ words: String) -> [String] {
    words.split(separator: " ").map { String($0) }
  }
}
