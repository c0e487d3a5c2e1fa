/// What the kernels of a context really did: for benchmarks alone.
///
/// Charges come from logical operations and never from here: padding to whole vectors counts here
/// and is not charged.
public struct KernelCounters: Hashable, Sendable {
  /// Convolutions and matrix products started.
  public var launches = 0
  /// Floating-point operations of their products, lanes of padding included; a multiply-add is two.
  /// Where minimal filtering is chosen these are fewer than a convolution's definition has.
  public var flops = 0

  /// Counts a product of `rows` by `depth` by `columns`, in vectors of `lanes` along the columns.
  mutating func count(rows: Int, depth: Int, columns: Int, lanes: Int) {
    count(flops: 2 * rows * depth * ((columns + lanes - 1) / lanes * lanes))
  }

  mutating func count(flops: Int) {
    launches += 1
    self.flops += flops
  }
}
