/// One matrix product of the recurrent networks, timed with our kernels and with OpenBLAS.
public struct ProductTiming: Codable, Hashable, Sendable {
  /// How the factors are stored.
  public enum Form: String, Codable, Sendable {
    /// A B: forward.
    case forward
    /// A Bᵀ: the gradient of the input.
    case input
    /// Aᵀ B: the gradient of the weights.
    case weights
  }

  /// Network and place: `darts-rnn: cell`.
  public let name: String
  public let form: Form
  /// Rows and columns of the result, and terms of each sum.
  public let rows: Int
  public let columns: Int
  public let depth: Int
  /// Whether the native kernel finds B packed, since all time steps or strips share it.
  public let isPacked: Bool
  /// Operations a second of each, in 1e9: best of several launches, taken in turn.
  public let native: Double
  public let openBLAS: Double
  /// OpenBLAS split by stretches of rows alone, so that a product of few rows has one thread.
  public let openBLASByRows: Double
  /// The kernel that OpenBLAS ran.
  public let openBLASKernel: String

  /// How many times as fast the native kernel is as the better of the others.
  public var ratio: Double { native / max(openBLAS, openBLASByRows) }

  enum CodingKeys: String, CodingKey {
    case name, form, rows, columns, depth
    case isPacked = "packed"
    case native = "native_gflops_per_s"
    case openBLAS = "openblas_gflops_per_s"
    case openBLASByRows = "openblas_by_rows_gflops_per_s"
    case openBLASKernel = "openblas_kernel"
  }

  /// Times every product of `ptb-lstm`, `darts-rnn-eval` and `darts-rnn-search`.
  ///
  /// - Parameters:
  ///   - context: Where to compute; all three ways are timed whatever its backend.
  ///   - rounds: Launches of each, at least 1; one more before them is not counted.
  ///   - clock: Seconds from any origin.
  public static func all(
    in context: ComputeContext, rounds: Int, clock: () -> Double
  ) -> [ProductTiming] {
    ProductCase.all.map { $0.timing(in: context, rounds: rounds, clock: clock) }
  }
}

/// A product to be timed.
private struct ProductCase {
  let name: String
  let form: ProductTiming.Form
  let (rows, columns, depth): (Int, Int, Int)
  let isPacked: Bool

  init(
    _ name: String, _ form: ProductTiming.Form, _ rows: Int, _ columns: Int, _ depth: Int,
    packed: Bool = false
  ) {
    (self.name, self.form) = (name, form)
    (self.rows, self.columns, self.depth) = (rows, columns, depth)
    isPacked = packed
  }

  static let all = [
    ProductCase("ptb-lstm: input of all steps", .forward, 700, 800, 200),
    ProductCase("ptb-lstm: step", .forward, 20, 800, 200, packed: true),
    ProductCase("ptb-lstm: decoder", .forward, 256, 10_000, 200, packed: true),
    ProductCase("ptb-lstm: input of all steps", .input, 700, 200, 800),
    ProductCase("ptb-lstm: step", .input, 20, 200, 800, packed: true),
    ProductCase("ptb-lstm: decoder", .input, 256, 200, 10_000, packed: true),
    ProductCase("ptb-lstm: input and hidden", .weights, 200, 800, 700),
    ProductCase("ptb-lstm: decoder", .weights, 200, 10_000, 256),
    ProductCase("darts-rnn: input of all steps", .forward, 2240, 600, 300),
    ProductCase("darts-rnn: node", .forward, 64, 600, 300, packed: true),
    ProductCase("darts-rnn: node of 8 edges", .forward, 512, 600, 300, packed: true),
    ProductCase("darts-rnn: decoder", .forward, 256, 10_000, 300, packed: true),
    ProductCase("darts-rnn: input of all steps", .input, 2240, 300, 600),
    ProductCase("darts-rnn: node", .input, 64, 300, 600, packed: true),
    ProductCase("darts-rnn: decoder", .input, 256, 300, 10_000),
    ProductCase("darts-rnn: node", .weights, 300, 600, 2240),
    ProductCase("darts-rnn: node of 8 edges", .weights, 300, 600, 17_920),
    ProductCase("darts-rnn: decoder", .weights, 10_000, 300, 256),
  ]

  /// Tied decoders are the embedding transposed, so they read B the other way round.
  private var isTransposedB: Bool {
    form != .weights && (form == .input) != (name == "darts-rnn: decoder")
  }

  func timing(in context: ComputeContext, rounds: Int, clock: () -> Double) -> ProductTiming {
    let tape = Tape(context, isTraining: false)
    let a = tape.empty(Shape(rows: rows, columns: depth), requiresGradient: false)
    let b = tape.empty(Shape(rows: depth, columns: columns), requiresGradient: false)
    let c = tape.empty(Shape(rows: rows, columns: columns), requiresGradient: false)
    for tensor in [a, b] { tape.fill(tensor, with: 0.25) }
    let packed = isPacked ? tape.scratch(PackedMatrix.floats(rows: depth, columns: columns)) : nil
    if let packed {
      context.kernels.pack(
        context.pool, Int32(columns), Int32(depth), b.floats,
        Int32(isTransposedB ? depth : columns), isTransposedB ? 1 : 0, packed.floats)
    }
    let ways: [() -> Void] = [
      { native(context, a.floats, b.floats, packed, c.floats) },
      { openBLAS(context, .rowsAndColumns, a.floats, b.floats, c.floats) },
      { openBLAS(context, .rows, a.floats, b.floats, c.floats) },
    ]
    // Small products several times, so that the clock's grain and a launch do not matter.
    let flops = 2 * rows * columns * depth
    let repetitions = max(1, 100_000_000 / flops)
    var best = [Double](repeating: .infinity, count: ways.count)
    for round in 0...rounds {
      for (index, way) in ways.enumerated() {
        let start = clock()
        for _ in 0..<repetitions { way() }
        let seconds = (clock() - start) / Double(repetitions)
        if round > 0 { best[index] = min(best[index], seconds) }
      }
    }
    let rates = best.map { Double(flops) / $0 / 1e9 }
    return ProductTiming(
      name: name, form: form, rows: rows, columns: columns, depth: depth, isPacked: isPacked,
      native: rates[0], openBLAS: rates[1], openBLASByRows: rates[2],
      openBLASKernel: OpenBLAS.kernel)
  }

  private func native(
    _ context: ComputeContext, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ packed: Storage?, _ c: UnsafeMutablePointer<Float>
  ) {
    let (kernels, pool) = (context.kernels, context.pool)
    let (m, n, k) = (Int32(rows), Int32(columns), Int32(depth))
    if form == .weights {
      kernels.matmul_transposed_to(pool, k, n, m, a, m, b, n, c, n, 0)
    } else if let packed {
      kernels.matmul_packed(pool, m, n, k, a, k, packed.floats, nil, c, n, 0)
    } else {
      kernels.matmul(pool, m, n, k, a, k, b, isTransposedB ? k : n, isTransposedB ? 1 : 0, c, n, 0)
    }
  }

  private func openBLAS(
    _ context: ComputeContext, _ partition: OpenBLAS.Partition, _ a: UnsafePointer<Float>,
    _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>
  ) {
    OpenBLAS.multiply(
      context.pool, m: rows, n: columns, k: depth, a: a, lda: form == .weights ? rows : depth,
      transposedA: form == .weights, b: b, ldb: isTransposedB ? depth : columns,
      transposedB: isTransposedB, c: c, ldc: columns, accumulates: false, partition: partition)
  }
}
