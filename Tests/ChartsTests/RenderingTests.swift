import Charts
import Statistics
import TestSupport
import Testing

@Suite struct RenderingTests {
  @Test(arguments: SampleCharts.all.indices, Canvas.Format.allCases)
  func sameChartGivesSameBytes(_ index: Int, _ format: Canvas.Format) throws {
    let (name, chart) = SampleCharts.all[index]
    let first = try chart.rendered(as: format)
    let second = try chart.rendered(as: format)
    #expect(first == second)
    #expect(first.count > 1000)
    try Gallery.keep(first, as: "charts/\(name).\(format.rawValue)")
  }

  @Test(arguments: [
    (Canvas.Format.pdf, "%PDF-"), (.svg, "<?xml"), (.png, "\u{89}PNG"),
  ])
  func fileBeginsAsItsFormatDoes(_ format: Canvas.Format, _ signature: String) throws {
    let bytes = try SampleCharts.cost.rendered(as: format)
    #expect(bytes.starts(with: signature.unicodeScalars.map { UInt8($0.value) }))
  }

  @Test func impossiblePageIsRefused() {
    #expect(throws: ChartError.size(width: 0, height: 100)) {
      try Canvas(.pdf, size: Size(0, 100))
    }
    #expect(
      ChartError.size(width: 0, height: 100).description
        == "cannot draw a page of 0.0 x 100.0 points: both must be from 1 to 14400")
    #expect(
      ChartError.drawing(format: "pdf", reason: "out of memory").description
        == "cannot draw pdf: Cairo says “out of memory”; "
        + "check free memory and that fonts-dejavu-core is installed")
  }

  @Test func wrappedLinesFitAndLoseNothing() throws {
    let canvas = try Canvas(.pdf, size: Size(100, 100))
    let text = "a regularized-evolution-with-a-very-long-name beside aaaaaaaaaaaaaaaaaaaaaaaaa"
    let lines = canvas.lines(of: text, Font(9), width: 90)
    #expect(lines.allSatisfy { canvas.width(of: $0, Font(9)) <= 90 })
    #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
  }

  @Test func controlCharactersDoNotEndAText() throws {
    let canvas = try Canvas(.pdf, size: Size(100, 100))
    #expect(canvas.width(of: "a\u{0}b", Font(9)) == canvas.width(of: "a b", Font(9)))
  }

  @Test func fewRunsAreSaidInsteadOfABand() {
    #expect(
      SampleCharts.curves(runs: 2).allNotes.first
        == "random-search, regularized-evolution and reinforce: mean of 2 runs, "
        + "too few for a 95 % band.")
    #expect(
      SampleCharts.points(runs: 1).allNotes == [
        "random-search, regularized-evolution, reinforce: one run, so no interval."
      ])
  }

  // By hand: means 10 and 20, so 5 to 25 is shown; the band reaches to 0 and to 100.
  @Test func bandsThatArePastThePlotAreSaidToBeCut() {
    let points = [
      CurveBand.Point(position: 1, mean: 20, interval: Interval(low: 0, high: 100)),
      CurveBand.Point(position: 2, mean: 10, interval: Interval(low: 9, high: 11)),
    ]
    func chart(_ points: [CurveBand.Point]) -> CurveChart {
      CurveChart(
        title: "t", horizontalLabel: "x", verticalLabel: "y",
        series: [CurveChart.Series(name: "a", band: CurveBand(runs: 3, points: points))])
    }
    #expect(chart(points).allNotes == ["Bands that reach past the plot are cut at its edge."])
    #expect(chart([points[1]]).allNotes.isEmpty)
  }

  @Test func emptyDataIsDrawnAndSaid() throws {
    let empty = CurveBand(curves: [], grid: [1, 2])
    let chart = CurveChart(
      title: "t", horizontalLabel: "x", verticalLabel: "y",
      series: [CurveChart.Series(name: "reinforce", band: empty)])
    #expect(try chart.rendered(as: .pdf).count > 500)
    #expect(chart.allNotes == ["reinforce: no value that every run has, so no line."])
  }
}
