/// Speed of kernels against the arithmetic they do for each byte, under what the machine can do.
///
/// Source: Williams, Waterman & Patterson 2009, DOI 10.1145/1498765.1498785.
public struct RooflineChart: Chart {
  /// One kernel at one shape.
  public struct Kernel: Hashable, Sendable {
    /// Kernels of one family share a style and an entry of the legend.
    public let family: String
    /// Drawn hollow.
    public let isGradient: Bool
    /// Operations for each byte of input and output.
    public let intensity: Double
    /// Operations a second, in 1e9.
    public let speed: Double

    public init(family: String, isGradient: Bool, intensity: Double, speed: Double) {
      self.family = family
      self.isGradient = isGradient
      self.intensity = intensity
      self.speed = speed
    }
  }

  /// What is shown, in one line above the drawing.
  public let title: String
  public let kernels: [Kernel]
  /// Operations a second in registers, and bytes a second from memory, in 1e9.
  public let peak: Double
  public let bandwidth: Double
  /// Sentences under the plot.
  public let notes: [String]

  public init(
    title: String, kernels: [Kernel], peak: Double, bandwidth: Double, notes: [String] = []
  ) {
    self.title = title
    self.kernels = kernels
    self.peak = peak
    self.bandwidth = bandwidth
    self.notes = notes
  }

  /// In the order of their first kernels.
  private var families: [String] {
    var seen: [String] = []
    for kernel in kernels where !seen.contains(kernel.family) { seen.append(kernel.family) }
    return seen
  }

  public func height(forWidth width: Double) -> Double {
    0.5 * width + Legend.roomFor(entries: (families.count + 2) / 3, notes: notes.count)
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let families = families
    let ridge = peak / bandwidth
    let intensities = kernels.map { $0.intensity } + [ridge / 4, ridge * 4]
    // A little room, so that no marker lies on an axis.
    let (left, right) = (0.8 * (intensities.min() ?? 1), 1.2 * (intensities.max() ?? ridge))
    let plot = Plot(
      on: canvas, in: frame,
      horizontal: Axis(
        "operations for each byte of input and output", holding: [left, right],
        logarithmic: true),
      vertical: Axis(
        "GFLOP/s",
        holding: kernels.flatMap { [0.8 * $0.speed, 1.25 * $0.speed] } + [
          peak * 1.3, left * bandwidth,
        ],
        logarithmic: true),
      legend: Legend(
        entries: families.enumerated().map {
          (symbol: .marker(.circle, SeriesStyle($0).color, hollow: false), text: $1)
        } + [(symbol: .marker(.circle, .ink, hollow: true), text: "hollow: gradients")],
        notes: notes))
    canvas.stroke(
      Path(through: [
        Point(plot.x(left), plot.y(left * bandwidth)),
        Point(plot.x(ridge), plot.y(peak)), Point(plot.x(right), plot.y(peak)),
      ]), Stroke(.ink, width: 1.2))
    canvas.text(
      "peak \(NumberText.fixed(peak, 0)) GFLOP/s, memory \(NumberText.fixed(bandwidth, 0)) GB/s",
      at: Point(plot.area.right - 4, plot.area.bottom - 6), ChartFont.note, color: .gray,
      anchor: .end)
    for kernel in kernels {
      let style = SeriesStyle(families.firstIndex(of: kernel.family) ?? 0)
      canvas.marker(
        .circle, at: Point(plot.x(kernel.intensity), plot.y(kernel.speed)), radius: 2.4,
        style.color, hollow: kernel.isGradient)
    }
  }
}
