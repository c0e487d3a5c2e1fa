import Charts

/// A table of texts.
package struct ReportTable: Sendable {
  /// A column.
  package struct Column: Sendable {
    /// Printed in the header.
    package let title: String
    /// Whether cells are numbers: set flush right and never broken.
    package let isNumber: Bool

    package init(_ title: String, isNumber: Bool = true) {
      self.title = title
      self.isNumber = isNumber
    }
  }

  /// Part of its id, unique within the report; empty for a table without one.
  package var name = ""
  /// Printed above the table, after its number.
  package let caption: String
  /// From left to right.
  package let columns: [Column]
  /// As many cells a row as there are columns.
  package let rows: [[String]]

  package init(caption: String, columns: [Column], rows: [[String]]) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }

  /// A table without the columns in which nothing is known.
  package static func withoutEmptyColumns(
    caption: String, columns: [Column], rows: [[String]]
  ) -> ReportTable {
    let known = columns.indices.filter { column in
      rows.isEmpty || rows.contains { $0[column] != NumberText.unknown }
    }
    return ReportTable(
      caption: caption, columns: known.map { columns[$0] },
      rows: rows.map { row in known.map { row[$0] } })
  }
}

extension PageComposer {
  /// Sets a table; its rows go on over pages, each with the header again.
  ///
  /// - Parameters:
  ///   - number: `nil` for a table that nothing refers to.
  ///   - id: What `searchlight explain` takes.
  package func table(_ table: ReportTable, number: Int?, id: String? = nil) {
    let layout = TableLayout(table, canvas: canvas, width: width)
    let name = number.map { "Table \($0)\(id.map { " [\($0)]" } ?? ""). " } ?? ""
    let caption = canvas.lines(of: name + table.caption, Font(8), width: width)
    space(8)
    let top = Double(caption.count) * 11 + layout.height(of: layout.header) + 12
    let whole = layout.rows.reduce(top) { $0 + layout.height(of: $1) }
    // A table of up to most of a page is not torn apart; a longer one begins where it stands.
    let first = layout.rows.first.map { layout.height(of: $0) } ?? 0
    ensure(whole < 0.7 * pageHeight ? whole : top + first)
    for line in caption {
      canvas.text(line, at: Point(Self.margin, y + 8), Font(8))
      advance(11)
    }
    advance(3)
    drawHeader(layout)
    for row in layout.rows {
      let height = layout.height(of: row)
      if height > room, y > Self.margin {
        rule(0.8)
        nextPage()
        canvas.text(
          number.map { "Table \($0), continued" } ?? "continued", at: Point(Self.margin, y + 8),
          Font(8))
        advance(14)
        drawHeader(layout)
      }
      draw(row, layout, bold: false)
    }
    rule(0.8)
    advance(8)
  }

  private func drawHeader(_ layout: TableLayout) {
    rule(0.8)
    draw(layout.header, layout, bold: true)
    rule(0.4)
  }

  private func rule(_ thickness: Double) {
    canvas.line(
      from: Point(Self.margin, y), to: Point(Self.margin + width, y),
      Stroke(.ink, width: thickness))
    advance(1)
  }

  private func draw(_ row: [[String]], _ layout: TableLayout, bold: Bool) {
    var x = Self.margin
    for (index, lines) in row.enumerated() {
      let isNumber = layout.columns[index].isNumber
      for (place, line) in lines.enumerated() {
        canvas.text(
          line,
          at: Point(
            isNumber ? x + layout.widths[index] : x,
            y + 2 + layout.font.size + Double(place) * layout.lineHeight),
          Font(layout.font.size, bold: bold), anchor: isNumber ? .end : .start)
      }
      x += layout.widths[index] + layout.gap
    }
    advance(layout.height(of: row))
  }
}

/// Widths of a table's columns, and its cells broken into lines.
private struct TableLayout {
  let font: Font
  let gap: Double
  let columns: [ReportTable.Column]
  let widths: [Double]
  let header: [[String]]
  let rows: [[[String]]]

  var lineHeight: Double { font.size * 1.3 }

  func height(of row: [[String]]) -> Double {
    Double(row.map(\.count).max() ?? 1) * lineHeight + 4
  }

  init(_ table: ReportTable, canvas: Canvas, width: Double) {
    // Smaller type until the numbers leave room for the texts.
    var layout = Self.widths(of: table, canvas: canvas, width: width, size: 8)
    var size = 8.0
    while !layout.fits, size > 5 {
      size -= 0.5
      layout = Self.widths(of: table, canvas: canvas, width: width, size: size)
    }
    let font = Font(size)
    let gap = size
    let widths = layout.widths
    func broken(_ cells: [String], _ font: Font) -> [[String]] {
      cells.enumerated().map { canvas.lines(of: $1, font, width: widths[$0] + 0.01) }
    }
    self.font = font
    self.gap = gap
    self.widths = widths
    columns = table.columns
    header = broken(table.columns.map(\.title), Font(size, bold: true))
    rows = table.rows.map { broken($0, font) }
  }

  private static func widths(
    of table: ReportTable, canvas: Canvas, width: Double, size: Double
  ) -> (widths: [Double], fits: Bool) {
    let font = Font(size)
    let bold = Font(size, bold: true)
    let gap = size
    var natural: [Double] = []
    var least: [Double] = []
    for (index, column) in table.columns.enumerated() {
      let words = column.title.split(separator: " ").map { canvas.width(of: String($0), bold) }
      let cells = table.rows.map { canvas.width(of: $0[index], font) }
      let widest = max(words.max() ?? 0, cells.max() ?? 0)
      natural.append(widest)
      // A text can be broken; a number cannot.
      least.append(column.isNumber ? widest : min(widest, max(words.max() ?? 0, 11 * size)))
    }
    let available = width - gap * Double(max(0, table.columns.count - 1))
    let need = natural.reduce(0, +)
    let floor = least.reduce(0, +)
    if need <= available {
      // Spare width goes between the columns, up to a look that still reads as rows.
      let spare = min(30, (available - need) / Double(max(1, natural.count)))
      return (natural.map { $0 + spare }, true)
    }
    // Narrow columns keep their width; the wide ones share what is left equally.
    var fitted = least
    var open = natural.indices.filter { natural[$0] > least[$0] }
    while !open.isEmpty {
      let taken = fitted.indices.filter { !open.contains($0) }.reduce(0) { $0 + fitted[$1] }
      let share = (available - taken) / Double(open.count)
      let satisfied = open.filter { natural[$0] <= share }
      for index in open { fitted[index] = max(least[index], min(natural[index], share)) }
      if satisfied.isEmpty { break }
      open.removeAll { satisfied.contains($0) }
    }
    return (fitted.map { $0 * min(1, available / fitted.reduce(0, +)) }, floor <= available)
  }
}
