import CCairo

/// A typeface in a size.
public struct Font: Hashable, Sendable {
  /// Height of the em square in points.
  public var size: Double
  /// Whether the strokes are thick.
  public var isBold: Bool
  /// Whether all glyphs have the same width.
  public var isMonospaced: Bool

  public init(_ size: Double, bold: Bool = false, monospaced: Bool = false) {
    self.size = size
    isBold = bold
    isMonospaced = monospaced
  }
}

/// Which part of a text lies at its position.
public enum TextAnchor: Sendable {
  case start, middle, end
}

extension Canvas {
  /// Draws a line along a path.
  public func stroke(_ path: Path, _ stroke: Stroke) {
    trace(path)
    setColor(stroke.color, opacity: 1)
    cairo_set_line_width(context, stroke.width)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_dash(context, stroke.dash, Int32(stroke.dash.count), 0)
    cairo_stroke(context)
  }

  /// Draws a straight line.
  public func line(from start: Point, to end: Point, _ stroke: Stroke) {
    self.stroke(Path(through: [start, end]), stroke)
  }

  /// Fills a path.
  ///
  /// - Parameter opacity: From 0, nothing, to 1, covering.
  public func fill(_ path: Path, _ color: Color, opacity: Double = 1) {
    trace(path)
    setColor(color, opacity: opacity)
    cairo_fill(context)
  }

  /// Fills a rectangle.
  public func fill(_ area: Rectangle, _ color: Color, opacity: Double = 1) {
    cairo_rectangle(context, area.x, area.y, area.width, area.height)
    setColor(color, opacity: opacity)
    cairo_fill(context)
  }

  /// Draws the outline of a rectangle.
  public func stroke(_ area: Rectangle, _ stroke: Stroke) {
    let corners = [
      Point(area.x, area.y), Point(area.right, area.y), Point(area.right, area.bottom),
      Point(area.x, area.bottom),
    ]
    self.stroke(Path(through: corners, closed: true), stroke)
  }

  /// Draws only what falls inside a rectangle.
  public func clipped(to area: Rectangle, _ draw: () -> Void) {
    cairo_save(context)
    cairo_rectangle(context, area.x, area.y, area.width, area.height)
    cairo_clip(context)
    draw()
    cairo_restore(context)
  }

  /// Draws a point.
  ///
  /// - Parameters:
  ///   - radius: Half its width, in points.
  ///   - hollow: Whether only the outline is drawn, on white.
  public func marker(
    _ shape: Marker, at center: Point, radius: Double, _ color: Color, hollow: Bool = false,
    opacity: Double = 1
  ) {
    let (x, y, r) = (center.x, center.y, radius)
    cairo_new_path(context)
    switch shape {
    case .circle: cairo_arc(context, x, y, r, 0, 2 * Double.pi)
    case .square: cairo_rectangle(context, x - r, y - r, 2 * r, 2 * r)
    case .diamond:
      trace(
        Path(
          through: [Point(x, y - r), Point(x + r, y), Point(x, y + r), Point(x - r, y)],
          closed: true))
    case .triangle:
      trace(
        Path(through: [Point(x, y - r), Point(x + r, y + r), Point(x - r, y + r)], closed: true))
    }
    setColor(hollow ? .white : color, opacity: opacity)
    if hollow {
      cairo_fill_preserve(context)
      setColor(color, opacity: 1)
      cairo_set_line_width(context, 1)
      cairo_set_dash(context, nil, 0, 0)
      cairo_stroke(context)
    } else {
      cairo_fill(context)
    }
  }

  /// Writes one line of text.
  ///
  /// - Parameters:
  ///   - position: Of the anchor, on the baseline.
  ///   - upward: Whether the line runs from bottom to top.
  public func text(
    _ text: String, at position: Point, _ font: Font, color: Color = .ink,
    anchor: TextAnchor = .start, upward: Bool = false
  ) {
    let shown = Self.printable(text)
    let width = width(of: shown, font)
    let shift =
      switch anchor {
      case .start: 0.0
      case .middle: -width / 2
      case .end: -width
      }
    cairo_save(context)
    select(font)
    setColor(color, opacity: 1)
    cairo_translate(context, position.x, position.y)
    if upward { cairo_rotate(context, -Double.pi / 2) }
    cairo_move_to(context, shift, 0)
    cairo_show_text(context, shown)
    cairo_restore(context)
  }

  /// Width of one line of text in points.
  public func width(of text: String, _ font: Font) -> Double {
    cairo_save(context)
    select(font)
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, Self.printable(text), &extents)
    cairo_restore(context)
    return extents.x_advance
  }

  /// Breaks a text into lines that fit a width.
  ///
  /// Lines break at spaces; a word longer than a line breaks after a hyphen, a slash or an
  /// underscore if it has one, else between letters. Nothing is left out.
  public func lines(of text: String, _ font: Font, width limit: Double) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ") {
        let candidate = line.isEmpty ? String(word) : line + " " + word
        if width(of: candidate, font) <= limit {
          line = candidate
          continue
        }
        if !line.isEmpty { lines.append(line) }
        line = String(word)
        while width(of: line, font) > limit, line.count > 1 {
          let head = longestHead(of: line, font, width: limit)
          lines.append(head)
          line = String(line.dropFirst(head.count))
        }
      }
      lines.append(line)
    }
    return lines
  }

  private func longestHead(of word: String, _ font: Font, width limit: Double) -> String {
    let characters = Array(word)
    var low = 1
    var high = characters.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if width(of: String(characters[..<middle]), font) <= limit {
        low = middle
      } else {
        high = middle - 1
      }
    }
    let fitting = characters[..<max(low, 1)]
    let breaks: Set<Character> = ["-", "/", "_", "|", "+", ","]
    if let last = fitting.lastIndex(where: breaks.contains), last >= low / 3 {
      return String(characters[...last])
    }
    return String(fitting)
  }

  private static func printable(_ text: String) -> String {
    // A control character would end or garble the text inside Cairo.
    let isPrintable: (Unicode.Scalar) -> Bool = { $0.value >= 32 && $0.value != 127 }
    if text.unicodeScalars.allSatisfy(isPrintable) { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { shown.append(isPrintable(scalar) ? scalar : " ") }
    return String(shown)
  }

  private func select(_ font: Font) {
    cairo_select_font_face(
      context, font.isMonospaced ? "DejaVu Sans Mono" : "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
      font.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, font.size)
  }

  private func setColor(_ color: Color, opacity: Double) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
  }

  private func trace(_ path: Path) {
    cairo_new_path(context)
    for element in path.elements {
      switch element {
      case .move(let point): cairo_move_to(context, point.x, point.y)
      case .line(let point): cairo_line_to(context, point.x, point.y)
      case .curve(let first, let second, let end):
        cairo_curve_to(context, first.x, first.y, second.x, second.y, end.x, end.y)
      case .close: cairo_close_path(context)
      }
    }
  }
}
