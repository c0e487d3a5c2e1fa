import Foundation
import Randomness
import Testing

/// Distributions against their definitions. Seeds are fixed, so a test either passes always or
/// never; the limits are ones that a right generator passes with 99.9 % of all seeds.
@Suite struct KeyedGeneratorTests {
  /// 0.999 quantiles of the chi-square distribution by degrees of freedom: SciPy 1.17.1,
  /// `python3 Tests/Reference/randomness-values.py`.
  static let chiSquareLimits: [Int: Double] = [
    1: 10.827566170662733, 2: 13.815510557964274, 5: 20.515005652432873, 6: 22.457744484825323,
    9: 27.877164871256568, 63: 103.44237731987324, 99: 148.23035916510173,
  ]

  static func generator(_ purpose: String) -> KeyedGenerator {
    RandomKey(seed: 20).child(purpose).generator()
  }

  /// Whether counts agree with expected ones by Pearson's test.
  static func agree(_ counts: [Int], _ expected: [Double]) -> Bool {
    var statistic = 0.0
    for (count, mean) in zip(counts, expected) {
      statistic += (Double(count) - mean) * (Double(count) - mean) / mean
    }
    return statistic < chiSquareLimits[counts.count - 1] ?? 0
  }

  static func areEqual(_ counts: [Int]) -> Bool {
    let mean = Double(counts.reduce(0, +)) / Double(counts.count)
    return agree(counts, counts.map { _ in mean })
  }

  // MARK: Streams

  @Test func sameKeyGivesTheSameStream() {
    var first = Self.generator("stream")
    var second = Self.generator("stream")
    for _ in 0..<10 {
      #expect(first.nextWord() == second.nextWord())
      #expect(first.normal() == second.normal())
      #expect(first.integer(below: 10) == second.integer(below: 10))
    }
  }

  @Test func streamsOfSiblingsDoNotOverlap() {
    let words = (0..<8).flatMap { index in
      var generator = RandomKey(seed: 20).child("sibling", index).generator()
      return (0..<500).map { _ in
        UInt64(generator.nextWord()) << 32 | UInt64(generator.nextWord())
      }
    }
    #expect(Set(words).count == words.count)
  }

  /// A checkpoint may fall at any place of a block of four words.
  @Test(arguments: 0..<9)
  func goesOnAfterBeingStored(drawn: Int) throws {
    var generator = Self.generator("stored")
    for _ in 0..<drawn { _ = generator.nextWord() }
    var restored = try JSONDecoder().decode(
      KeyedGenerator.self, from: JSONEncoder().encode(generator))
    #expect(restored == generator)
    for _ in 0..<9 { #expect(restored.nextWord() == generator.nextWord()) }
  }

  // MARK: Integers

  @Test(arguments: [2, 3, 6, 7, 10, 64, 100])
  func integersAreUniform(bound: Int) {
    var generator = Self.generator("integer")
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<100_000 { counts[generator.integer(below: bound)] += 1 }
    #expect(Self.areEqual(counts))
  }

  /// Without rejection, values of one residue modulo 3 would come half as often.
  @Test func integersBelowALargeBoundAreUnbiased() {
    var generator = Self.generator("large bound")
    var counts = [Int](repeating: 0, count: 3)
    for _ in 0..<100_000 { counts[generator.integer(below: 3 << 29) % 3] += 1 }
    #expect(Self.areEqual(counts))
  }

  @Test func boundsOfOneAndTheLargestWork() {
    var generator = Self.generator("bounds")
    #expect((0..<100).allSatisfy { _ in generator.integer(below: 1) == 0 })
    let large = (0..<100).map { _ in generator.integer(below: 1 << 31) }
    #expect(large.allSatisfy { $0 >= 0 && $0 < 1 << 31 })
    #expect(large.contains { $0 >= 1 << 30 })
  }

  // MARK: Reals

  @Test func uniformIsUniformOnItsGrid() {
    var generator = Self.generator("uniform")
    var counts = [Int](repeating: 0, count: 64)
    var usesLastBit = false
    for _ in 0..<100_000 {
      let value = generator.uniform()
      #expect(value >= 0 && value < 1)
      usesLastBit = usesLastBit || (value * 0x1p53).truncatingRemainder(dividingBy: 2) == 1
      counts[Int(value * 64)] += 1
    }
    #expect(usesLastBit)
    #expect(Self.areEqual(counts))
  }

  @Test func uniformInARangeStaysThere() {
    var generator = Self.generator("range")
    let values = (0..<10_000).map { _ in generator.uniform(in: -2.5...0.5) }
    #expect(values.allSatisfy { $0 >= -2.5 && $0 <= 0.5 })
    let mean = values.reduce(0, +) / 10_000
    // Four standard errors of the mean of a uniform distribution of width 3.
    #expect(abs(mean + 1) < 4 * 3 / (12.0 * 10_000).squareRoot())
  }

  @Test(arguments: [(0.0, 0...0), (1.0, 10_000...10_000), (0.25, 2827...3173)])
  func bernoulliHasItsProbability(_ probability: Double, _ limits: ClosedRange<Int>) {
    var generator = Self.generator("bernoulli")
    let draws = probability == 0.25 ? 12_000 : 10_000
    let count = (0..<draws).count { _ in generator.bernoulli(probability) }
    // The mean 3000 plus or minus 3.65 standard deviations of a binomial.
    #expect(limits.contains(count))
  }

  @Test func normalHasTheMomentsOfItsName() {
    var generator = Self.generator("normal")
    let count = 200_000.0
    var sums = [0.0, 0, 0, 0]
    for _ in 0..<Int(count) {
      let value = generator.normal()
      var power = 1.0
      for index in 0..<4 {
        power *= value
        sums[index] += power
      }
    }
    let moments = sums.map { $0 / count }
    // Moments 0, 1, 0, 3; variances of their estimates 1, 2, 15 and 96 over n; four deviations.
    for (moment, (expected, variance)) in zip(moments, [(0.0, 1.0), (1, 2), (0, 15), (3, 96)]) {
      #expect(abs(moment - expected) < 4 * (variance / count).squareRoot())
    }
  }

  /// Kolmogorov and Smirnov's distance at the points below; the limit is 1.95 / √n for 0.999.
  /// Expected values: SciPy 1.17.1, `python3 Tests/Reference/randomness-values.py`.
  @Test func normalFollowsSciPysDistribution() {
    let cumulative: [(point: Double, value: Double)] = [
      (-3.0, 0.0013498980316300933), (-2.5, 0.006209665325776132), (-2.0, 0.022750131948179195),
      (-1.5, 0.06680720126885807), (-1.0, 0.15865525393145707), (-0.75, 0.2266273523768682),
      (-0.5, 0.3085375387259869), (-0.25, 0.4012936743170763), (0.0, 0.5),
      (0.25, 0.5987063256829237), (0.5, 0.6914624612740131), (0.75, 0.7733726476231317),
      (1.0, 0.8413447460685429), (1.5, 0.9331927987311419), (2.0, 0.9772498680518208),
      (2.5, 0.9937903346742238), (3.0, 0.9986501019683699),
    ]
    var generator = Self.generator("distribution")
    let values = (0..<100_000).map { _ in generator.normal() }
    let distance = cumulative.map { point, value in
      abs(Double(values.count { $0 <= point }) / 100_000 - value)
    }.max()
    #expect(distance ?? 1 < 1.95 / 100_000.0.squareRoot())
  }

  // MARK: Choices

  @Test func categoricalFollowsItsWeights() {
    var generator = Self.generator("categorical")
    var counts = [Int](repeating: 0, count: 4)
    for _ in 0..<100_000 { counts[generator.categorical(weights: [1, 0, 3, 6])] += 1 }
    #expect(counts[1] == 0)
    #expect(Self.agree([counts[0], counts[2], counts[3]], [10_000, 30_000, 60_000]))
  }

  @Test func categoricalNeverDrawsATrailingZero() {
    var generator = Self.generator("sliver")
    // 0.1 + 0.2 rounds up, so the sum is more than what the parts take away.
    let draws = (0..<10_000).map { _ in generator.categorical(weights: [0.1, 0.2, 0.3, 0]) }
    #expect(!draws.contains(3))
    #expect(Set(draws) == [0, 1, 2])
  }

  @Test(arguments: [0, 1, 2, 50])
  func permutationHoldsEachIndexOnce(count: Int) {
    var generator = Self.generator("permutation")
    #expect(generator.permutation(count).sorted() == Array(0..<count))
  }

  @Test func permutationsOfThreeAreUniform() {
    var generator = Self.generator("six orders")
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<60_000 {
      let order = generator.permutation(3)
      counts[2 * order[0] + (order[1] > order[2] ? 1 : 0)] += 1
    }
    #expect(Self.areEqual(counts))
  }

  @Test func elementsAreUniform() {
    var generator = Self.generator("element")
    let letters = ["a", "b", "c"]
    var counts = [Int](repeating: 0, count: 3)
    for _ in 0..<30_000 {
      counts[letters.firstIndex(of: generator.element(of: letters)) ?? 0] += 1
    }
    #expect(Self.areEqual(counts))
  }
}
