/// What each method was charged, a bar a method, a part a phase.
public struct CostChart: Chart {
  /// The charges of one method, in the order of the phases.
  public struct Row: Hashable, Sendable {
    /// Id of the method.
    public let name: String
    /// Mean over runs, one a phase, in the unit of the label; at least 0.
    public let parts: [Double]
    /// The whole, as printed beside the bar.
    public let total: String

    public init(name: String, parts: [Double], total: String) {
      self.name = name
      self.parts = parts
      self.total = total
    }
  }

  /// What is shown, in one line above the drawing.
  public let title: String
  /// What is measured, with its unit.
  public let horizontalLabel: String
  /// Names of the parts, in the order in which they are stacked.
  public let phases: [String]
  /// One a method, from top to bottom.
  public let rows: [Row]
  /// Sentences under the plot.
  public let notes: [String]

  public init(
    title: String, horizontalLabel: String, phases: [String], rows: [Row], notes: [String] = []
  ) {
    self.title = title
    self.horizontalLabel = horizontalLabel
    self.phases = phases
    self.rows = rows
    self.notes = notes
  }

  // Okabe and Ito's colours again, but light beside dark: neighbours in a bar differ in gray too.
  private static let colors = [0x0072B2, 0xE69F00, 0x009E73, 0x56B4E9, 0x7A7A7A].map {
    Color(UInt32($0))
  }

  public func height(forWidth width: Double) -> Double {
    27 * Double(max(1, rows.count)) + 42
      + Legend.roomFor(entries: (phases.count + 2) / 3, notes: notes.count)
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let totals = rows.map { $0.parts.reduce(0, +) }
    let entries = phases.enumerated().map { index, phase in
      (symbol: Legend.Symbol.area(Self.colors[index % Self.colors.count]), text: phase)
    }
    let plot = Plot(
      on: canvas, in: frame,
      horizontal: Axis(
        horizontalLabel, holding: totals + [0], tickCount: frame.width < 300 ? 4 : 8),
      vertical: nil,
      legend: Legend(entries: entries, notes: notes))
    let height = plot.area.height / Double(max(1, rows.count))
    for (index, row) in rows.enumerated() {
      let top = plot.area.y + Double(index) * height
      let text = "\(row.name): \(row.total)"
      canvas.fill(
        Rectangle(
          x: plot.area.x, y: top + 2, width: canvas.width(of: text, ChartFont.label) + 6,
          height: 11), .white)
      canvas.text(text, at: Point(plot.area.x + 2, top + 10.5), ChartFont.label)
      var sum = 0.0
      for (phase, part) in row.parts.enumerated() where part > 0 {
        let left = plot.x(sum)
        sum += part
        let bar = Rectangle(
          x: left, y: top + 15, width: plot.x(sum) - left, height: height - 18)
        canvas.fill(bar, Self.colors[phase % Self.colors.count])
      }
    }
  }
}
