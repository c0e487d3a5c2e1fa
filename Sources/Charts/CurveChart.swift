import Statistics

/// Means over runs as lines with their intervals as bands: best-so-far error against budget, or
/// a difference against trials.
public struct CurveChart: Chart {
  /// One line.
  public struct Series: Hashable, Sendable {
    public let name: String
    public let band: CurveBand

    public init(name: String, band: CurveBand) {
      self.name = name
      self.band = band
    }
  }

  /// Runs below which no band is drawn: two runs span an interval as wide as the plot.
  public static let minimumRunsForBand = 3

  public let title: String
  public let horizontalLabel: String
  public let verticalLabel: String
  public let series: [Series]
  /// Whether a value holds until the next point.
  public let isStepped: Bool
  /// Whether the horizontal axis is logarithmic.
  public let isLogarithmic: Bool
  /// A level drawn across, such as no difference.
  public let baseline: Double?
  /// Sentences under the plot.
  public let notes: [String]

  public init(
    title: String, horizontalLabel: String, verticalLabel: String, series: [Series],
    isStepped: Bool = true, isLogarithmic: Bool = false, baseline: Double? = nil,
    notes: [String] = []
  ) {
    self.title = title
    self.horizontalLabel = horizontalLabel
    self.verticalLabel = verticalLabel
    self.series = series
    self.isStepped = isStepped
    self.isLogarithmic = isLogarithmic
    self.baseline = baseline
    self.notes = notes
  }

  public func height(forWidth width: Double) -> Double {
    0.46 * width + Legend.roomFor(entries: (series.count + 1) / 2, notes: allNotes.count)
  }

  /// What is said under the plot: the given notes, and which series have too few runs for a band.
  package var allNotes: [String] {
    var notes = notes
    for line in series where line.band.points.isEmpty {
      notes.append("\(line.name): no value that every run has, so no line.")
    }
    let few = series.filter {
      !$0.band.points.isEmpty && $0.band.runs < Self.minimumRunsForBand
    }
    for line in few {
      let runs = line.band.runs == 1 ? "1 run" : "\(line.band.runs) runs"
      notes.append("\(line.name): \(runs), too few for a 95 % band; the line is their mean.")
    }
    return notes
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let points = series.flatMap(\.band.points)
    let levels = series.flatMap { line in
      line.band.points.map(\.mean) + bandEdges(of: line)
    }
    let plot = Plot(
      on: canvas, in: frame,
      horizontal: Axis(
        horizontalLabel, holding: points.map(\.position) + (isLogarithmic ? [] : [0]),
        logarithmic: isLogarithmic, tight: true, tickCount: 8),
      vertical: Axis(verticalLabel, holding: levels + (baseline.map { [$0] } ?? [])),
      legend: Legend(entries: legendEntries, notes: allNotes))
    if let baseline {
      canvas.line(
        from: Point(plot.area.x, plot.y(baseline)), to: Point(plot.area.right, plot.y(baseline)),
        Stroke(.gray, width: 0.9))
    }
    for (index, line) in series.enumerated() where showsBand(line) {
      canvas.fill(bandPath(of: line, in: plot), SeriesStyle(index).color, opacity: 0.16)
    }
    for (index, line) in series.enumerated() {
      let places = line.band.points.map { Point(plot.x($0.position), plot.y($0.mean)) }
      canvas.stroke(Path(through: stepped(places)), SeriesStyle(index).stroke())
    }
  }

  private var legendEntries: [(symbol: Legend.Symbol, text: String)] {
    series.enumerated().map { index, line in
      let stroke = SeriesStyle(index).stroke()
      let runs = line.band.runs == 1 ? "1 run" : "\(line.band.runs) runs"
      guard showsBand(line) else { return (.line(stroke), "\(line.name), mean of \(runs)") }
      return (.lineWithBand(stroke), "\(line.name), mean of \(runs) and 95 % t band")
    }
  }

  private func showsBand(_ line: Series) -> Bool {
    line.band.runs >= Self.minimumRunsForBand && !line.band.points.isEmpty
  }

  private func bandEdges(of line: Series) -> [Double] {
    showsBand(line) ? line.band.points.compactMap(\.interval).flatMap { [$0.low, $0.high] } : []
  }

  private func bandPath(of line: Series, in plot: Plot) -> Path {
    func edge(_ level: (Interval) -> Double) -> [Point] {
      stepped(
        line.band.points.compactMap { point in
          point.interval.map { Point(plot.x(point.position), plot.y(level($0))) }
        })
    }
    return Path(through: edge(\.high) + edge(\.low).reversed(), closed: true)
  }

  private func stepped(_ places: [Point]) -> [Point] {
    guard isStepped else { return places }
    var path: [Point] = []
    for place in places {
      if let last = path.last, last.y != place.y { path.append(Point(place.x, last.y)) }
      path.append(place)
    }
    return path
  }
}
