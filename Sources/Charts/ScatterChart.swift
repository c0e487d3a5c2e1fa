/// Points of several series in two dimensions.
public struct ScatterChart: Chart {
  /// A point in the units of the labels.
  public struct Value: Hashable, Sendable {
    public let horizontal: Double
    public let vertical: Double

    public init(_ horizontal: Double, _ vertical: Double) {
      self.horizontal = horizontal
      self.vertical = vertical
    }
  }

  /// The points of one series.
  public struct Series: Hashable, Sendable {
    public let name: String
    /// Place in the order of styles.
    public let styleIndex: Int
    public let points: [Value]

    public init(name: String, styleIndex: Int, points: [Value]) {
      self.name = name
      self.styleIndex = styleIndex
      self.points = points
    }
  }

  /// What is shown, in one line above the drawing.
  public let title: String
  public let horizontalLabel: String
  public let verticalLabel: String
  public let series: [Series]
  /// Whether equal horizontal ratios have equal lengths.
  public let isLogarithmic: Bool

  public init(
    title: String, horizontalLabel: String, verticalLabel: String, series: [Series],
    isLogarithmic: Bool = false
  ) {
    self.title = title
    self.horizontalLabel = horizontalLabel
    self.verticalLabel = verticalLabel
    self.series = series
    self.isLogarithmic = isLogarithmic
  }

  public func height(forWidth width: Double) -> Double {
    0.48 * width + Legend.roomFor(entries: (series.count + 2) / 3, notes: 0)
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let points = series.flatMap(\.points)
    let plot = Plot(
      on: canvas, in: frame,
      horizontal: Axis(
        horizontalLabel, holding: points.map(\.horizontal), logarithmic: isLogarithmic),
      vertical: Axis(verticalLabel, holding: points.map(\.vertical)),
      legend: Legend(
        entries: series.map {
          (
            symbol: .marker(
              Self.marker($0.styleIndex), SeriesStyle($0.styleIndex).color, hollow: false),
            text: $0.name
          )
        }, notes: []))
    for series in series {
      for point in series.points {
        canvas.marker(
          Self.marker(series.styleIndex),
          at: Point(plot.x(point.horizontal), plot.y(point.vertical)), radius: 3,
          SeriesStyle(series.styleIndex).color, hollow: false)
      }
    }
  }

  /// Markers change faster than colours return.
  private static func marker(_ style: Int) -> Marker {
    Marker.allCases[style % Marker.allCases.count]
  }
}
