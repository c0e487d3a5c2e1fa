import Randomness
import Statistics
import Testing

@Suite struct PermutationTestTests {
  let key = RandomKey(seed: 7)

  @Test func fixturesAreWhole() {
    let cases = ResamplingGolden.cases
    #expect(cases.of("permutation").count == 54)
    #expect(cases.of("bca").count == 8)
    #expect(cases.of("interquartile").count == 6)
    #expect(cases.count == 68)
  }

  @Test(arguments: ResamplingGolden.cases.of("permutation"))
  func exactTestsMatchSciPy(_ row: Golden) throws {
    let side = try row.side()
    let first = Sample(row.first)
    let second = Sample(row.second)
    let pairs = Sample(Array(row.second.prefix(first.count)))
    let free = try #require(PermutationTest(first, second, alternative: side, key: key))
    let paired = try #require(PermutationTest(pairs: first, pairs, alternative: side, key: key))
    #expect(free.isExact && paired.isExact)
    #expect(Golden.agree(free.pValue, row.expected[0]))
    #expect(Golden.agree(paired.pValue, row.expected[1]))
  }

  @Test(arguments: [(2, 30), (30, 2), (5, 9)])
  func separatedSamplesReachTheBound(_ n: Int, _ m: Int) throws {
    let (high, low) = ReachableSignificanceTests.separated(n, m)
    let test = try #require(PermutationTest(high, low, key: key))
    let bound = try #require(ReachableSignificance.mannWhitney(n, m))
    #expect(test.orders == Int((2 / bound).rounded()))
    #expect(Golden.agree(test.pValue, bound))
  }

  @Test func ranksGiveTheRankSumTest() throws {
    let first = [0.31, 0.35, 0.28, 0.4]
    let second = [0.33, 0.45, 0.47, 0.5, 0.29]
    let ranks = try #require(Ranks(first + second)).values
    let test = try #require(
      PermutationTest(Sample(Array(ranks.prefix(4))), Sample(Array(ranks.suffix(5))), key: key))
    let whitney = try #require(MannWhitneyTest(Sample(first), Sample(second)))
    #expect(Golden.agree(test.pValue, whitney.pValue))
  }

  @Test func drawnOrdersApproachTheT() throws {
    // Of 40 normal values the permutation distribution is nearly Student's.
    var generator = key.generator()
    let first = Sample((0..<20).map { _ in generator.normal() })
    let second = Sample((0..<20).map { _ in generator.normal() + 0.6 })
    let test = try #require(PermutationTest(first, second, key: key))
    let welch = try #require(WelchTest(first, second))
    #expect(!test.isExact && test.orders == 9999)
    #expect((test.pValue - welch.pValue).magnitude < 0.02)
    let paired = try #require(PermutationTest(pairs: first, second, key: key))
    let student = try #require(OneSampleTTest(pairs: first, second))
    #expect(!paired.isExact)
    #expect((paired.pValue - student.pValue).magnitude < 0.02)
  }

  @Test func drawnOrdersNeverGiveZero() throws {
    let (high, low) = ReachableSignificanceTests.separated(20, 20)
    #expect(PermutationTest(high, low, key: key, draws: 99)?.pValue == 0.02)
    #expect(PermutationTest(high, low, alternative: .less, key: key, draws: 99)?.pValue == 1)
    let differences = Sample((1...40).map { Double($0) })
    let zeros = Sample(Array(repeating: 0, count: 40))
    #expect(
      PermutationTest(pairs: differences, zeros, alternative: .greater, key: key, draws: 99)?.pValue
        == 0.01)
  }

  @Test func theKeyDecidesTheDraws() throws {
    var generator = key.child("data").generator()
    let first = Sample((0..<15).map { _ in generator.normal() })
    let second = Sample((0..<15).map { _ in generator.normal() })
    let test = PermutationTest(first, second, key: key)
    #expect(test == PermutationTest(first, second, key: key))
    #expect(test != PermutationTest(first, second, key: RandomKey(seed: 8)))
  }

  @Test func equalDifferencesCountDespiteRounding() {
    // 0.1 + 0.2 and 0.3 differ in the last bit; all six orders tie by twos.
    let test = PermutationTest(Sample([0.1, 0.2]), Sample([0.3, 0]), key: key)
    #expect(test?.pValue == 1)
  }

  @Test func nothingIsSaidOfNothing() {
    #expect(PermutationTest(Sample([]), Sample([1]), key: key) == nil)
    #expect(PermutationTest(Sample([1]), Sample([]), key: key) == nil)
    #expect(PermutationTest(Sample([.infinity]), Sample([1]), key: key) == nil)
    #expect(PermutationTest(Sample([1]), Sample([1]), key: key, draws: 0) == nil)
    #expect(PermutationTest(pairs: Sample([1]), Sample([1, 2]), key: key) == nil)
    #expect(PermutationTest(pairs: Sample([]), Sample([]), key: key) == nil)
  }
}
