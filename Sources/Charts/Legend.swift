/// What the lines, points and areas of a chart stand for; drawn under the plot, never over data.
struct Legend {
  enum Symbol {
    case line(Stroke)
    case lineWithBand(Stroke)
    case marker(Marker, Color, hollow: Bool)
    case area(Color)
  }

  let entries: [(symbol: Symbol, text: String)]
  /// Sentences under the entries.
  let notes: [String]

  private static let symbolWidth = 26.0
  private static let rowHeight = 12.5

  /// An estimate of the height before there is a canvas: a row an entry, and one and a
  /// half a note; what it is wrong by, the plot gains or loses.
  static func roomFor(entries: Int, notes: Int) -> Double {
    (Double(entries) + 1.5 * Double(notes)) * rowHeight + 6
  }

  /// Height of the entries and notes in a width.
  func height(on canvas: Canvas, width: Double) -> Double {
    let rows = rows(on: canvas, width: width)
    let lines = noteLines(on: canvas, width: width)
    return Double(rows.count + lines.count) * Self.rowHeight + (rows.isEmpty ? 0 : 4)
  }

  func draw(on canvas: Canvas, at corner: Point, width: Double) {
    var y = corner.y + Self.rowHeight - 3
    for row in rows(on: canvas, width: width) {
      var x = corner.x
      for index in row {
        let entry = entries[index]
        draw(entry.symbol, on: canvas, at: Point(x, y - 2.8))
        var lineY = y
        for line in lines(of: entry.text, on: canvas, width: width) {
          canvas.text(line, at: Point(x + Self.symbolWidth, lineY), ChartFont.label)
          lineY += Self.rowHeight
        }
        y = max(y, lineY - Self.rowHeight)
        x += entryWidth(entry.text, on: canvas, width: width)
      }
      y += Self.rowHeight
    }
    y += entries.isEmpty ? 0 : 4
    for line in noteLines(on: canvas, width: width) {
      canvas.text(line, at: Point(corner.x, y), ChartFont.note, color: .gray)
      y += Self.rowHeight
    }
  }

  private func draw(_ symbol: Symbol, on canvas: Canvas, at start: Point) {
    let end = Point(start.x + Self.symbolWidth - 6, start.y)
    let middle = Point((start.x + end.x) / 2, start.y)
    let box = Rectangle(x: start.x, y: start.y - 3.5, width: end.x - start.x, height: 7)
    switch symbol {
    case .line(let stroke): canvas.line(from: start, to: end, stroke)
    case .lineWithBand(let stroke):
      canvas.fill(box, stroke.color, opacity: 0.16)
      canvas.line(from: start, to: end, stroke)
    case .marker(let marker, let color, let hollow):
      canvas.marker(marker, at: middle, radius: 3, color, hollow: hollow)
    case .area(let color): canvas.fill(box, color)
    }
  }

  /// Indices of the entries of each row; an entry of several lines counts as several rows.
  private func rows(on canvas: Canvas, width: Double) -> [[Int]] {
    var rows: [[Int]] = []
    var used = 0.0
    for (index, entry) in entries.enumerated() {
      let needed = entryWidth(entry.text, on: canvas, width: width)
      let lineCount = lines(of: entry.text, on: canvas, width: width).count
      if rows.isEmpty || used + needed > width + 14 || lineCount > 1 {
        rows.append([index])
        used = needed
        // Empty rows keep the place of the further lines.
        rows += Array(repeating: [], count: lineCount - 1)
        if lineCount > 1 { used = .infinity }
      } else {
        rows[rows.count - 1].append(index)
        used += needed
      }
    }
    return rows
  }

  private func lines(of text: String, on canvas: Canvas, width: Double) -> [String] {
    canvas.lines(of: text, ChartFont.label, width: width - Self.symbolWidth)
  }

  private func entryWidth(_ text: String, on canvas: Canvas, width: Double) -> Double {
    let widest = lines(of: text, on: canvas, width: width)
      .map { canvas.width(of: $0, ChartFont.label) }.max()
    return Self.symbolWidth + (widest ?? 0) + 14
  }

  private func noteLines(on canvas: Canvas, width: Double) -> [String] {
    notes.flatMap { canvas.lines(of: $0, ChartFont.note, width: width) }
  }
}
