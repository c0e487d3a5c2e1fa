import Statistics
import Testing

/// Expected values: SciPy 1.17.1, printed by `python3 Tests/Reference/statistics-values.py`.
@Suite struct SampleTests {
  let sample = Sample([0.123, 0.131, 0.118, 0.1275, 0.14])

  @Test func meanAndSpreadMatchNumPy() throws {
    #expect((try #require(sample.mean) - 0.1279).magnitude < 1e-15)
    #expect((try #require(sample.standardDeviation) - 0.008339664261827338).magnitude < 1e-15)
  }

  @Test func intervalMatchesSciPy() throws {
    let interval = try #require(sample.meanInterval())
    #expect((interval.low - 0.11754493912898241).magnitude < 1e-12)
    #expect((interval.high - 0.13825506087101755).magnitude < 1e-12)
  }

  @Test(arguments: [(0.1, 0.12), (0.5, 0.1275), (0.9, 0.1364), (0, 0.118), (1, 0.14)])
  func quantileMatchesNumPy(_ share: Double, _ value: Double) throws {
    #expect((try #require(sample.quantile(share)) - value).magnitude < 1e-15)
  }

  @Test func emptySampleHasNothing() {
    #expect(Sample([]).mean == nil)
    #expect(Sample([]).quantile(0.5) == nil)
    #expect(Sample([]).meanInterval() == nil)
  }

  @Test func oneValueHasAMeanButNoInterval() {
    #expect(Sample([0.25]).mean == 0.25)
    #expect(Sample([0.25]).standardDeviation == nil)
    #expect(Sample([0.25]).meanInterval() == nil)
  }

  @Test func smallestValuesAreAveraged() throws {
    #expect((try #require(sample.meanOfSmallest(2)) - 0.1205).magnitude < 1e-15)
    #expect(sample.meanOfSmallest(6) == nil)
  }

  @Test func equalValuesHaveExactlyTheirMean() {
    #expect(Sample(Array(repeating: 0.1, count: 500)).mean == 0.1)
    #expect(Sample(Array(repeating: 0.1, count: 500)).standardDeviation == 0)
  }
}
