import Statistics
import Testing

@Suite struct ReachableSignificanceTests {
  /// Values of which the first sample is the larger throughout.
  static func separated(_ n: Int, _ m: Int) -> (Sample, Sample) {
    (Sample((0..<n).map { Double($0 + m) }), Sample((0..<m).map { Double($0) }))
  }

  @Test(arguments: [(3, 3, 0.1), (3, 4, 2 / 35.0), (4, 4, 2 / 70.0), (1, 1, 1), (1, 19, 0.1)])
  func smallestPIsThatOfHandCounts(_ n: Int, _ m: Int, _ p: Double) {
    #expect(ReachableSignificance.mannWhitney(n, m) == p)
    #expect(ReachableSignificance.mannWhitney(m, n) == p)
  }

  @Test(arguments: [(1, 1), (2, 5), (3, 3), (6, 4), (12, 12), (40, 40)])
  func separationReachesTheBound(_ n: Int, _ m: Int) throws {
    let (high, low) = Self.separated(n, m)
    let test = try #require(MannWhitneyTest(high, low))
    let bound = try #require(ReachableSignificance.mannWhitney(n, m))
    #expect(Golden.agree(test.pValue, bound))
  }

  @Test(arguments: [1, 2, 6, 13, 40])
  func oneSignReachesTheBoundOfPairs(_ n: Int) throws {
    let test = try #require(WilcoxonTest(differences: (1...n).map { Double($0) }))
    #expect(test.pValue == ReachableSignificance.wilcoxon(n))
  }

  // By hand: 2 / C(6, 3) = 0.1, 2 / C(8, 4) = 0.029, 2 / C(10, 5) = 0.0079; 2 / 2⁶ = 0.031.
  @Test func neededRunsAreThoseOfHandCounts() {
    #expect(ReachableSignificance.runsNeededOfEach(level: 0.1) == 3)
    #expect(ReachableSignificance.runsNeededOfEach(level: 0.05) == 4)
    #expect(ReachableSignificance.runsNeededOfEach(level: 0.01) == 5)
    #expect(ReachableSignificance.runsNeeded(against: 3, level: 0.05) == 5)
    #expect(ReachableSignificance.runsNeeded(against: 1, level: 0.05) == 39)
    #expect(ReachableSignificance.pairsNeeded(level: 0.05) == 6)
    #expect(ReachableSignificance.pairsNeeded(level: 1) == 1)
  }

  @Test(arguments: [0.2, 0.05, 0.01, 1e-6, 1e-40])
  func neededRunsAreTheFewest(_ level: Double) throws {
    let count = try #require(ReachableSignificance.runsNeededOfEach(level: level))
    #expect(try #require(ReachableSignificance.mannWhitney(count, count)) <= level)
    #expect(try #require(ReachableSignificance.mannWhitney(count - 1, count - 1)) > level)
  }

  @Test func whatCannotBeReachedIsRefused() {
    #expect(ReachableSignificance.mannWhitney(0, 3) == nil)
    #expect(ReachableSignificance.wilcoxon(0) == nil)
    #expect(ReachableSignificance.runsNeeded(against: 0, level: 0.05) == nil)
    #expect(ReachableSignificance.runsNeeded(against: 1, level: 1e-6) == nil)
    #expect(ReachableSignificance.runsNeededOfEach(level: 0) == nil)
  }

  @Test func hugeCountsUnderflowButStayDefined() {
    #expect(ReachableSignificance.mannWhitney(5000, 5000) == 0)
    #expect(ReachableSignificance.wilcoxon(5000) == Double.leastNonzeroMagnitude)
  }
}
