import Statistics
import Testing

/// Expected values: SciPy 1.17.1, printed by `python3 Tests/Reference/statistics-values.py`.
@Suite struct DistributionTests {
  /// Digits that the printed figures need, with room: probabilities are printed with two or three.
  static let tolerance = 1e-11

  @Test(arguments: [
    (degrees: 1, t: 0.5, value: 0.6475836176504333),
    (degrees: 2, t: -4.3, value: 0.025028577058545796),
    (degrees: 3, t: 2.0, value: 0.9303370157205785),
    (degrees: 4.7, t: -1.1, value: 0.16222748249935076),
    (degrees: 10, t: 3.3, value: 0.9959932509431508),
    (degrees: 998, t: 1.96, value: 0.9748631294656239),
  ])
  func cumulativeMatchesSciPy(_ row: (degrees: Double, t: Double, value: Double)) {
    let value = StudentT(degreesOfFreedom: row.degrees).cumulative(row.t)
    #expect((value - row.value).magnitude < Self.tolerance)
  }

  @Test(arguments: [
    (degrees: 1, probability: 0.975, value: 12.706204736174694),
    (degrees: 2, probability: 0.975, value: 4.302652729749462),
    (degrees: 2, probability: 0.025, value: -4.302652729749464),
    (degrees: 4.7, probability: 0.9, value: 1.4901550815168034),
    (degrees: 9, probability: 0.995, value: 3.249835541592126),
    (degrees: 499, probability: 0.975, value: 1.9647293909876886),
    (degrees: 998, probability: 0.6, value: 0.2534146509565096),
    (degrees: 3, probability: 0.5, value: 0),
  ])
  func quantileMatchesSciPy(_ row: (degrees: Double, probability: Double, value: Double)) {
    let value = StudentT(degreesOfFreedom: row.degrees).quantile(row.probability)
    #expect((value - row.value).magnitude < 1e-10 * max(1, row.value.magnitude))
  }

  @Test(arguments: [
    (x: 0.3, a: 0.5, b: 0.5, value: 0.36901011956554536),
    (x: 0.9, a: 2, b: 3, value: 0.9963),
    (x: 0.02, a: 10, b: 0.5, value: 1.8208892155499843e-18),
    (x: 0.5, a: 499, b: 0.5, value: 2.179615785425246e-152),
    (x: 0.996, a: 499, b: 0.5, value: 0.04555422062645453),
    (x: 0, a: 2, b: 3, value: 0),
    (x: 1, a: 2, b: 3, value: 1),
  ])
  func incompleteBetaMatchesSciPy(_ row: (x: Double, a: Double, b: Double, value: Double)) {
    let value = SpecialFunctions.incompleteBeta(row.x, row.a, row.b)
    // Relative, so that tiny p-values are right too.
    #expect((value - row.value).magnitude <= 1e-11 * row.value)
  }

  @Test(arguments: [
    (degrees: 2, noncentrality: 4.0, t: 4.3, value: 0.4350815492791891),
    (degrees: 4, noncentrality: 2.5, t: 2.776, value: 0.5226496107233012),
    (degrees: 4, noncentrality: -1.0, t: 1.0, value: 0.9672267046679722),
    (degrees: 58, noncentrality: 2.8, t: 2.0, value: 0.21327674008923894),
    (degrees: 4, noncentrality: 1.0, t: -0.5, value: 0.0736111720460933),
  ])
  func noncentralTMatchesSciPy(
    _ row: (degrees: Double, noncentrality: Double, t: Double, value: Double)
  ) {
    let distribution = NoncentralT(
      degreesOfFreedom: row.degrees, noncentrality: row.noncentrality)
    #expect((distribution.cumulative(row.t) - row.value).magnitude < 1e-10)
  }

  @Test(arguments: [
    (-6, 9.865876450376946e-10), (-1.96, 0.024997895148220435), (0.0, 0.5),
    (0.7, 0.758036347776927), (3.0, 0.9986501019683699), (-12, 0), (12, 1),
  ])
  func normalMatchesSciPy(_ z: Double, _ value: Double) {
    #expect((SpecialFunctions.normalCDF(z) - value).magnitude < 1e-14)
  }
}
