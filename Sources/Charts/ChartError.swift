/// A drawing that could not be made.
public enum ChartError: Error, Hashable, CustomStringConvertible, Sendable {
  /// The graphics library refused; its own words.
  case drawing(format: String, reason: String)
  /// A page too large or without area, in points.
  case size(width: Double, height: Double)

  public var description: String {
    switch self {
    case .drawing(let format, let reason):
      "cannot draw \(format): Cairo says “\(reason)”; "
        + "check free memory and that fonts-dejavu-core is installed"
    case .size(let width, let height):
      "cannot draw a page of \(width) x \(height) points: both must be from 1 to 14400"
    }
  }
}
