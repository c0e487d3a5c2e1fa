/// The area between two axes, with its grid, ticks and labels.
struct Plot {
  /// Where data are drawn.
  let area: Rectangle
  let horizontal: Axis
  /// `nil` where rows, not numbers, lie above each other.
  let vertical: Axis?

  /// Divides a frame among a plot and its legend, and draws the axes and the legend.
  init(
    on canvas: Canvas, in frame: Rectangle, horizontal: Axis, vertical: Axis?, legend: Legend
  ) {
    let widestTick = vertical?.ticks.map { canvas.width(of: $0.text, ChartFont.tick) }.max() ?? 0
    let left = vertical == nil ? 2.0 : widestTick + 6 + 14
    // Half of the last tick's text reaches past the axis.
    let right =
      2 + (horizontal.ticks.last.map { canvas.width(of: $0.text, ChartFont.tick) } ?? 0) / 2
    let legendHeight = legend.height(on: canvas, width: frame.width)
    let bottom = 30 + legendHeight
    area = Rectangle(
      x: frame.x + left, y: frame.y + 6, width: frame.width - left - right,
      height: frame.height - 6 - bottom)
    self.horizontal = horizontal
    self.vertical = vertical
    drawAxes(on: canvas, left: frame.x)
    legend.draw(
      on: canvas, at: Point(frame.x, frame.bottom - legendHeight), width: frame.width)
  }

  /// Horizontal place of a value.
  func x(_ value: Double) -> Double { area.x + horizontal.place(of: value) * area.width }

  /// Vertical place of a value.
  func y(_ value: Double) -> Double {
    area.bottom - (vertical?.place(of: value) ?? 0) * area.height
  }

  private func drawAxes(on canvas: Canvas, left: Double) {
    let grid = Stroke(.faint, width: 0.5)
    let tickFont = ChartFont.tick
    var lastRight = -Double.infinity
    for tick in horizontal.ticks {
      let place = x(tick.value)
      canvas.line(from: Point(place, area.y), to: Point(place, area.bottom), grid)
      // On a logarithmic axis texts may come close: the one that does not fit is left out.
      let half = canvas.width(of: tick.text, tickFont) / 2
      guard place - half > lastRight + 4 else { continue }
      canvas.text(
        tick.text, at: Point(place, area.bottom + 11), tickFont, color: .gray, anchor: .middle)
      lastRight = place + half
    }
    for tick in vertical?.ticks ?? [] {
      let place = y(tick.value)
      canvas.line(from: Point(area.x, place), to: Point(area.right, place), grid)
      canvas.text(
        tick.text, at: Point(area.x - 5, place + 2.7), tickFont, color: .gray, anchor: .end)
    }
    canvas.line(
      from: Point(area.x, area.bottom), to: Point(area.right, area.bottom), Stroke(.ink, width: 0.8)
    )
    canvas.text(
      horizontal.label, at: Point(area.x + area.width / 2, area.bottom + 24), ChartFont.label,
      anchor: .middle)
    guard let vertical else { return }
    canvas.line(
      from: Point(area.x, area.y), to: Point(area.x, area.bottom), Stroke(.ink, width: 0.8))
    canvas.text(
      vertical.label, at: Point(left + 8, area.y + area.height / 2), ChartFont.label,
      anchor: .middle, upward: true)
  }
}
