/// A drawing made from typed data.
public protocol Chart: Sendable {
  /// What is shown, in one line above the drawing.
  var title: String { get }

  /// Height that suits the data.
  ///
  /// - Parameter width: Given width in points.
  func height(forWidth width: Double) -> Double

  /// Draws inside a frame, without the title.
  func draw(on canvas: Canvas, in frame: Rectangle)
}

extension Chart {
  /// Draws the chart as a file of its own.
  ///
  /// - Parameters:
  ///   - format: PDF, SVG or PNG.
  ///   - width: In points.
  /// - Returns: The bytes of the file.
  /// - Throws: `ChartError.drawing` if the graphics library fails.
  public func rendered(as format: Canvas.Format, width: Double = 500) throws(ChartError)
    -> [UInt8]
  {
    let margin = 10.0
    let inner = width - 2 * margin
    let font = ChartFont.title
    let ruler = try Canvas(format, size: Size(width, 10))
    let lines = ruler.lines(of: title, font, width: inner)
    let top = margin + Double(lines.count) * font.size * 1.35 + 2
    let height = height(forWidth: inner)
    // Whole points: a partly covered row of pixels would show as a line.
    let canvas = try Canvas(
      format, size: Size(width.rounded(.up), (top + height + margin).rounded(.up)), title: title)
    for (index, line) in lines.enumerated() {
      canvas.text(line, at: Point(margin, margin + font.size * (1 + 1.35 * Double(index))), font)
    }
    draw(on: canvas, in: Rectangle(x: margin, y: top, width: inner, height: height))
    return try canvas.finish()
  }
}

/// Typefaces of all charts.
package enum ChartFont {
  /// The line above a drawing.
  package static let title = Font(10, bold: true)
  /// Labels of axes, legends and nodes.
  package static let label = Font(8)
  /// Numbers at ticks.
  package static let tick = Font(7.5)
  /// Sentences under the legend.
  package static let note = Font(7.5)
}
