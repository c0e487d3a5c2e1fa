/// A table of shares as shaded cells, with the figures in them.
public struct HeatMapChart: Chart {
  /// What is shown, in one line above the drawing.
  public let title: String
  /// Names of the columns, from left to right, and of the rows, from top to bottom.
  public let columns: [String]
  public let rows: [String]
  /// A row a row, a column a column; each from 0 to 1.
  public let values: [[Double]]
  /// Sentences under the table.
  public let notes: [String]

  public init(
    title: String, columns: [String], rows: [String], values: [[Double]], notes: [String] = []
  ) {
    self.title = title
    self.columns = columns
    self.rows = rows
    self.values = values
    self.notes = notes
  }

  private static let rowHeight = 15.0
  private static let headerHeight = 24.0

  public func height(forWidth width: Double) -> Double {
    Self.headerHeight + Self.rowHeight * Double(rows.count)
      + Legend.roomFor(entries: 0, notes: notes.count)
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let names = rows.map { canvas.width(of: $0, ChartFont.label) }.max() ?? 0
    let left = frame.x + names + 6
    let width = (frame.right - left) / Double(max(1, columns.count))
    for (column, name) in columns.enumerated() {
      // Long names stand on two lines, broken where they are joined.
      for (line, text) in Self.lines(of: name).enumerated() {
        canvas.text(
          text, at: Point(left + (Double(column) + 0.5) * width, frame.y + 8 + 9 * Double(line)),
          ChartFont.tick, color: .gray, anchor: .middle)
      }
    }
    for (row, name) in rows.enumerated() {
      let top = frame.y + Self.headerHeight + Self.rowHeight * Double(row)
      let base = top + Self.rowHeight / 2 + 2.7
      canvas.text(name, at: Point(left - 6, base), ChartFont.label, anchor: .end)
      let largest = values[row].max() ?? 0
      for (column, value) in values[row].enumerated() {
        let area = Rectangle(
          x: left + Double(column) * width, y: top, width: width, height: Self.rowHeight)
        canvas.fill(area, SeriesStyle(0).color, opacity: min(1, max(0, value)))
        canvas.stroke(area, Stroke(.faint, width: 0.5))
        canvas.text(
          NumberText.fixed(value, 2), at: Point(area.x + width / 2, base),
          value == largest ? Font(7.5, bold: true) : ChartFont.tick,
          color: value > 0.55 ? .white : .ink, anchor: .middle)
      }
    }
    let bottom = frame.y + Self.headerHeight + Self.rowHeight * Double(rows.count)
    Legend(entries: [], notes: notes)
      .draw(on: canvas, at: Point(frame.x, bottom + 4), width: frame.width)
  }

  /// A name in one line or two, broken after the underscore nearest to its middle.
  private static func lines(of name: String) -> [String] {
    let characters = Array(name)
    let breaks = characters.indices.filter { characters[$0] == "_" }
    guard characters.count > 8,
      let place = breaks.min(by: {
        abs(2 * $0 - characters.count) < abs(2 * $1 - characters.count)
      })
    else { return [name] }
    return [String(characters[..<place]), String(characters[(place + 1)...])]
  }
}
