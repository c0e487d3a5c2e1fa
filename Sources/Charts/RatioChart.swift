/// How many times as fast one side is as another, a bar a workload.
public struct RatioChart: Chart {
  /// One workload.
  public struct Row: Hashable, Sendable {
    public let name: String
    /// Median of the pairs, and their range.
    public let ratio: Double
    public let range: ClosedRange<Double>

    public init(name: String, ratio: Double, range: ClosedRange<Double>) {
      self.name = name
      self.ratio = ratio
      self.range = range
    }
  }

  /// What is shown, in one line above the drawing.
  public let title: String
  public let horizontalLabel: String
  /// From top to bottom.
  public let rows: [Row]
  /// Sentences under the plot.
  public let notes: [String]

  public init(title: String, horizontalLabel: String, rows: [Row], notes: [String] = []) {
    self.title = title
    self.horizontalLabel = horizontalLabel
    self.rows = rows
    self.notes = notes
  }

  public func height(forWidth width: Double) -> Double {
    22 * Double(max(1, rows.count)) + 42 + Legend.roomFor(entries: 1, notes: notes.count)
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let names = rows.map { canvas.width(of: $0.name, ChartFont.label) }.max() ?? 0
    let plot = Plot(
      on: canvas,
      in: Rectangle(
        x: frame.x + names + 6, y: frame.y, width: frame.width - names - 6, height: frame.height),
      horizontal: Axis(
        horizontalLabel, holding: rows.map { $0.range.upperBound } + [0, 1.2], tickCount: 8),
      vertical: nil,
      legend: Legend(
        entries: [(symbol: .area(SeriesStyle(0).color), text: "median; the line is the range")],
        notes: notes))
    let height = plot.area.height / Double(max(1, rows.count))
    for (index, row) in rows.enumerated() {
      let top = plot.area.y + Double(index) * height
      let middle = top + height / 2
      canvas.text(
        row.name, at: Point(plot.area.x - 6, middle + 2.8), ChartFont.label, anchor: .end)
      canvas.fill(
        Rectangle(
          x: plot.area.x, y: top + 4, width: plot.x(row.ratio) - plot.area.x, height: height - 8),
        SeriesStyle(row.ratio < 1 ? 1 : 0).color)
      canvas.line(
        from: Point(plot.x(row.range.lowerBound), middle),
        to: Point(plot.x(row.range.upperBound), middle), Stroke(.ink, width: 1))
      canvas.text(
        NumberText.fixed(row.ratio, 2), at: Point(plot.area.x + 4, middle + 2.8),
        ChartFont.label, color: .white)
    }
    canvas.line(
      from: Point(plot.x(1), plot.area.y), to: Point(plot.x(1), plot.area.bottom),
      Stroke(.ink, width: 1, dash: [3, 2]))
  }
}
