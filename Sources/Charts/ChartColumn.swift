/// Several charts one below the other, each under its title.
public struct ChartColumn: Chart {
  public let title: String
  public let charts: [any Chart]

  private static let gap = 14.0
  private static var titleHeight: Double { ChartFont.title.size * 1.7 }

  public init(title: String, charts: [any Chart]) {
    self.title = title
    self.charts = charts
  }

  public func height(forWidth width: Double) -> Double {
    let heights = charts.map { Self.titleHeight + $0.height(forWidth: width) }
    return heights.reduce(0, +) + Self.gap * Double(max(0, charts.count - 1))
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    var y = frame.y
    for chart in charts {
      canvas.text(
        chart.title, at: Point(frame.x, y + ChartFont.title.size), ChartFont.label)
      y += Self.titleHeight
      let height = chart.height(forWidth: frame.width)
      chart.draw(
        on: canvas, in: Rectangle(x: frame.x, y: y, width: frame.width, height: height))
      y += height + Self.gap
    }
  }
}
