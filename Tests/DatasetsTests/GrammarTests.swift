import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct GrammarTests {
  private let folder: TemporaryFolder
  private let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(
      manifestFolder: SharedFolder.repository.appending(path: "datasets"), cache: folder.url)
  }

  @Test func generatorDrawsTheCommittedFiles() throws {
    let manifest = try library.manifest("grammar")
    #expect(
      manifest.files.map { [$0.path, $0.checksums[0].value] }
        == GrammarGenerator().files().map { [$0.path, $0.sha256] })
    let text = try library.text("grammar")
    #expect(text.words.count == 325)
    #expect(text.training.count == 200_025)
    #expect(try library.check(manifest).allSatisfy { $0.problem == nil })
    #expect(manifest.archives[0].sizeBytes < 1_000_000)
  }

  /// The value of `Tests/Reference/grammar-values.py`, which parses the text with a parser of its own
  /// and adds the probabilities of all derivations.
  @Test func sourcePerplexityIsThatOfAParser() {
    let perplexity = GrammarGenerator().sourcePerplexity(.test)
    #expect(abs(perplexity - 11.035380111379467) < 1e-9)
  }

  /// Measured: 27.66, 26.33, 27.17 and 27.20 for n from 2 to 5, where the source has 11.04. What lies
  /// between is agreement over more words than an n-gram sees.
  @Test func ngramsStayFarFromTheSource() throws {
    let text = try library.text("grammar")
    let test = try text.openTest(reason: "perplexity of n-grams")
    let source = GrammarGenerator().sourcePerplexity(.test)
    let found = (2...5).map { order in
      KneserNey(text.training, words: text.words.count, order: order).perplexity(test)
    }
    // The same formulas in Python, with tuples as keys, on the same files.
    let expected = [27.659231392839917, 26.330464244825915, 27.168538826961804, 27.200146946046594]
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-6) }
    #expect((found.min() ?? 0) > 2 * source)
  }

  /// By hand: the bigrams of "0 1 0 2 0 1" are 01 twice, 10, 02 and 20 once, so 3 of 4 kinds are
  /// seen once and 1 twice: Y = 3 / (3 + 2) and D1 = 1 - 2 Y / 3 = 0.6. D2 = 2 - 3 Y 0 / 1 = 2.
  /// One word comes before each of 1 and 2 and two before 0: Y = 2 / 4, D1 = 0.5, D2 = 2.
  @Test func smoothingIsThatOfTheBook() {
    let model = KneserNey([0, 1, 0, 2, 0, 1], words: 3, order: 2)
    // After 0, of total 3: 1 keeps 2 - 2, and 0.6 + 2 are freed for the order below, which has
    // (1 - 0.5 + (2 * 0.5 + 2) / 3) / 4 = 0.375 for the words 1 and 2, and 0.25 for 0.
    #expect(abs(model.probability(of: 1, after: [0]) - 2.6 * 0.375 / 3) < 1e-12)
    #expect(abs(model.probability(of: 2, after: [0]) - (0.4 + 2.6 * 0.375) / 3) < 1e-12)
    #expect(abs(model.probability(of: 0, after: [0]) - 2.6 * 0.25 / 3) < 1e-12)
  }

  @Test func probabilitiesSumToOne() throws {
    let text = try library.text("grammar")
    let model = KneserNey(text.training, words: text.words.count, order: 4)
    for end in stride(from: 3, to: 20_000, by: 997) {
      let context = text.validation[(end - 3)..<end]
      let sum = text.words.indices.reduce(0) {
        $0 + model.probability(of: Int32($1), after: context)
      }
      #expect(abs(sum - 1) < 1e-9)
    }
  }
}
