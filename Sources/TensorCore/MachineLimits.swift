import CKernels

/// What this machine can do with a context's threads and instructions: the roofline that kernels
/// are held against.
///
/// Source: Williams, Waterman & Patterson 2009, DOI 10.1145/1498765.1498785.
public struct MachineLimits: Hashable, Sendable, Codable {
  /// Single-precision multiply-adds in registers, two operations each, in 1e9 a second.
  public let gigaflopsPerSecond: Double
  /// y = a x + b y over arrays far larger than the caches, in 1e9 bytes a second.
  public let memoryGigabytesPerSecond: Double

  enum CodingKeys: String, CodingKey {
    case gigaflopsPerSecond = "gflops_per_s"
    case memoryGigabytesPerSecond = "memory_gb_per_s"
  }

  /// The better of two measurements, since other work on the machine only ever takes away.
  public func joined(with other: MachineLimits) -> MachineLimits {
    MachineLimits(
      gigaflopsPerSecond: max(gigaflopsPerSecond, other.gigaflopsPerSecond),
      memoryGigabytesPerSecond: max(memoryGigabytesPerSecond, other.memoryGigabytesPerSecond))
  }

  private init(gigaflopsPerSecond: Double, memoryGigabytesPerSecond: Double) {
    self.gigaflopsPerSecond = gigaflopsPerSecond
    self.memoryGigabytesPerSecond = memoryGigabytesPerSecond
  }

  /// Measures for about a quarter of a second: the best of several rounds, since other work on
  /// the machine only ever takes away.
  ///
  /// - Parameter clock: Seconds from any origin.
  public init(of context: ComputeContext, clock: () -> Double) {
    let chunks = 8 * context.threads
    var sums = [Float](repeating: 0, count: chunks)
    func best(of rounds: Int, _ work: () -> Double) -> Double {
      (0..<rounds).map { _ in
        let start = clock()
        let done = work()
        return done / max(1e-9, clock() - start) / 1e9
      }.max() ?? 0
    }
    gigaflopsPerSecond = best(of: 25) {
      context.kernels.peak_flops(context.pool, Int32(chunks), 250_000, &sums)
    }
    let (pixels, channels) = (1 << 18, 64)
    let tape = Tape(context, isTraining: false)
    let shape = Shape(rows: pixels, columns: channels)
    let (x, y) = (
      tape.empty(shape, requiresGradient: false), tape.empty(shape, requiresGradient: false)
    )
    tape.fill(x, with: 1)
    tape.fill(y, with: 0)
    memoryGigabytesPerSecond = best(of: 5) {
      context.kernels.axpby(
        context.pool, Int32(pixels), Int32(channels), 0.5, x.floats, Int32(channels), 0.5,
        y.floats, Int32(channels))
      return 12 * Double(shape.count)
    }
  }
}
