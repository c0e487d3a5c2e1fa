import Statistics

/// Means over runs as lines with their intervals as bands: best-so-far error against budget, or
/// a difference against trials.
public struct CurveChart: Chart {
  /// One line.
  public struct Series: Hashable, Sendable {
    /// Printed in the legend.
    public let name: String
    /// Means and intervals, in the unit of the vertical label.
    public let band: CurveBand
    /// Place of the method among the series of all charts; `nil` for its place in this chart.
    public let styleIndex: Int?

    public init(name: String, band: CurveBand, styleIndex: Int? = nil) {
      self.name = name
      self.band = band
      self.styleIndex = styleIndex
    }
  }

  /// Runs below which no band is drawn: two runs span an interval as wide as the plot.
  public static let minimumRunsForBand = 3

  /// What is shown, in one line above the drawing.
  public let title: String
  /// What positions measure, with its unit.
  public let horizontalLabel: String
  /// What means measure, with its unit.
  public let verticalLabel: String
  /// One line each.
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
    0.4 * width
      + Legend.roomFor(
        entries: commonRuns == nil ? (series.count + 1) / 2 : (series.count + 3) / 4,
        notes: allNotes.count)
  }

  /// What is said under the plot: the given notes, and which series have too few runs for a band.
  package var allNotes: [String] {
    var notes = notes
    if let runs = commonRuns {
      notes.append("Lines: means of \(runs) runs; bands: 95 % t intervals.")
    }
    let empty = series.filter(\.band.points.isEmpty).map(\.name)
    if !empty.isEmpty {
      notes.append("\(Self.list(empty)): no value that every run has, so no line.")
    }
    for runs in 1..<Self.minimumRunsForBand {
      let few = series.filter { !$0.band.points.isEmpty && $0.band.runs == runs }.map(\.name)
      if few.isEmpty { continue }
      let count = runs == 1 ? "1 run" : "mean of \(runs) runs"
      notes.append("\(Self.list(few)): \(count), too few for a 95 % band.")
    }
    if reachOfBands.isCut { notes.append("Bands that reach past the plot are cut at its edge.") }
    return notes
  }

  private static func list(_ names: [String]) -> String {
    names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
  }

  /// Levels that the plot must hold, and whether a band goes past them.
  ///
  /// With few runs the band of the first trials spans many times the range of all means, and
  /// would press the lines together; it is shown up to half that range beyond the means.
  private var reachOfBands: (levels: [Double], isCut: Bool) {
    let means = series.flatMap { $0.band.points.map(\.mean) } + (baseline.map { [$0] } ?? [])
    guard let low = means.min(), let high = means.max() else { return ([], false) }
    let room = (high - low) / 2
    let edges = series.flatMap(bandEdges).filter(\.isFinite)
    if room == 0 { return (means + edges, false) }
    let shown = edges.map { min(max($0, low - room), high + room) }
    return (means + shown, shown != edges)
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let points = series.flatMap(\.band.points)
    let plot = Plot(
      on: canvas, in: frame,
      horizontal: Axis(
        horizontalLabel, holding: points.map(\.position) + (isLogarithmic ? [] : [0]),
        logarithmic: isLogarithmic, tight: true, tickCount: frame.width < 300 ? 4 : 8),
      vertical: Axis(verticalLabel, holding: reachOfBands.levels),
      legend: Legend(entries: legendEntries, notes: allNotes))
    if let baseline {
      canvas.line(
        from: Point(plot.area.x, plot.y(baseline)), to: Point(plot.area.right, plot.y(baseline)),
        Stroke(.gray, width: 0.9))
    }
    canvas.clipped(to: plot.area) {
      for (index, line) in series.enumerated() where showsBand(line) {
        canvas.fill(
          bandPath(of: line, in: plot), SeriesStyle(line.styleIndex ?? index).color, opacity: 0.16)
      }
    }
    for (index, line) in series.enumerated() {
      let places = line.band.points.map { Point(plot.x($0.position), plot.y($0.mean)) }
      canvas.stroke(Path(through: stepped(places)), SeriesStyle(line.styleIndex ?? index).stroke())
    }
  }

  /// Number of runs that every series shares, if it does: then one note says so for all.
  private var commonRuns: Int? {
    let runs = Set(series.filter { !$0.band.points.isEmpty }.map(\.band.runs))
    guard runs.count == 1, let count = runs.first, series.count > 2 else { return nil }
    return count >= Self.minimumRunsForBand ? count : nil
  }

  private var legendEntries: [(symbol: Legend.Symbol, text: String)] {
    let isSaidForAll = commonRuns != nil
    return series.enumerated().map { index, line in
      let stroke = SeriesStyle(line.styleIndex ?? index).stroke()
      let runs = line.band.runs
      if isSaidForAll, showsBand(line) { return (.lineWithBand(stroke), line.name) }
      if showsBand(line) {
        return (.lineWithBand(stroke), "\(line.name), mean of \(runs) runs and 95 % t band")
      }
      let text = runs == 0 ? "no run" : runs == 1 ? "1 run" : "mean of \(runs) runs"
      return (.line(stroke), "\(line.name), \(text)")
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
