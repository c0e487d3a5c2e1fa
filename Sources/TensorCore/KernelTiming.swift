import OperationCosts

/// One kernel at one shape, timed alone against what the machine can do.
public struct KernelTiming: Codable, Hashable, Sendable {
  /// Kernels of a kind: `dense`, `depthwise`.
  public let family: String
  /// What the device model prices it as.
  public let kind: OperationClass
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
    case family, kind, name, flops, bytes, seconds
    case isGradient = "gradient"
  }

  /// Operations for each byte.
  public var intensity: Double { Double(flops) / Double(bytes) }
  /// Operations a second, in 1e9.
  public var gigaflopsPerSecond: Double { Double(flops) / seconds / 1e9 }

  /// Times the kernels that the networks of the literature spend their time in, at batch 64.
  ///
  /// - Parameters:
  ///   - rounds: Launches of each, at least 1; one more before them is not counted.
  ///   - clock: Seconds from any origin.
  public static func all(
    in context: ComputeContext, rounds: Int, clock: () -> Double
  ) -> [KernelTiming] {
    all(in: [context], rounds: rounds, clock: clock).map { $0[0] }
  }

  /// Times the same kernels in several contexts, a launch in each in turn: what slows the machine
  /// down meets all alike.
  ///
  /// - Returns: For each kernel its timing in each context.
  public static func all(
    in contexts: [ComputeContext], rounds: Int, clock: () -> Double
  ) -> [[KernelTiming]] {
    let cases = contexts.map { _ in KernelCase.all }
    return (cases.first ?? []).indices.flatMap { index in
      let launches = zip(cases, contexts).map { $0[index].launcher(in: $1) }
      var best = contexts.map { _ in (forward: Double.infinity, backward: Double.infinity) }
      for round in 0...rounds {
        for (place, launch) in launches.enumerated() {
          let seconds = launch(clock)
          guard round > 0 else { continue }
          best[place].forward = min(best[place].forward, seconds.forward)
          best[place].backward = min(best[place].backward, seconds.backward)
        }
      }
      let timings = best.map { cases[0][index].timings(forward: $0.forward, backward: $0.backward) }
      return [timings.map { $0[0] }, timings.map { $0[1] }]
    }
  }
}

/// An operation at one shape.
private struct KernelCase {
  let family: String
  let name: String
  let kind: OperationClass
  let shape: Shape
  let parameters: Parameters
  let operation: (Tensor, Tape) -> Tensor

  init(
    _ family: String, _ name: String, _ kind: OperationClass, _ shape: Shape,
    of parameters: Parameters = Parameters(), operation: @escaping (Tensor, Tape) -> Tensor
  ) {
    self.family = family
    self.name = name
    self.kind = kind
    self.shape = shape
    self.parameters = parameters
    self.operation = operation
  }

  /// Channels and sizes of CIFAR-10 networks: ResNet and search cells, evaluation cells.
  private static let stages = [(16, 32), (32, 16), (64, 8), (36, 32), (144, 8)]
  /// Rows, columns in and out: decoders and classifiers; cells of a recurrent network.
  private static let products: [(String, OperationClass, Int, Int, Int)] = [
    ("linear", .matrixProduct, 2240, 300, 1000), ("linear", .matrixProduct, 512, 512, 512),
    ("recurrent", .recurrentProduct, 64, 300, 600), ("recurrent", .recurrentProduct, 20, 200, 800),
  ]

  static var all: [KernelCase] {
    stages.flatMap { stage($0.0, size: $0.1) }
      + products.map { family, kind, rows, columns, count in
        let parameters = Parameters()
        let weights = parameters.declare("w", [columns, count], .constant(0.5))
        return KernelCase(
          family, "\(rows) x \(columns) x \(count)", kind, Shape(rows: rows, columns: columns),
          of: parameters
        ) { $1.linear($0, weights: weights, bias: nil, of: parameters) }
      }
  }

  private static func stage(_ channels: Int, size: Int) -> [KernelCase] {
    let shape = Shape(64, size, size, channels)
    let at = "\(channels) channels, \(size)x\(size)"
    func convolution(
      _ family: String, _ name: String, _ kind: OperationClass, _ window: Window, groups: Int
    ) -> KernelCase {
      let parameters = Parameters()
      let filters = parameters.declare(
        "w", [window.height, window.width, channels / groups, channels], .constant(0.5))
      return KernelCase(family, "\(name), \(at)", kind, shape, of: parameters) {
        $1.convolution($0, filters, of: parameters, window: window, groups: groups)
      }
    }
    let norm = Parameters()
    let state = NormalizationState(
      scale: norm.declare("scale", [channels], .constant(1)),
      shift: norm.declare("shift", [channels], .constant(0)),
      runningMean: norm.declareStatistic("mean", channels, initially: 0),
      runningVariance: norm.declareStatistic("variance", channels, initially: 1))
    return [
      convolution("dense", "3x3", .denseConvolution, Window(3), groups: 1),
      convolution("pointwise", "1x1", .pointwiseConvolution, Window(1), groups: 1),
      convolution("depthwise", "3x3", .depthwiseConvolution, Window(3), groups: channels),
      convolution("depthwise", "5x5", .depthwiseConvolution, Window(5), groups: channels),
      convolution(
        "depthwise", "5x5 dilated", .depthwiseConvolution, Window(5, dilation: 2),
        groups: channels),
      KernelCase("pooling", "max 3x3, \(at)", .memoryBound, shape) {
        $1.maxPool($0, window: Window(3))
      },
      KernelCase("pooling", "average 3x3, \(at)", .memoryBound, shape) {
        $1.averagePool($0, window: Window(3))
      },
      KernelCase("normalisation", at, .memoryBound, shape, of: norm) {
        $1.batchNormalization($0, state, of: norm)
      },
    ]
  }

  /// What launches the operation forwards, and the gradients of its input and parameters together,
  /// and returns the seconds of both.
  func launcher(
    in context: ComputeContext
  ) -> (_ clock: () -> Double) -> (forward: Double, backward: Double) {
    let input = Tape(context, isTraining: false).empty(shape, requiresGradient: true)
    Tape(context, isTraining: false).fill(input, with: 0.25)
    parameters.allocate(in: context, key: .init(seed: 1))
    return { clock in
      let tape = Tape(context, isTraining: true)
      let start = clock()
      let output = operation(input, tape)
      let middle = clock()
      tape.fill(output.gradientSink(tape).tensor, with: 1)
      let seeded = clock()
      tape.backward()
      let end = clock()
      input.dropGradient()
      return (middle - start, end - seeded)
    }
  }

  /// What seconds of both mean, beside the costs of the operation and of its gradients.
  func timings(forward: Double, backward: Double) -> [KernelTiming] {
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
        family: family, kind: kind, isGradient: false, name: name, flops: costs[0].flops,
        bytes: costs[0].bytes, seconds: forward),
      KernelTiming(
        family: family, kind: kind, isGradient: true, name: name,
        flops: costs[1].flops - costs[0].flops, bytes: costs[1].bytes - costs[0].bytes,
        seconds: backward),
    ]
  }
}

extension KernelTiming {
  /// Seconds that an operation takes whose work is next to nothing.
  public static func launchSeconds(in context: ComputeContext, clock: () -> Double) -> Double {
    let count = 2000
    let tape = Tape(context, isTraining: false)
    var tensor = tape.constant([1], Shape(1, 1, 1, 1))
    let start = clock()
    for _ in 0..<count { tensor = tape.relu(tensor) }
    return (clock() - start) / Double(count)
  }

  /// Seconds to augment and normalise one image of CIFAR-10's size.
  public static func inputSeconds(in context: ComputeContext, clock: () -> Double) -> Double {
    let (count, rounds) = (256, 20)
    let pixels = [UInt8](repeating: 100, count: 32 * 32 * 3)
    let places = [Placement](
      repeating: Placement(row: 2, column: -1, isFlipped: true), count: count)
    let start = clock()
    for _ in 0..<rounds {
      _ = Tape(context, isTraining: false).images(
        pixels, size: (32, 32, 3), indices: [Int32](repeating: 0, count: count),
        placements: places, mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25])
    }
    return (clock() - start) / Double(rounds * count)
  }
}
