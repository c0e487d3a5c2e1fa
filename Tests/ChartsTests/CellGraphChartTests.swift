import Charts
import Testing

@Suite struct CellGraphChartTests {
  @Test(arguments: [SampleCharts.cell, SampleCharts.wideCell])
  func labelsAndNodesKeepApart(_ chart: CellGraphChart) throws {
    let canvas = try Canvas(.pdf, size: Size(595, 842))
    let frame = Rectangle(x: 50, y: 50, width: 495, height: chart.height(forWidth: 495))
    let boxes = chart.boxes(on: canvas, in: frame)
    for (index, box) in boxes.enumerated() {
      #expect(frame.contains(box))
      #expect(!boxes[(index + 1)...].contains { $0.overlaps(box) })
    }
  }

  @Test func edgesThatAreNotInTheGraphAreLeftOut() {
    let edges = [(0, 1), (1, 1), (1, 0), (0, 7), (-1, 1)].map {
      CellGraphChart.Edge(source: $0.0, target: $0.1, label: "x")
    }
    let chart = CellGraphChart(title: "t", nodes: ["a", "b"], edges: edges)
    #expect(chart.edges == [edges[0]])
  }
}
