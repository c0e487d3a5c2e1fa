import Charts

/// Sets text, tables and charts on A4 pages, from top to bottom.
///
/// What does not fit any more goes to the next page. The number of pages stands in each footer and
/// is known only at the end, so a document is composed twice.
package final class PageComposer {
  /// A4, in points.
  package static let pageSize = Size(595.28, 841.89)
  /// Space on the left, on the right and above, in points.
  package static let margin = 54.0
  static let bottom = 62.0

  /// What is drawn on.
  package let canvas: Canvas
  /// Where the next thing is set: its upper edge.
  package private(set) var y = PageComposer.margin
  /// Number of the page, from 1.
  package private(set) var page = 1
  private let footer: String
  private let totalPages: Int?

  /// Width between the margins.
  package var width: Double { Self.pageSize.width - 2 * Self.margin }
  /// Height between the margins.
  package var pageHeight: Double { Self.pageSize.height - Self.margin - Self.bottom }
  /// Height left on this page.
  package var room: Double { Self.pageSize.height - Self.bottom - y }

  /// Opens the first page.
  ///
  /// - Parameters:
  ///   - footer: Printed on every page.
  ///   - totalPages: `nil` while it is being counted.
  package init(title: String, footer: String, totalPages: Int?) throws(ChartError) {
    canvas = try Canvas(.pdf, size: Self.pageSize, title: title)
    self.footer = footer
    self.totalPages = totalPages
    drawFooter()
  }

  /// Goes to the next page unless there is room for a height; what is higher than a page begins
  /// on a new one.
  package func ensure(_ height: Double) {
    if height > room, y > Self.margin { nextPage() }
  }

  /// Goes to the next page.
  package func nextPage() {
    canvas.nextPage()
    page += 1
    y = Self.margin
    drawFooter()
  }

  /// Leaves a space, unless the page begins here.
  package func space(_ height: Double) {
    if y > Self.margin { y += height }
  }

  /// Moves down past something that was drawn.
  package func advance(_ height: Double) { y += height }

  /// Sets a heading that stays with what follows.
  ///
  /// - Parameter keep: Height that must fit under the heading on the same page.
  package func heading(_ text: String, size: Double = 12, keep: Double = 60) {
    let font = Font(size, bold: true)
    let lines = canvas.lines(of: text, font, width: width)
    space(size)
    ensure(Double(lines.count) * size * 1.35 + keep)
    set(lines, font, color: .ink, indent: 0)
    advance(3)
  }

  /// Sets a paragraph; it may go on over a page's end.
  package func paragraph(
    _ text: String, _ font: Font = Font(9), color: Color = .ink, indent: Double = 0
  ) {
    set(canvas.lines(of: text, font, width: width - indent), font, color: color, indent: indent)
    advance(3)
  }

  /// Sets lines as they are, each broken only if it is too long.
  package func verbatim(_ text: String, _ font: Font) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      // Indentation is meaning here, and is lost when a line is broken at its spaces.
      let indent = line.prefix { $0 == " " }
      let shift = canvas.width(of: String(indent), font)
      let parts = canvas.lines(of: String(line.dropFirst(indent.count)), font, width: width - shift)
      set(parts, font, color: .ink, indent: shift)
    }
  }

  /// Sets a chart with a numbered caption under it; both stay together.
  package func figure(_ figure: Figure, number: Int, id: String) {
    let caption = caption(of: figure, number: number, id: id)
    let chartHeight = min(
      figure.chart.height(forWidth: width), pageHeight - Double(caption.count) * 11 - 20)
    space(8)
    ensure(chartHeight + Double(caption.count) * 11 + 8)
    figure.chart.draw(
      on: canvas, in: Rectangle(x: Self.margin, y: y, width: width, height: chartHeight))
    advance(chartHeight + 2)
    set(caption, Font(8), color: .ink, indent: 0)
    advance(6)
  }

  /// Height that a chart takes with its caption.
  package func height(of figure: Figure) -> Double {
    figure.chart.height(forWidth: width) + Double(
      caption(of: figure, number: 10, id: figure.name).count) * 11 + 24
  }

  private func caption(of figure: Figure, number: Int, id: String) -> [String] {
    let text = figure.explanation.isEmpty ? "" : " \(figure.explanation)"
    return canvas.lines(
      of: "Figure \(number) [\(id)]. "
        + (figure.chart.title.isEmpty ? text.drop { $0 == " " } : "\(figure.chart.title).\(text)"),
      Font(8), width: width)
  }

  /// Ends the document.
  ///
  /// - Returns: The bytes of the PDF.
  package func finish() throws(ChartError) -> [UInt8] { try canvas.finish() }

  private func set(_ lines: [String], _ font: Font, color: Color, indent: Double) {
    let height = font.size * 1.35
    for line in lines {
      ensure(height)
      canvas.text(
        line, at: Point(Self.margin + indent, y + font.size), font, color: color)
      advance(height)
    }
  }

  private func drawFooter() {
    let font = Font(7.5)
    let line = Self.pageSize.height - 40
    canvas.line(
      from: Point(Self.margin, line - 11), to: Point(Self.margin + width, line - 11),
      Stroke(.faint, width: 0.7))
    let number = totalPages.map { "page \(page) of \($0)" } ?? "page \(page)"
    let space = width - canvas.width(of: number, font) - 12
    for (index, text) in canvas.lines(of: footer, font, width: space).prefix(2).enumerated() {
      canvas.text(
        text, at: Point(Self.margin, line + 10 * Double(index)), font, color: .gray)
    }
    canvas.text(
      number, at: Point(Self.margin + width, line), font, color: .gray, anchor: .end)
  }
}
