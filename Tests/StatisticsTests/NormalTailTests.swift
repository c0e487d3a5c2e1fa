import Statistics
import Testing

/// Expected values: SciPy 1.17.1, `stats.norm.sf` and `stats.norm.ppf`.
@Suite struct NormalTailTests {
  @Test(arguments: [
    (-9.5, 1.0),
    (-3.0, 0.9986501019683699),
    (0.0, 0.5),
    (0.7, 0.24196365222307303),
    (2.49, 0.006387154764943171),
    (2.51, 0.006036558080412666),
    (5.0, 2.866515718791933e-07),
    (10.0, 7.61985302416047e-24),
    (25.0, 3.056696706382561e-138),
    (37.0, 5.7255712225239266e-300),
  ])
  func tailMatchesSciPy(_ z: Double, _ tail: Double) {
    #expect((SpecialFunctions.normalTail(z) - tail).magnitude <= 1e-12 * tail)
  }

  @Test(arguments: [
    (1e-300, -37.0470962993612),
    (1e-12, -7.034483825301131),
    (0.001, -3.090232306167813),
    (0.025, -1.9599639845400545),
    (0.3, -0.5244005127080409),
    (0.5, 0.0),
    (0.6, 0.2533471031357997),
    (0.975, 1.959963984540054),
    (0.9999, 3.719016485455709),
  ])
  func quantileMatchesSciPy(_ probability: Double, _ z: Double) {
    #expect((SpecialFunctions.normalQuantile(probability) - z).magnitude <= 1e-11)
  }

  @Test func endsAreInfinite() {
    #expect(SpecialFunctions.normalQuantile(0) == -.infinity)
    #expect(SpecialFunctions.normalQuantile(1) == .infinity)
    #expect(SpecialFunctions.normalTail(40) == 0)
    #expect(SpecialFunctions.normalTail(.nan).isNaN)
  }
}
