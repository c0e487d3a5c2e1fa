import CCairo

/// A page to draw on, as PDF, SVG or PNG from the same calls.
///
/// The same calls give the same bytes: dates are fixed, font metrics are not hinted, and names
/// inside SVG files are numbered anew. Errors of the graphics library are kept by it and thrown
/// by `finish`.
public final class Canvas {
  /// What the drawing becomes.
  public enum Format: String, CaseIterable, Sendable {
    case pdf, svg
    /// Two pixels a point (144 dpi).
    case png
  }

  /// Size of the page in points.
  public let size: Size
  let context: OpaquePointer
  private let surface: OpaquePointer
  private let format: Format
  private let sink: ByteSink

  /// Where Cairo writes to.
  private final class ByteSink {
    var bytes: [UInt8] = []

    static let write: cairo_write_func_t = { closure, data, count in
      guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
      Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue().bytes
        .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
      return CAIRO_STATUS_SUCCESS
    }
  }

  /// Opens the first page.
  ///
  /// - Parameters:
  ///   - size: Of every page, in points; each side from 1 to 14400 (PDF's limit).
  ///   - title: Title in a PDF's document properties.
  /// - Throws: `ChartError.size`, or `ChartError.drawing` if there is no memory.
  public init(_ format: Format, size: Size, title: String = "") throws(ChartError) {
    let sides = 1.0...14400
    guard sides.contains(size.width), sides.contains(size.height) else {
      throw .size(width: size.width, height: size.height)
    }
    self.format = format
    self.size = size
    let sink = ByteSink()
    self.sink = sink
    let closure = Unmanaged.passUnretained(sink).toOpaque()
    let pixelsPerPoint = 2.0
    let made =
      switch format {
      case .pdf:
        cairo_pdf_surface_create_for_stream(ByteSink.write, closure, size.width, size.height)
      case .svg:
        cairo_svg_surface_create_for_stream(ByteSink.write, closure, size.width, size.height)
      case .png:
        cairo_image_surface_create(
          CAIRO_FORMAT_RGB24, Int32((size.width * pixelsPerPoint).rounded(.up)),
          Int32((size.height * pixelsPerPoint).rounded(.up)))
      }
    guard let made, let context = cairo_create(made) else {
      throw .drawing(format: format.rawValue, reason: "no surface was made")
    }
    surface = made
    self.context = context
    if format == .pdf { describe(title: title) }
    if format == .png { cairo_scale(context, pixelsPerPoint, pixelsPerPoint) }
    useExactMetrics()
    if format != .pdf {
      fill(Rectangle(x: 0, y: 0, width: size.width, height: size.height), Color.white)
    }
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  private func describe(title: String) {
    // Fixed, because the same results must give the same bytes; a report's provenance page tells
    // what it was made from.
    let date = "2000-01-01T00:00:00Z"
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, date)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, date)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "searchlight")
  }

  private func useExactMetrics() {
    let options = cairo_font_options_create()
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo_set_font_options(context, options)
    cairo_font_options_destroy(options)
  }

  /// Ends the page and opens the next one of a PDF.
  public func nextPage() { cairo_show_page(context) }

  /// Ends the drawing.
  ///
  /// - Returns: The bytes of the file.
  /// - Throws: `ChartError.drawing` with what went wrong at any call before.
  public func finish() throws(ChartError) -> [UInt8] {
    try check(cairo_status(context))
    if format == .png {
      cairo_surface_flush(surface)
      try check(
        cairo_surface_write_to_png_stream(
          surface, ByteSink.write, Unmanaged.passUnretained(sink).toOpaque()))
    }
    cairo_surface_finish(surface)
    try check(cairo_surface_status(surface))
    return format == .svg ? Self.renumbered(sink.bytes) : sink.bytes
  }

  private func check(_ status: cairo_status_t) throws(ChartError) {
    if status == CAIRO_STATUS_SUCCESS { return }
    let reason = cairo_status_to_string(status).map { String(cString: $0) } ?? "unknown"
    throw .drawing(format: format.rawValue, reason: reason)
  }

  /// Replaces the running numbers of surfaces, which count all drawings of the process.
  private static func renumbered(_ bytes: [UInt8]) -> [UInt8] {
    let name = Array("surface".utf8)
    var numbers: [[UInt8]] = []
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      guard bytes[index] == name[0], bytes[index...].starts(with: name) else {
        result.append(bytes[index])
        index += 1
        continue
      }
      index += name.count
      let digits = Array(bytes[index...].prefix { $0 >= 48 && $0 <= 57 })
      index += digits.count
      result += name
      if digits.isEmpty { continue }
      if !numbers.contains(digits) { numbers.append(digits) }
      result += Array(String(numbers.firstIndex(of: digits) ?? 0).utf8)
    }
    return result
  }
}
