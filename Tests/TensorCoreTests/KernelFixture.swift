import CKernels
import Randomness
import Testing

/// A kernel table with its threads, and random buffers.
final class KernelFixture {
  let table: ck_table
  let pool: OpaquePointer

  init?(_ name: String, threads: Int32) {
    guard let table = ck_table_named(name), let pool = ck_pool_create(threads) else { return nil }
    self.table = table.pointee
    self.pool = pool
  }

  deinit { ck_pool_destroy(pool) }

  /// The tables that this processor runs.
  static let names = (["avx512", "avx2", "generic"] as [String]).filter {
    ck_table_named($0) != nil
  }

  /// Values from -1 to 1, some of them exactly 0.
  static func values(_ count: Int, _ purpose: String) -> [Float] {
    var generator = RandomKey(seed: 7).child(purpose).generator()
    return (0..<count).map { _ in
      generator.bernoulli(0.05) ? 0 : Float(generator.uniform(in: -1...1))
    }
  }
}

/// A convolution or pooling shape of the test grid.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
  var n = 3, h = 8, w = 8, c = 16, f = 16, kh = 3, kw = 3
  var stride = 1, dilation = 1, groups = 1, top: Int? = nil, extraX = 0, extraY = 0
  /// Step between columns where it differs from `stride`.
  var columnStride: Int?

  var testDescription: String {
    "n\(n) \(h)x\(w) \(c)->\(f) k\(kh)x\(kw) s\(stride)\(columnStride.map { "x\($0)" } ?? "") d\(dilation) g\(groups) ld+\(extraX)+\(extraY)"
  }

  var geometry: ck_conv {
    let top = self.top ?? dilation * (kh - 1) / 2
    let left = self.top ?? dilation * (kw - 1) / 2
    let oh = (h + 2 * max(0, top) - dilation * (kh - 1) - 1) / stride + 1
    let ow = (w + 2 * max(0, left) - dilation * (kw - 1) - 1) / (columnStride ?? stride) + 1
    return ck_conv(
      n: Int32(n), h: Int32(h), w: Int32(w), c: Int32(c), oh: Int32(oh), ow: Int32(ow),
      f: Int32(f), kh: Int32(kh), kw: Int32(kw), stride: Int32(stride),
      dilation: Int32(dilation), groups: Int32(groups), top: Int32(top), left: Int32(left),
      ldx: Int32(c + extraX), ldy: Int32(f + extraY), column_stride: Int32(columnStride ?? 0))
  }

  var isDepthwise: Bool { groups == c && c == f }
  var inputCount: Int { n * h * w * (c + extraX) }
  var outputCount: Int { Int(geometry.n * geometry.oh * geometry.ow * geometry.ldy) }
  var filterCount: Int { kh * kw * c / groups * f }

  /// Channels that are not multiples of a vector, odd sizes, strides, dilations, groups, slices.
  static let grid: [ConvolutionCase] = [
    .init(), .init(c: 3), .init(h: 32, w: 32, c: 3, f: 16), .init(c: 17, f: 33),
    .init(h: 7, w: 9, c: 5, f: 36), .init(c: 32, f: 64, stride: 2),
    .init(h: 9, w: 7, c: 12, f: 20, stride: 2), .init(c: 24, f: 24, kh: 5, kw: 5),
    .init(h: 6, w: 11, c: 8, f: 4, kh: 1, kw: 7), .init(h: 11, w: 6, c: 8, f: 4, kh: 7, kw: 1),
    .init(c: 16, f: 16, kh: 7, kw: 7), .init(c: 16, f: 36, kh: 1, kw: 1),
    .init(c: 36, f: 16, kh: 1, kw: 1, extraX: 4, extraY: 8),
    .init(c: 16, f: 32, kh: 1, kw: 1, stride: 2),
    .init(c: 16, f: 16, kh: 1, kw: 1, stride: 2, top: -1),
    .init(h: 9, w: 9, c: 6, f: 8, kh: 1, kw: 1, stride: 2, top: -1),
    .init(c: 16, f: 16, dilation: 2), .init(c: 8, f: 40, kh: 5, kw: 5, dilation: 2),
    .init(c: 12, f: 12, stride: 2, dilation: 2), .init(c: 8, f: 16, groups: 2),
    .init(c: 24, f: 12, stride: 2, groups: 4), .init(c: 4, f: 8, groups: 4),
    .init(c: 6, f: 6, extraX: 3, extraY: 5), .init(h: 5, w: 5, c: 8, f: 8, kh: 5, kw: 5, top: 0),
    .init(h: 8, w: 8, c: 8, f: 8, kh: 2, kw: 2, stride: 2, top: 0),
    .init(h: 10, w: 10, c: 5, f: 7, stride: 3), .init(n: 1, h: 1, w: 1, c: 1, f: 1),
    .init(n: 33, h: 4, w: 4, c: 16, f: 48),
    .init(c: 16, f: 16, groups: 16), .init(c: 17, f: 17, groups: 17),
    .init(h: 7, w: 9, c: 36, f: 36, kh: 5, kw: 5, groups: 36),
    .init(c: 24, f: 24, stride: 2, groups: 24), .init(c: 20, f: 20, dilation: 2, groups: 20),
    .init(c: 16, f: 16, kh: 5, kw: 5, stride: 2, dilation: 2, groups: 16),
    .init(h: 9, w: 5, c: 40, f: 40, kh: 7, kw: 7, groups: 40, extraX: 8, extraY: 4),
    .init(n: 20, h: 6, w: 6, c: 3, f: 3, groups: 3),
    // 1x7 and 7x1, 1x3 and 3x1 that halve the width or the height alone.
    .init(h: 8, w: 12, c: 8, f: 8, kh: 1, kw: 7, columnStride: 2),
    .init(h: 9, w: 5, c: 17, f: 20, kh: 7, kw: 1, stride: 2, columnStride: 1),
    .init(h: 7, w: 9, c: 5, f: 12, kh: 1, kw: 3, extraX: 3, extraY: 5, columnStride: 2),
    .init(h: 8, w: 8, c: 36, f: 18, kh: 3, kw: 1, stride: 2, columnStride: 1),
    .init(h: 6, w: 10, c: 16, f: 16, kh: 1, kw: 1, columnStride: 2),
    .init(n: 4, h: 16, w: 16, c: 16, f: 16, columnStride: 2),
    // Large windows of stride 2, some larger than the image.
    .init(h: 9, w: 8, c: 20, f: 20, kh: 7, kw: 7, stride: 2, groups: 20),
    .init(h: 4, w: 3, c: 16, f: 16, kh: 7, kw: 7, stride: 2, groups: 16),
    .init(h: 9, w: 8, c: 20, f: 20, kh: 7, kw: 7, stride: 2),
    .init(h: 4, w: 3, c: 12, f: 12, kh: 5, kw: 5, stride: 2),
  ]
}
