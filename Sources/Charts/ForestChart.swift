/// Differences with their intervals, one below another, and how large a difference counts as none.
public struct ForestChart: Chart {
  /// One difference.
  public struct Row: Hashable, Sendable {
    /// What differs.
    public let name: String
    /// The difference, in the unit of the axis.
    public let difference: Double
    /// Where the true difference is believed to be; `nil` if nothing is left to chance.
    public let interval: ClosedRange<Double>?
    /// Largest difference that counts as none.
    public let margin: Double
    /// What is said of it, at the right end.
    public let verdict: String

    /// Takes what is drawn.
    public init(
      name: String, difference: Double, interval: ClosedRange<Double>?, margin: Double,
      verdict: String
    ) {
      (self.name, self.difference, self.interval) = (name, difference, interval)
      (self.margin, self.verdict) = (margin, verdict)
    }
  }

  /// What is shown, in one line above the drawing.
  public let title: String
  /// What the differences are, with their unit.
  public let horizontalLabel: String
  /// From top to bottom.
  public let rows: [Row]
  /// Sentences under the plot.
  public let notes: [String]

  /// Takes what is drawn.
  public init(title: String, horizontalLabel: String, rows: [Row], notes: [String] = []) {
    (self.title, self.horizontalLabel) = (title, horizontalLabel)
    (self.rows, self.notes) = (rows, notes)
  }

  public func height(forWidth width: Double) -> Double {
    20 * Double(max(1, rows.count)) + 42 + Legend.roomFor(entries: 2, notes: notes.count)
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    func widest(_ text: (Row) -> String) -> Double {
      rows.map { canvas.width(of: text($0), ChartFont.label) }.max() ?? 0
    }
    let (names, verdicts) = (widest(\.name) + 6, widest(\.verdict) + 6)
    let ends = rows.flatMap { row in
      [row.difference, -row.margin, row.margin]
        + (row.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
    }
    let plot = Plot(
      on: canvas,
      in: Rectangle(
        x: frame.x + names, y: frame.y, width: frame.width - names - verdicts,
        height: frame.height),
      horizontal: Axis(horizontalLabel, holding: ends + [0]), vertical: nil,
      legend: Legend(
        entries: [
          (.marker(.diamond, SeriesStyle(0).color, hollow: false), "difference with its interval"),
          (.area(.faint), "margin: differences that count as none"),
        ], notes: notes))
    let height = plot.area.height / Double(max(1, rows.count))
    for (index, row) in rows.enumerated() {
      draw(row, on: canvas, in: plot, top: plot.area.y + Double(index) * height, height: height)
    }
    canvas.line(
      from: Point(plot.x(0), plot.area.y), to: Point(plot.x(0), plot.area.bottom),
      Stroke(.ink, width: 1, dash: [3, 2]))
  }

  private func draw(
    _ row: Row, on canvas: Canvas, in plot: Plot, top: Double, height: Double
  ) {
    let middle = top + height / 2
    canvas.fill(
      Rectangle(
        x: plot.x(-row.margin), y: top + 2, width: plot.x(row.margin) - plot.x(-row.margin),
        height: height - 4), .faint)
    canvas.text(row.name, at: Point(plot.area.x - 6, middle + 2.8), ChartFont.label, anchor: .end)
    canvas.text(row.verdict, at: Point(plot.area.right + 6, middle + 2.8), ChartFont.label)
    if let interval = row.interval {
      canvas.line(
        from: Point(plot.x(interval.lowerBound), middle),
        to: Point(plot.x(interval.upperBound), middle), Stroke(.ink, width: 1))
    }
    canvas.marker(
      .diamond, at: Point(plot.x(row.difference), middle), radius: 3.6, SeriesStyle(0).color)
  }
}
