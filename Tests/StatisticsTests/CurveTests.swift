import Statistics
import Testing

@Suite struct CurveTests {
  @Test func curveKeepsTheBestSoFar() {
    let curve = StepCurve(bestOf: [0.5, nil, 0.6, 0.4, 0.4], at: [1, 2, 3, 4, 5])
    #expect(curve.positions == [1, 4])
    #expect(curve.values == [0.5, 0.4])
  }

  @Test(arguments: [(0.9, nil), (1, 0.5), (3.99, 0.5), (4, 0.4), (100, 0.4)])
  func valueHoldsFromItsPositionOn(_ position: Double, _ value: Double?) {
    let curve = StepCurve(bestOf: [0.5, 0.4], at: [1, 4])
    #expect(curve.value(at: position) == value)
  }

  @Test func unorderedPositionsAreSorted() {
    let curve = StepCurve(bestOf: [0.4, 0.5, 0.3], at: [4, 1, 1])
    #expect(curve.positions == [1])
    #expect(curve.values == [0.3])
  }

  @Test func bandStartsWhereEveryRunHasAValue() {
    let curves = [
      StepCurve(bestOf: [0.5, 0.3], at: [1, 3]), StepCurve(bestOf: [0.7], at: [2]),
    ]
    let band = CurveBand(curves: curves, grid: [1, 2, 3])
    #expect(band.runs == 2)
    #expect(band.points.map(\.position) == [2, 3])
    #expect(band.points.map(\.mean) == [0.6, 0.5])
  }

  // By hand: values 0.5 and 0.7, standard error 0.1, t(0.975, 1) = 12.7062 (SciPy).
  @Test func bandIsAStudentInterval() throws {
    let curves = [0.5, 0.7].map { StepCurve(bestOf: [$0], at: [1]) }
    let band = CurveBand(curves: curves, grid: [1])
    let interval = try #require(band.points.first?.interval)
    #expect((interval.low - (0.6 - 1.2706204736174694)).magnitude < 1e-10)
    #expect((interval.high - (0.6 + 1.2706204736174694)).magnitude < 1e-10)
  }

  @Test func oneRunHasNoBand() {
    let band = CurveBand(curves: [StepCurve(bestOf: [0.5], at: [1])], grid: [1, 2])
    #expect(band.points.map(\.interval) == [nil, nil])
  }

  @Test func gridsHoldTheirEnds() {
    #expect(CurveBand.grid(over: 0...8, count: 5) == [0, 2, 4, 6, 8])
    let ratios = CurveBand.grid(over: 1...100, count: 3, logarithmic: true)
    #expect(ratios.first == 1 && ratios.last == 100)
    #expect((ratios[1] - 10).magnitude < 1e-13)
  }

  @Test func topMeansFollowTheSearch() {
    let trials: [(identity: String, value: Double?)] = [
      ("a", 0.5), ("b", nil), ("c", 0.25), ("d", 0.75), ("e", 0),
    ]
    #expect(TopMeans(k: 1, trials: trials).means == [0.5, 0.5, 0.25, 0.25, 0])
    #expect(TopMeans(k: 2, trials: trials).means == [nil, nil, 0.375, 0.375, 0.125])
  }

  @Test func sameArchitectureCountsOnce() {
    let trials: [(identity: String, value: Double?)] = [("a", 0.5), ("a", 0.25), ("b", 0.75)]
    #expect(TopMeans(k: 2, trials: trials).means == [nil, nil, 0.5])
  }
}
