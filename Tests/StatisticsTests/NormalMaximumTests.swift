import Statistics
import Testing

/// The largest of normal variables against Harter's table (doi:10.1093/biomet/48.1-2.151, Table 1)
/// and closed forms.
@Suite struct NormalMaximumTests {
  @Test(arguments: [
    (1, 0.0), (2, 0.56418_95835), (3, 0.84628_43753), (4, 1.02937_53730), (5, 1.16296_44736),
    (10, 1.53875_27308), (20, 1.86747_50598), (100, 2.50759_36365),
  ])
  func expectedValuesEqualTheTable(count: Int, expected: Double) throws {
    let found = try #require(NormalMaximum(count: count).expected)
    #expect((found - expected).magnitude < 2e-6)
  }

  /// 1/√π and 3/(2√π), exactly.
  @Test func smallCountsHaveClosedForms() throws {
    let root = Double.pi.squareRoot()
    #expect((try #require(NormalMaximum(count: 2).expected) - 1 / root).magnitude < 1e-13)
    #expect((try #require(NormalMaximum(count: 3).expected) - 1.5 / root).magnitude < 1e-13)
  }

  @Test(arguments: [0, -1, 1_000_001])
  func impossibleCountsHaveNone(count: Int) {
    #expect(NormalMaximum(count: count).expected == nil)
  }

  /// The median of one is 0; of two it is Φ⁻¹(√½) = 0.5449521356.
  @Test func quantilesAreThoseOfTheRoot() {
    #expect(NormalMaximum(count: 1).quantile(0.5).magnitude < 1e-12)
    #expect((NormalMaximum(count: 2).quantile(0.5) - 0.544_952_135_6).magnitude < 1e-9)
  }
}
