import Checks

/// Sizes of a batch of images: batch, height, width, channels. A matrix has height and width 1.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  public var batch: Int
  public var height: Int
  public var width: Int
  public var channels: Int

  public init(_ batch: Int, _ height: Int, _ width: Int, _ channels: Int) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Rows and columns of a matrix.
  public init(rows: Int, columns: Int) { self.init(rows, 1, 1, columns) }

  public var pixels: Int { batch * height * width }
  public var count: Int { pixels * channels }
  public var description: String { "[\(batch), \(height), \(width), \(channels)]" }
}

/// A batch of images in `N, H, W, C` order, channels innermost.
///
/// A tensor may be a slice of the channels of a wider one: `pixelStride` is the distance between
/// pixels. Not `Sendable`: a tensor belongs to the thread of its context.
public final class Tensor {
  public let shape: Shape
  /// Distance between neighbouring pixels, in floats; at least the number of channels.
  public let pixelStride: Int
  /// Whether anything trainable lies upstream.
  public let requiresGradient: Bool

  /// What a rectifier made of this tensor, while it is in use.
  weak var rectified: Tensor?

  let storage: Storage
  let offset: Int
  private let parent: Tensor?
  private var ownGradient: Tensor?
  /// Whether other tensors may hold the same gradient: it is copied before it changes.
  private(set) var sharesGradient = false

  init(shape: Shape, storage: Storage, requiresGradient: Bool) {
    self.shape = shape
    self.storage = storage
    self.requiresGradient = requiresGradient
    pixelStride = shape.channels
    offset = 0
    parent = nil
  }

  private init(channels: Range<Int>, of parent: Tensor) {
    var shape = parent.shape
    shape.channels = channels.count
    self.shape = shape
    self.parent = parent
    storage = parent.storage
    pixelStride = parent.pixelStride
    offset = parent.offset + channels.lowerBound
    requiresGradient = parent.requiresGradient
  }

  /// A view of some channels: the same memory, and the same gradient.
  public func slice(channels: Range<Int>) -> Tensor {
    check(
      channels.lowerBound >= 0 && channels.upperBound <= shape.channels && !channels.isEmpty,
      "slice: channels \(channels) of a tensor \(shape)")
    return Tensor(channels: channels, of: self)
  }

  var isPacked: Bool { pixelStride == shape.channels }
  var floats: UnsafeMutablePointer<Float> { storage.floats + offset }

  /// The derivative of the loss with respect to this tensor; `nil` where none has arrived.
  package var gradient: Tensor? {
    guard let parent else { return ownGradient }
    guard let wide = parent.gradient else { return nil }
    return Tensor(
      channels: offset - parent.offset..<offset - parent.offset + shape.channels, of: wide)
  }

  /// Where a consumer puts its part of the gradient, and whether it adds to what is there.
  func gradientSink(_ tape: Tape) -> (tensor: Tensor, accumulates: Bool) {
    if let parent {
      let (wide, accumulates) = parent.gradientSink(tape)
      // Slices fill a wide gradient piece by piece, so it starts from zero.
      if !accumulates { tape.fill(wide, with: 0) }
      if let gradient { return (gradient, true) }
    }
    stopSharingGradient(tape)
    if let ownGradient { return (ownGradient, true) }
    let made = tape.empty(shape, requiresGradient: false)
    ownGradient = made
    return (made, false)
  }

  private func stopSharingGradient(_ tape: Tape) {
    guard sharesGradient else { return }
    sharesGradient = false
    guard !isKnownUniquelyReferenced(&ownGradient), let shared = ownGradient else { return }
    let copy = tape.empty(shape, requiresGradient: false)
    tape.compute { $0.copy(shared, to: copy, accumulates: false) }
    ownGradient = copy
  }

  /// Takes a part of the gradient that nobody will change any more: the first part is kept as it
  /// is, without a copy, though other tensors may take the same one.
  func takeGradient(_ part: Tensor, _ tape: Tape) {
    if parent == nil && ownGradient == nil {
      ownGradient = part
      sharesGradient = true
      return
    }
    let (sink, accumulates) = gradientSink(tape)
    tape.compute { $0.copy(part, to: sink, accumulates: accumulates) }
  }

  func dropGradient() {
    ownGradient = nil
    sharesGradient = false
  }

  /// Copies the values out, pixel by pixel.
  public func values() -> [Float] {
    var copy = [Float](repeating: 0, count: shape.count)
    for pixel in 0..<shape.pixels {
      for channel in 0..<shape.channels {
        copy[pixel * shape.channels + channel] = floats[pixel * pixelStride + channel]
      }
    }
    return copy
  }

  /// Copies values in, pixel by pixel.
  public func assign(_ values: [Float]) {
    check(values.count == shape.count, "assign: \(values.count) values to a tensor \(shape)")
    for pixel in 0..<shape.pixels {
      for channel in 0..<shape.channels {
        floats[pixel * pixelStride + channel] = values[pixel * shape.channels + channel]
      }
    }
  }
}
