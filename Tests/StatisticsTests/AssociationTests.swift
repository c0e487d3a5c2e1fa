import Statistics
import Testing

@Suite struct AssociationTests {
  @Test func fixturesAreWhole() {
    let cases = AssociationGolden.cases
    #expect(cases.of("kendall").count == 36)
    #expect(cases.of("spearman").count == 21)
    #expect(cases.of("friedman").count == 12)
    #expect(cases.count == 69)
  }

  @Test(arguments: AssociationGolden.cases.of("kendall"))
  func kendallMatchesSciPy(_ row: Golden) throws {
    let found = try #require(
      KendallCorrelation(row.first, row.second, alternative: try row.side()))
    #expect(Golden.agree(found.coefficient, row.expected[0]))
    #expect(Golden.agree(found.pValue, row.expected[1]))
  }

  @Test(arguments: AssociationGolden.cases.of("spearman"))
  func spearmanMatchesSciPy(_ row: Golden) throws {
    let found = try #require(
      SpearmanCorrelation(row.first, row.second, alternative: try row.side()))
    #expect(Golden.agree(found.coefficient, row.expected[0]))
    #expect(Golden.agree(found.pValue, row.expected[1]))
  }

  @Test(arguments: AssociationGolden.cases.of("friedman"))
  func friedmanMatchesSciPy(_ row: Golden) throws {
    let methods = try #require(Int(row.option))
    let table = stride(from: 0, to: row.first.count, by: methods).map {
      Array(row.first[$0..<($0 + methods)])
    }
    let test = try FriedmanTest(table)
    #expect(Golden.agree(test.statistic, row.expected[0]))
    #expect(Golden.agree(test.pValue, row.expected[1]))
    for (significance, expected) in zip([0.05, 0.1, 0.01], row.expected[2...]) {
      let found = try #require(test.criticalDifference(significance: significance))
      #expect(Golden.agree(found, expected))
    }
  }

  // SciPy 1.17.1, `stats.chi2.sf`.
  @Test(arguments: [
    (2.0, 0.1, 0.951229424500714), (2, 900, 3.6938830684871615e-196),
    (1, 3.84, 0.05004352124870519),
    (9, 60, 1.3406780483959625e-09), (5, 4.9, 0.4282059470398306), (3, 0, 1),
  ])
  func chiSquaredMatchesSciPy(_ degrees: Double, _ value: Double, _ tail: Double) {
    let found = ChiSquared(degreesOfFreedom: degrees).upperTail(value)
    #expect((found - tail).magnitude <= 1e-11 * tail)
  }

  @Test func perfectOrderIsOne() throws {
    let up = [1.0, 2, 3, 4]
    let down = [9.0, 7, 2, -1]
    #expect(SpearmanCorrelation(up, up)?.coefficient == 1)
    #expect(SpearmanCorrelation(up, down)?.coefficient == -1)
    #expect(SpearmanCorrelation(up, down, alternative: .greater)?.pValue == 1)
    #expect(SpearmanCorrelation(up, up)?.pValue == 0)
    let kendall = try #require(KendallCorrelation(up, up))
    // By hand: 2 of the 24 orders are perfect.
    #expect(kendall.coefficient == 1 && Golden.agree(kendall.pValue, 2 / 24.0))
  }

  @Test func exactnessIsSaid() throws {
    let values = (0..<34).map { Double($0 * 7 % 34) }
    let order = (0..<34).map { Double($0) }
    #expect(!(try #require(KendallCorrelation(values, order))).isExact)
    let fewer = try #require(KendallCorrelation(Array(values.dropLast()), order.dropLast()))
    #expect(fewer.isExact)
    #expect(!(try #require(KendallCorrelation([1, 1, 2], [1, 2, 3]))).isExact)
  }

  @Test func nothingIsSaidWithoutOrder() {
    #expect(KendallCorrelation([1, 1, 1], [1, 2, 3]) == nil)
    #expect(KendallCorrelation([1, 2], [1, 2]) == nil)
    #expect(KendallCorrelation([1, 2, 3], [1, 2]) == nil)
    #expect(SpearmanCorrelation([1, 2, 3], [2, 2, 2]) == nil)
    #expect(SpearmanCorrelation([1, 2], [1, 2]) == nil)
    #expect(SpearmanCorrelation([1, .nan, 3], [1, 2, 3]) == nil)
  }

  @Test func friedmanSaysWhyItRefuses() {
    #expect(throws: FriedmanTest.Refusal.tooFewTasks(2)) {
      try FriedmanTest([[1, 2, 3], [1, 2, 3]])
    }
    #expect(throws: FriedmanTest.Refusal.tooFewMethods(2)) {
      try FriedmanTest([[1, 2], [1, 2], [1, 2]])
    }
    #expect(throws: FriedmanTest.Refusal.unevenTask(index: 1)) {
      try FriedmanTest([[1, 2, 3], [1, 2], [1, 2, 3]])
    }
    #expect(throws: FriedmanTest.Refusal.notANumber(task: 2)) {
      try FriedmanTest([[1, 2, 3], [1, 2, 3], [1, .nan, 3]])
    }
    #expect(throws: FriedmanTest.Refusal.allTied) {
      try FriedmanTest([[1, 1, 1], [2, 2, 2], [3, 3, 3]])
    }
  }

  // Demšar (2006), table 5: q of α = 0.05 with 3 and 10 methods, one of them rounded and one cut off:
  // 2.3437 and 3.1637 by scipy.stats.studentized_range.
  @Test(arguments: [(3, 2.343), (10, 3.164)])
  func nemenyiMatchesPrintedTable(_ methods: Int, _ q: Double) {
    let quantile = NormalRange(count: methods).quantile(0.95) / 2.0.squareRoot()
    #expect((quantile - q).magnitude < 1e-3)
  }

  @Test func significanceOutOfRangeIsRefused() throws {
    let test = try FriedmanTest([[1, 2, 3], [1, 2, 3], [1, 3, 2]])
    #expect(test.meanRanks == [1, 7 / 3.0, 8 / 3.0])
    #expect(test.criticalDifference(significance: 0) == nil)
    #expect(test.criticalDifference(significance: 1) == nil)
  }
}
