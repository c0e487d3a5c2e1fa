import Randomness

/// A sentence of the grammar, drawn from the top.
///
/// With `c` a class of words and `n` a number, singular or plural:
///
/// ```
/// S         -> opener S closer S' | Clause     (30 % at the top, 10 % inside a pair, then never)
/// Clause    -> NP(c, n) VP(c, n)               (S' begins with "it" or "they" in 60 %)
/// NP(c, n)  -> Det(n) Adj(c)? Noun(c, n) Post? (any class; 60 % singular; adjective in 25 %)
/// Post      -> Prep NP without Post            (35 %)
///            | "that" VP(c, n)                 (15 %, at most two levels deep)
///            | "that" NP(c', n') Vt(c', n')    (20 %, likewise)
/// VP(c, n)  -> Adv? Vi(c, n) | Adv? Vt(c, n) NP(c + 1 or c + 2, n')   (adverb in 30 %; 50 % each)
/// ```
///
/// The pronoun stands for the subject of the first clause of the pair's first part. A word of a list
/// has a probability in proportion to 1 / rank, as words of a natural language roughly have (Zipf).
struct GrammarSentence {
  /// What a verb agrees with.
  struct Agreement {
    let kind: Int
    let isPlural: Bool
  }

  /// The words so far.
  private(set) var words: [String] = []
  /// Minus the logarithm of the probability of all choices so far.
  private(set) var nats = 0.0
  /// Where the next sentence's draws begin.
  private(set) var generator: KeyedGenerator

  /// Relative clauses inside relative clauses, and objects, count a level each.
  private static let deepest = 2

  init(_ generator: KeyedGenerator) { self.generator = generator }

  /// Draws the whole sentence.
  mutating func draw() { _ = sentence(depth: 0, after: nil) }

  /// Gives the subject of the sentence's first clause.
  private mutating func sentence(depth: Int, after: Agreement?) -> Agreement {
    guard depth < 2, chance(depth == 0 ? 30 : 10) else { return clause(after) }
    let pair = GrammarLexicon.pairs[choice([4, 3, 2, 2, 1, 1])]
    words.append(pair.opener)
    let subject = sentence(depth: depth + 1, after: after)
    words.append(pair.closer)
    _ = sentence(depth: depth + 1, after: subject)
    return subject
  }

  private mutating func clause(_ before: Agreement?) -> Agreement {
    let subject: Agreement
    if let before, chance(60) {
      subject = before
      words.append(before.isPlural ? "they" : "it")
    } else {
      subject = nounPhrase(kind: nil, depth: 0)
    }
    verbPhrase(subject, depth: 0)
    return subject
  }

  private mutating func nounPhrase(kind given: Int?, depth: Int, isBare: Bool = false) -> Agreement
  {
    let kind = given ?? choice(GrammarLexicon.classes.map { _ in 1 })
    let noun = Agreement(kind: kind, isPlural: !chance(60))
    if chance(50) {
      words.append("the")
    } else {
      ranked(noun.isPlural ? GrammarLexicon.pluralDeterminers : GrammarLexicon.singularDeterminers)
    }
    let lexicon = GrammarLexicon.classes[kind]
    if chance(25) { ranked(lexicon.adjectives) }
    ranked(lexicon.nouns, ending: noun.isPlural ? "s" : "")
    if !isBare { modifier(of: noun, depth) }
    return noun
  }

  private mutating func modifier(of noun: Agreement, _ depth: Int) {
    let isOpen = depth < Self.deepest
    switch choice([35, isOpen ? 15 : 0, isOpen ? 20 : 0, 30]) {
    case 0:
      ranked(GrammarLexicon.prepositions)
      _ = nounPhrase(kind: nil, depth: depth, isBare: true)
    case 1:
      words.append("that")
      verbPhrase(noun, depth: depth + 1)
    case 2:
      words.append("that")
      let subject = nounPhrase(kind: nil, depth: depth + 1)
      verb(GrammarLexicon.classes[subject.kind].transitive, subject)
    default: break
    }
  }

  private mutating func verbPhrase(_ subject: Agreement, depth: Int) {
    if chance(30) { ranked(GrammarLexicon.adverbs) }
    let lexicon = GrammarLexicon.classes[subject.kind]
    guard chance(50) else { return verb(lexicon.intransitive, subject) }
    verb(lexicon.transitive, subject)
    let object = (subject.kind + (chance(75) ? 1 : 2)) % GrammarLexicon.classes.count
    _ = nounPhrase(kind: object, depth: depth + 1)
  }

  private mutating func verb(_ list: [String], _ subject: Agreement) {
    ranked(list, ending: subject.isPlural ? "" : "s")
  }

  /// Appends a word of a list; 840 is a multiple of each rank, so the weights are exact.
  private mutating func ranked(_ list: [String], ending: String = "") {
    words.append(list[choice((1...list.count).map { 840 / $0 })] + ending)
  }

  private mutating func chance(_ percent: Int) -> Bool { choice([percent, 100 - percent]) == 0 }

  /// Draws an index with probability proportional to its weight, and counts the nats.
  private mutating func choice(_ weights: [Int]) -> Int {
    let total = weights.reduce(0, +)
    var rest = generator.integer(below: total)
    var index = 0
    while rest >= weights[index] {
      rest -= weights[index]
      index += 1
    }
    nats -= PortableMath.log(Double(weights[index]) / Double(total))
    return index
  }
}
