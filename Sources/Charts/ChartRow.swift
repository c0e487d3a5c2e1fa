/// Charts side by side, each under its own title.
public struct ChartRow: Chart {
  /// What is shown, in one line above the drawing.
  public let title: String
  /// From left to right.
  public let charts: [any Chart]

  public init(title: String, charts: [any Chart]) {
    self.title = title
    self.charts = charts
  }

  private static let gap = 14.0
  private static let titleHeight = 13.0

  private func width(of whole: Double) -> Double {
    let count = Double(max(1, charts.count))
    return (whole - Self.gap * (count - 1)) / count
  }

  public func height(forWidth width: Double) -> Double {
    Self.titleHeight + (charts.map { $0.height(forWidth: self.width(of: width)) }.max() ?? 0)
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let width = width(of: frame.width)
    for (index, chart) in charts.enumerated() {
      let x = frame.x + Double(index) * (width + Self.gap)
      let title = canvas.lines(of: chart.title, ChartFont.label, width: width).first ?? ""
      canvas.text(title, at: Point(x, frame.y + 8), Font(8, bold: true))
      chart.draw(
        on: canvas,
        in: Rectangle(
          x: x, y: frame.y + Self.titleHeight, width: width,
          height: frame.height - Self.titleHeight))
    }
  }
}
