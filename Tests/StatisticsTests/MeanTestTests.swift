import Statistics
import Testing

@Suite struct MeanTestTests {
  @Test func fixturesAreWhole() {
    let cases = MeanTestGolden.cases
    #expect(cases.of("student").count == 36)
    #expect(cases.of("equivalence").count == 36)
    #expect(cases.of("prediction").count == 36)
    #expect(cases.count == 108)
  }

  @Test(arguments: MeanTestGolden.cases.of("student"))
  func studentMatchesSciPy(_ row: Golden) throws {
    let side = try row.side()
    let summary = try #require(SampleSummary(Sample(row.first)))
    let single = try #require(OneSampleTTest(summary, reference: 0.25, alternative: side))
    let paired = try #require(
      OneSampleTTest(pairs: Sample(row.first), Sample(row.second), alternative: side))
    #expect(Golden.agree(single.pValue, row.expected[0]))
    #expect(Golden.agree(paired.pValue, row.expected[1]))
  }

  @Test(arguments: MeanTestGolden.cases.of("equivalence"))
  func equivalenceMatchesSciPy(_ row: Golden) throws {
    let margin = try #require(Double(row.option))
    let first = try #require(SampleSummary(Sample(row.first)))
    let second = try #require(SampleSummary(Sample(row.second)))
    let single = try #require(EquivalenceTest(first, reference: 0.25, margin: margin))
    let double = try #require(EquivalenceTest(first, second, margin: margin))
    let found = [
      single.lowerPValue, single.upperPValue, double.lowerPValue, double.upperPValue,
    ]
    #expect(zip(found, row.expected).allSatisfy { Golden.agree($0, $1) })
    #expect(single.pValue == max(single.lowerPValue, single.upperPValue))
  }

  @Test(arguments: MeanTestGolden.cases.of("prediction"))
  func predictionMatchesSciPy(_ row: Golden) throws {
    let summary = try #require(SampleSummary(Sample(row.first)))
    let runs = try #require(Int(row.option))
    let interval = try #require(summary.predictionInterval(ofMeanOf: runs))
    #expect(Golden.agree(interval.low, row.expected[0], floor: summary.standardError))
    #expect(Golden.agree(interval.high, row.expected[1], floor: summary.standardError))
  }

  @Test func equivalenceIsThatOfItsInterval() throws {
    let summary = try #require(SampleSummary(mean: 0.1, standardDeviation: 1, count: 30))
    for margin in [0.3, 0.41, 0.42, 0.6] {
      let test = try #require(EquivalenceTest(summary, reference: 0, margin: margin))
      let interval = test.interval(significance: 0.05)
      #expect((interval.low > -margin && interval.high < margin) == (test.pValue < 0.05))
    }
  }

  @Test func intervalEndsWhereTheTestTurns() throws {
    let summary = try #require(SampleSummary(mean: 5, standardDeviation: 2, count: 4))
    let interval = try #require(OneSampleTTest(summary)).interval(confidence: 0.9)
    for end in [interval.low, interval.high] {
      let test = try #require(OneSampleTTest(summary, reference: end))
      #expect(Golden.agree(test.pValue, 0.1))
    }
  }

  @Test func summariesGiveWhatTheirSamplesGive() throws {
    let first = Sample([0.123, 0.131, 0.118])
    let second = Sample([0.127, 0.139, 0.125, 0.13])
    let summaries = WelchTest(
      try #require(SampleSummary(first)), try #require(SampleSummary(second)))
    #expect(summaries == WelchTest(first, second))
  }

  @Test func impossibleFiguresAreRefused() throws {
    #expect(SampleSummary(mean: 1, standardDeviation: 1, count: 1) == nil)
    #expect(SampleSummary(mean: 1, standardDeviation: -1, count: 3) == nil)
    #expect(SampleSummary(mean: .nan, standardDeviation: 1, count: 3) == nil)
    let flat = try #require(SampleSummary(mean: 1, standardDeviation: 0, count: 3))
    #expect(OneSampleTTest(flat) == nil)
    #expect(WelchTest(flat, flat) == nil)
    #expect(EquivalenceTest(flat, reference: 1, margin: 1) == nil)
    let spread = try #require(SampleSummary(mean: 1, standardDeviation: 1, count: 3))
    #expect(EquivalenceTest(spread, reference: 1, margin: 0) == nil)
    #expect(spread.predictionInterval(ofMeanOf: 0) == nil)
    #expect(spread.predictionInterval(ofMeanOf: 1, confidence: 1) == nil)
    #expect(OneSampleTTest(pairs: Sample([1, 2]), Sample([1])) == nil)
  }
}
