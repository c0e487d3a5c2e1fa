/// One kernel at one shape, timed alone against what the machine can do.
public struct KernelTiming: Codable, Hashable, Sendable {
  /// Kernels of a kind: `dense`, `depthwise`.
  public let family: String
  /// Whether these are the gradients of input and parameters together.
  public let isGradient: Bool
  /// Kernel and shape: `3x3, 64 channels, 8x8`.
  public let name: String
  /// Floating-point operations, and bytes of inputs and outputs moved once.
  public let flops: Int
  public let bytes: Int
  /// Best of several launches, since other work on the machine only ever takes away.
  public let seconds: Double

  enum CodingKeys: String, CodingKey {
    case family, name, flops, bytes, seconds
    case isGradient = "gradient"
  }

  /// Operations for each byte.
  public var intensity: Double { Double(flops) / Double(bytes) }
  /// Operations a second, in 1e9.
  public var gigaflopsPerSecond: Double { Double(flops) / seconds / 1e9 }

  /// Times the kernels that the networks of the literature spend their time in, at batch 64.
  ///
  /// - Parameters:
  ///   - rounds: Launches of each, at least 1; the first is not counted.
  ///   - clock: Seconds from any origin.
  public static func all(in context: ComputeContext, rounds: Int, clock: () -> Double)
    -> [KernelTiming]
  {
    let stages = [(16, 32), (32, 16), (64, 8), (36, 32), (144, 8)]
    var timings: [KernelTiming] = []
    for (channels, size) in stages {
      let shape = Shape(64, size, size, channels)
      let at = "\(channels) channels, \(size)x\(size)"
      for (family, name, window, groups) in [
        ("dense", "3x3, \(at)", Window(3), 1), ("pointwise", "1x1, \(at)", Window(1), 1),
        ("depthwise", "3x3, \(at)", Window(3), channels),
        ("depthwise", "5x5, \(at)", Window(5), channels),
        ("depthwise", "5x5 dilated, \(at)", Window(5, dilation: 2), channels),
      ] {
        let parameters = Parameters()
        let filters = parameters.declare(
          "w", [window.height, window.width, channels / groups, channels], .constant(0.5))
        timings += bothWays(family, name, shape, rounds, context, clock, of: parameters) {
          $1.convolution($0, filters, of: parameters, window: window, groups: groups)
        }
      }
      timings += bothWays("pooling", "max 3x3, \(at)", shape, rounds, context, clock) {
        $1.maxPool($0, window: Window(3))
      }
      timings += bothWays("pooling", "average 3x3, \(at)", shape, rounds, context, clock) {
        $1.averagePool($0, window: Window(3))
      }
    }
    return timings
  }

  /// Times an operation forwards, and the gradients of its input and parameters together.
  private static func bothWays(
    _ family: String, _ name: String, _ shape: Shape, _ rounds: Int, _ context: ComputeContext,
    _ clock: () -> Double, of parameters: Parameters = Parameters(),
    _ operation: (Tensor, Tape) -> Tensor
  ) -> [KernelTiming] {
    let input = Tape(context, isTraining: false).empty(shape, requiresGradient: true)
    Tape(context, isTraining: false).fill(input, with: 0.25)
    parameters.allocate(in: context, key: .init(seed: 1))
    var best = (forward: Double.infinity, backward: Double.infinity)
    for round in 0...rounds {
      let tape = Tape(context, isTraining: true)
      let start = clock()
      let output = operation(input, tape)
      let middle = clock()
      tape.fill(output.gradientSink(tape).tensor, with: 1)
      let seeded = clock()
      tape.backward()
      let end = clock()
      input.dropGradient()
      if round == 0 { continue }
      best = (min(best.forward, middle - start), min(best.backward, end - seeded))
    }
    let costs = [false, true].map { isTraining in
      let tape = Tape.dry(isTraining: isTraining)
      _ = operation(tape.empty(shape, requiresGradient: true), tape)
      return tape.operations.reduce(into: (flops: 0, bytes: 0)) {
        $0.flops += $1.flops
        $0.bytes += $1.bytes
      }
    }
    return [
      KernelTiming(
        family: family, isGradient: false, name: name, flops: costs[0].flops, bytes: costs[0].bytes,
        seconds: best.forward),
      KernelTiming(
        family: family, isGradient: true, name: name, flops: costs[1].flops - costs[0].flops,
        bytes: costs[1].bytes - costs[0].bytes, seconds: best.backward),
    ]
  }
}
