/// Differences of every pair of methods as a triangle: row minus column, with its interval, shaded
/// where it is more than chance explains.
public struct PairMatrixChart: Chart {
  /// A pair's cell.
  public struct Cell: Hashable, Sendable {
    /// Row minus column, as printed.
    public let difference: String
    /// Its interval, as printed; empty for none.
    public let interval: String
    /// Whether the row is clearly better, or clearly worse; `nil` if that cannot be told.
    public let rowIsBetter: Bool?

    public init(difference: String, interval: String, rowIsBetter: Bool?) {
      self.difference = difference
      self.interval = interval
      self.rowIsBetter = rowIsBetter
    }
  }

  /// What is shown, in one line above the drawing.
  public let title: String
  /// Ids of the methods, best first.
  public let names: [String]
  /// For the second method on, its pairs with all before it; `nil` for a pair that was not tested.
  public let cells: [[Cell?]]
  /// Sentences under the matrix.
  public let notes: [String]

  public init(title: String, names: [String], cells: [[Cell?]], notes: [String] = []) {
    self.title = title
    self.names = names
    self.cells = cells
    self.notes = notes
  }

  private static let rowHeight = 25.0
  private static let lineHeight = 9.0
  private static let (better, worse) = (SeriesStyle(0).color, SeriesStyle(1).color)

  /// Longest name in lines, each a part between hyphens.
  private func lines(of name: String) -> [String] {
    var lines: [String] = []
    for part in name.split(separator: "-").map(String.init) {
      if let last = lines.last, last.count + part.count < 12 {
        lines[lines.count - 1] = "\(last)-\(part)"
      } else {
        lines.append(part)
      }
    }
    return lines.enumerated().map { $0 < lines.count - 1 ? "\($1)-" : $1 }
  }

  private var headerHeight: Double {
    Self.lineHeight * Double(names.dropLast().map { lines(of: $0).count }.max() ?? 1) + 4
  }

  public func height(forWidth width: Double) -> Double {
    headerHeight + Self.rowHeight * Double(cells.count)
      + Legend.roomFor(entries: 2, notes: notes.count)
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let widest = names.map { canvas.width(of: $0, ChartFont.label) }.max() ?? 0
    let left = frame.x + widest + 8
    let width = min(78, (frame.right - left) / Double(max(1, names.count - 1)))
    for (column, name) in names.dropLast().enumerated() {
      let lines = lines(of: name)
      for (index, line) in lines.enumerated() {
        let y =
          frame.y + headerHeight - 4 - Self.lineHeight * Double(lines.count - 1 - index)
        canvas.text(
          line, at: Point(left + (Double(column) + 0.5) * width, y), ChartFont.tick, color: .gray,
          anchor: .middle)
      }
    }
    for (row, entries) in cells.enumerated() {
      let top = frame.y + headerHeight + Self.rowHeight * Double(row)
      canvas.text(
        names[row + 1], at: Point(left - 8, top + Self.rowHeight / 2 + 3), ChartFont.label,
        anchor: .end)
      for (column, entry) in entries.enumerated() {
        let area = Rectangle(
          x: left + Double(column) * width, y: top, width: width, height: Self.rowHeight)
        draw(entry, on: canvas, in: area)
      }
    }
    let bottom = frame.y + headerHeight + Self.rowHeight * Double(cells.count)
    Legend(
      entries: [
        (.marker(.square, Self.better, hollow: false), "row clearly better than column"),
        (.marker(.square, Self.worse, hollow: false), "row clearly worse than column"),
      ], notes: notes
    ).draw(on: canvas, at: Point(frame.x, bottom + 4), width: frame.width)
  }

  private func draw(_ cell: Cell?, on canvas: Canvas, in area: Rectangle) {
    if let isBetter = cell?.rowIsBetter {
      canvas.fill(area, isBetter ? Self.better : Self.worse, opacity: 0.22)
    }
    canvas.stroke(area, Stroke(.faint, width: 0.5))
    let middle = area.x + area.width / 2
    guard let cell else {
      return canvas.text(
        "–", at: Point(middle, area.y + 15), ChartFont.label, color: .gray, anchor: .middle)
    }
    canvas.text(
      cell.difference, at: Point(middle, area.y + 11), Font(8, bold: cell.rowIsBetter != nil),
      anchor: .middle)
    // Smaller until it fits.
    var size = 7.0
    while size > 4.5, canvas.width(of: cell.interval, Font(size)) > area.width - 4 { size -= 0.5 }
    canvas.text(
      cell.interval, at: Point(middle, area.y + 20.5), Font(size), color: .gray, anchor: .middle)
  }
}
