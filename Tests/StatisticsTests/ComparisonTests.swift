import Statistics
import Testing

/// Expected values: SciPy 1.17.1, printed by `python3 Tests/Reference/statistics-values.py`.
@Suite struct ComparisonTests {
  struct WelchCase: Sendable {
    let first: [Double], second: [Double]
    let p: Double, degrees: Double, low: Double, high: Double
  }

  @Test(arguments: [
    WelchCase(
      first: [0.123, 0.131, 0.118], second: [0.127, 0.139, 0.125], p: 0.336132960007531,
      degrees: 3.9199999999999995, low: -0.02251990205288526, high: 0.0098532353862186),
    WelchCase(
      first: [6.31, 6.02, 6.5, 6.11], second: [6.9, 7.4], p: 0.12620012081012427,
      degrees: 1.3853428049340633, low: -2.755253312111223, high: 0.9252533121112207),
    WelchCase(
      first: [1, 2, 3, 4, 5], second: [2, 2, 2.25], p: 0.26564865907774216,
      degrees: 4.1102969533359035, low: -1.0394172118351435, high: 2.8727505451684765),
  ])
  func welchMatchesSciPy(_ row: WelchCase) throws {
    let test = try #require(WelchTest(Sample(row.first), Sample(row.second)))
    #expect((test.pValue - row.p).magnitude < 1e-11)
    #expect((test.degreesOfFreedom - row.degrees).magnitude < 1e-11)
    #expect((test.interval().low - row.low).magnitude < 1e-10)
    #expect((test.interval().high - row.high).magnitude < 1e-10)
  }

  @Test func nothingIsSaidWithoutSpread() {
    #expect(WelchTest(Sample([1]), Sample([2, 3])) == nil)
    #expect(WelchTest(Sample([1, 1]), Sample([2, 2])) == nil)
  }

  // By hand: sorted 0.005·4, 0.01·3, 0.03·2, and 0.04·1 raised to the one before.
  @Test(arguments: [
    ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
    ([0.4, 0.6], [0.8, 0.8]), ([0.7, 0.9], [1, 1]), ([0.03], [0.03]), ([], []),
  ])
  func holmMatchesHandCounts(_ raw: [Double], _ expected: [Double]) {
    let adjusted = HolmCorrection.adjusted(raw)
    #expect(adjusted.count == expected.count)
    #expect(zip(adjusted, expected).allSatisfy { ($0 - $1).magnitude < 1e-15 })
  }

  @Test(arguments: [
    (seeds: 2, difference: 5.653489266197127),
    (seeds: 3, difference: 3.0708922663636877),
    (seeds: 5, difference: 2.024439339384547),
    (seeds: 10, difference: 1.3249473925792306),
    (seeds: 30, difference: 0.7356210695978276),
    (seeds: 500, difference: 0.17735832231863896),
  ])
  func detectableDifferenceMatchesSciPy(_ row: (seeds: Int, difference: Double)) throws {
    let found = try #require(
      DetectableDifference.smallest(seeds: row.seeds, standardDeviation: 0.01))
    #expect((found - 0.01 * row.difference).magnitude < 1e-10)
  }

  @Test func oneSeedDetectsNothing() {
    #expect(DetectableDifference.smallest(seeds: 1, standardDeviation: 0.01) == nil)
  }
}
