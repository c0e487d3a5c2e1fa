import CKernels
import Checks

/// Where one training image is cut from, and what is cut out of it.
public struct Placement: Hashable, Sendable {
  /// Offset of the crop, in pixels; 0 is the image itself.
  public var row: Int
  public var column: Int
  public var isFlipped: Bool
  /// Centre of the square set to zero; half its side, 0 for none.
  public var cutoutRow: Int
  public var cutoutColumn: Int
  public var cutoutHalfSide: Int

  public init(
    row: Int = 0, column: Int = 0, isFlipped: Bool = false, cutoutRow: Int = 0,
    cutoutColumn: Int = 0, cutoutHalfSide: Int = 0
  ) {
    self.row = row
    self.column = column
    self.isFlipped = isFlipped
    self.cutoutRow = cutoutRow
    self.cutoutColumn = cutoutColumn
    self.cutoutHalfSide = cutoutHalfSide
  }
}

extension Tape {
  /// Makes a batch of normalised images from bytes.
  ///
  /// Pixels outside the image are black before normalisation; the cut-out square is zero after it
  /// (DeVries & Taylor 2017, arXiv 1708.04552, as DARTS' code has it).
  ///
  /// - Parameters:
  ///   - pixels: All images, `N, H, W, C`, a byte a value.
  ///   - indices: Which images, in order.
  ///   - placements: One for each index.
  ///   - mean: Mean of each channel, of values from 0 to 1.
  ///   - deviation: Standard deviation of each channel.
  public func images(
    _ pixels: [UInt8], size: (height: Int, width: Int, channels: Int), indices: [Int32],
    placements: [Placement], mean: [Float], deviation: [Float]
  ) -> Tensor {
    let imageBytes = size.height * size.width * size.channels
    check(
      indices.allSatisfy { $0 >= 0 && (Int($0) + 1) * imageBytes <= pixels.count },
      "images: an index outside the \(pixels.count / imageBytes) images")
    check(placements.count == indices.count, "images: \(placements.count) placements")
    let output = empty(
      Shape(indices.count, size.height, size.width, size.channels), requiresGradient: false)
    compute { context in
      let places = placements.flatMap { place in
        [
          place.row, place.column, place.isFlipped ? 1 : 0, place.cutoutRow, place.cutoutColumn,
          place.cutoutHalfSide,
        ].map { Int16($0) }
      }
      let scale = deviation.map { 1 / (255 * $0) }
      let shift = zip(mean, deviation).map { -$0 / $1 }
      context.kernels.augment(
        context.pool, Int32(indices.count), Int32(size.height), Int32(size.width),
        Int32(size.channels), pixels, indices, places, scale, shift, output.floats)
    }
    return output
  }
}
