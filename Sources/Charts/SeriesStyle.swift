/// A colour, each part from 0 to 1.
public struct Color: Hashable, Sendable {
  /// Part of red, from 0 to 1.
  public let red: Double
  /// Part of green, from 0 to 1.
  public let green: Double
  /// Part of blue, from 0 to 1.
  public let blue: Double

  /// Takes the colour as 0xRRGGBB.
  public init(_ code: UInt32) {
    red = Double(code >> 16 & 255) / 255
    green = Double(code >> 8 & 255) / 255
    blue = Double(code & 255) / 255
  }

  /// Text and axes.
  public static let ink = Color(0x1A1A1A)
  /// Secondary text and ticks.
  public static let gray = Color(0x5E5E5E)
  /// Grid lines and rules.
  public static let faint = Color(0xDADADA)
  /// Paper.
  public static let white = Color(0xFFFFFF)
}

/// How a line is drawn.
public struct Stroke: Hashable, Sendable {
  /// Of the line.
  public var color: Color
  /// In points.
  public var width: Double
  /// Lengths in points drawn and left out in turn; empty for a solid line.
  public var dash: [Double]

  public init(_ color: Color, width: Double = 1, dash: [Double] = []) {
    self.color = color
    self.width = width
    self.dash = dash
  }
}

/// Shape of a drawn point.
public enum Marker: CaseIterable, Sendable {
  case circle, square, diamond, triangle
}

/// How the series of one method looks, in every chart.
///
/// Series differ in colour and in line pattern, so that they are told apart in print and by
/// readers who see colours differently. Colours: Okabe & Ito, Color Universal Design (2008), in an
/// order that keeps neighbours apart, without yellow, which is too faint for lines.
public struct SeriesStyle: Hashable, Sendable {
  /// Of lines and points.
  public let color: Color
  /// Lengths in points drawn and left out in turn; empty for a solid line.
  public let dash: [Double]

  /// The style of the n-th series.
  ///
  /// - Parameter index: From 0; after seven, colours return with other patterns.
  public init(_ index: Int) {
    let colors: [UInt32] = [
      0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0x000000, 0x56B4E9, 0xE69F00,
    ]
    let dashes: [[Double]] = [[], [6, 2.5], [1.5, 1.6], [7, 2, 1.5, 2], [3, 1.5]]
    let place = max(0, index)
    color = Color(colors[place % colors.count])
    dash = dashes[place % dashes.count]
  }

  /// A line in this style.
  public func stroke(width: Double = 1.4) -> Stroke { Stroke(color, width: width, dash: dash) }
}
