import Statistics

/// Every run's result as a point, a row a method, with the mean and its t interval.
public struct SeedPointsChart: Chart {
  /// The results of one method.
  public struct Row: Hashable, Sendable {
    /// Id of the method.
    public let name: String
    /// Place of the method among the series of all charts.
    public let styleIndex: Int
    /// One a seed.
    public let sample: Sample
    /// Printed elsewhere, with its standard deviation.
    public let published: Published?

    public init(name: String, styleIndex: Int, sample: Sample, published: Published? = nil) {
      self.name = name
      self.styleIndex = styleIndex
      self.sample = sample
      self.published = published
    }
  }

  /// A published mean.
  public struct Published: Hashable, Sendable {
    /// In the unit of the label.
    public let mean: Double
    /// Standard deviation over the published runs; `nil` if not stated.
    public let spread: Double?

    public init(mean: Double, spread: Double?) {
      self.mean = mean
      self.spread = spread
    }
  }

  /// What is shown, in one line above the drawing.
  public let title: String
  /// What is measured, with its unit.
  public let horizontalLabel: String
  /// One a method, from top to bottom.
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
    rowHeight * Double(max(1, rows.count)) + 42
      + Legend.roomFor(entries: 2, notes: allNotes.count)
  }

  private var rowHeight: Double {
    rows.contains { $0.sample.count > 30 } ? 58 : rows.count > 4 ? 44 : 54
  }

  /// What is said under the plot: the given notes, and which rows lack points or an interval.
  package var allNotes: [String] {
    func names(_ count: Int) -> String {
      rows.filter { $0.sample.count == count }.map(\.name).joined(separator: ", ")
    }
    let (none, single) = (names(0), names(1))
    return notes + (none.isEmpty ? [] : ["\(none): no run has this result."])
      + (single.isEmpty ? [] : ["\(single): one run, so no interval."])
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let values = rows.flatMap { row in
      let interval = row.sample.meanInterval()
      let published = row.published.map { published in
        let spread = published.spread ?? 0
        return [published.mean - spread, published.mean + spread]
      }
      return row.sample.values + [interval?.low, interval?.high].compactMap { $0 }
        + (published ?? [])
    }
    let plot = Plot(
      on: canvas, in: frame,
      horizontal: Axis(horizontalLabel, holding: values, tickCount: frame.width < 300 ? 4 : 8),
      vertical: nil,
      legend: Legend(entries: legendEntries, notes: allNotes))
    let height = plot.area.height / Double(max(1, rows.count))
    for (index, row) in rows.enumerated() {
      let top = plot.area.y + Double(index) * height
      if index > 0 {
        canvas.line(
          from: Point(plot.area.x, top), to: Point(plot.area.right, top), Stroke(.faint, width: 1))
      }
      draw(row, on: canvas, in: plot, top: top, height: height)
    }
  }

  private var legendEntries: [(symbol: Legend.Symbol, text: String)] {
    var entries: [(symbol: Legend.Symbol, text: String)] = [
      (.marker(.circle, .gray, hollow: false), "one run"),
      (.marker(.diamond, .ink, hollow: false), "mean with 95 % t interval"),
    ]
    if rows.contains(where: { $0.published != nil }) {
      entries.append(
        (.marker(.square, .ink, hollow: true), "published mean ± standard deviation"))
    }
    return entries
  }

  private func draw(
    _ row: Row, on canvas: Canvas, in plot: Plot, top: Double, height: Double
  ) {
    let style = SeriesStyle(row.styleIndex)
    let runs = row.sample.count == 1 ? "1 run" : "\(row.sample.count) runs"
    let name = "\(row.name) (\(runs))"
    // White behind the name keeps grid lines out of it.
    let nameArea = Rectangle(
      x: plot.area.x, y: top + 2, width: canvas.width(of: name, ChartFont.label) + 6, height: 11)
    canvas.fill(nameArea, .white)
    canvas.text(name, at: Point(plot.area.x + 2, top + 10.5), ChartFont.label)
    let lane = row.published == nil ? 12.0 : 22.0
    let swarm = Rectangle(
      x: plot.area.x, y: top + 14, width: plot.area.width, height: height - 16 - lane)
    drawSwarm(of: row.sample.values, on: canvas, in: plot, area: swarm, style.color)
    let meanY = swarm.bottom + 6
    if let interval = row.sample.meanInterval() {
      bar(from: plot.x(interval.low), to: plot.x(interval.high), at: meanY, on: canvas)
    }
    if let mean = row.sample.mean {
      canvas.marker(.diamond, at: Point(plot.x(mean), meanY), radius: 3.6, style.color)
    }
    guard let published = row.published else { return }
    if let spread = published.spread {
      bar(
        from: plot.x(published.mean - spread), to: plot.x(published.mean + spread),
        at: meanY + 10, on: canvas)
    }
    canvas.marker(
      .square, at: Point(plot.x(published.mean), meanY + 10), radius: 2.8, .ink, hollow: true)
  }

  private func bar(from left: Double, to right: Double, at y: Double, on canvas: Canvas) {
    let stroke = Stroke(.ink, width: 1)
    canvas.line(from: Point(left, y), to: Point(right, y), stroke)
    for end in [left, right] {
      canvas.line(from: Point(end, y - 2.5), to: Point(end, y + 2.5), stroke)
    }
  }

  /// Points with nearly the same value are stacked around the middle, so that each is seen.
  private func drawSwarm(
    of values: [Double], on canvas: Canvas, in plot: Plot, area: Rectangle, _ color: Color
  ) {
    let radius = values.count > 100 ? 1.3 : values.count > 30 ? 1.9 : 2.8
    var columns: [Int: Int] = [:]
    let places = values.filter(\.isFinite).sorted().map { value in
      let x = plot.x(value)
      let column = Int((x / (2 * radius)).rounded())
      columns[column, default: 0] += 1
      return (x: x, column: column, rank: columns[column, default: 1] - 1)
    }
    let middle = area.y + area.height / 2
    for place in places {
      let count = columns[place.column, default: 1]
      let spacing = min(2 * radius, (area.height - 2 * radius) / Double(max(1, count - 1)))
      let offset = (Double(place.rank) - Double(count - 1) / 2) * spacing
      canvas.marker(
        .circle, at: Point(place.x, middle + offset), radius: radius, color, opacity: 0.75)
    }
  }
}
