import Statistics
import Testing

@Suite struct RankTestTests {
  @Test func fixturesAreWhole() {
    let cases = RankTestGolden.cases
    #expect(cases.of("mannWhitney").count + cases.of("wilcoxon").count == cases.count)
    #expect(cases.count == 130)
    #expect(cases.allSatisfy { $0.expected.count == 2 })
  }

  @Test(arguments: RankTestGolden.cases.of("mannWhitney"))
  func mannWhitneyMatchesSciPy(_ row: Golden) throws {
    let side = try row.side()
    let test = try #require(
      MannWhitneyTest(Sample(row.first), Sample(row.second), alternative: side))
    let values = row.first + row.second
    #expect(test.u == row.expected[0])
    #expect(Golden.agree(test.pValue, row.expected[1]))
    #expect(
      test.isExact == (Set(values).count == values.count))
  }

  @Test(arguments: RankTestGolden.cases.of("wilcoxon"))
  func wilcoxonMatchesSciPy(_ row: Golden) throws {
    let side = try row.side()
    let test = try #require(WilcoxonTest(differences: row.first, alternative: side))
    #expect(test.positiveRankSum == row.expected[0])
    #expect(Golden.agree(test.pValue, row.expected[1]))
  }

  @Test func ranksShareTheirPlaces() throws {
    let ranks = try #require(Ranks([3, 1, 3, 2, 3, 1]))
    #expect(ranks.values == [5, 1.5, 5, 3, 5, 1.5])
    #expect(ranks.tieSizes == [2, 3])
    #expect(Ranks([1, .nan]) == nil)
    #expect(Ranks([])?.values == [])
  }

  @Test func nullCountsAreThoseOfAllOrders() {
    // C(4, 2) = 6 orders of two and two, by hand.
    #expect(MannWhitneyTest.nullCounts(2, 2) == [1, 1, 2, 1, 1])
    #expect(MannWhitneyTest.nullCounts(7, 9).reduce(0, +) == 11440)
    #expect(WilcoxonTest.nullCounts([1, 2, 3]) == [1, 1, 1, 2, 1, 1, 1])
  }

  @Test func exactnessEndsAtItsLimit() throws {
    let long = Sample((0..<1250).map { Double($0) })
    #expect(try #require(MannWhitneyTest(long, Sample([-0.5, 3.5]))).isExact)
    #expect(!(try #require(MannWhitneyTest(long, Sample([-0.5, 3.5, 7.5])))).isExact)
  }

  @Test func equalValuesAreNoEvidence() {
    let test = MannWhitneyTest(Sample([1, 1]), Sample([1, 1, 1]))
    #expect(test?.pValue == 1)
    #expect(test?.u == 3)
  }

  @Test func nothingIsSaidOfNothing() {
    #expect(MannWhitneyTest(Sample([]), Sample([1])) == nil)
    #expect(MannWhitneyTest(Sample([1]), Sample([])) == nil)
    #expect(MannWhitneyTest(Sample([.nan]), Sample([1])) == nil)
    #expect(WilcoxonTest(differences: [0, 0]) == nil)
    #expect(WilcoxonTest(differences: [1, .nan]) == nil)
    #expect(WilcoxonTest(Sample([1, 2]), Sample([1])) == nil)
  }

  @Test func pairsAreTheirDifferences() {
    let pairs = WilcoxonTest(Sample([1, 4, 9]), Sample([2, 2, 2]), alternative: .greater)
    #expect(pairs == WilcoxonTest(differences: [-1, 2, 7], alternative: .greater))
    #expect(pairs?.pValue == 0.25)
  }
}
