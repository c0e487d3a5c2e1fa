import CKernels
import Randomness
import TensorCore
import Testing

/// The fast kernels against plain loops in double precision, on every instruction set.
@Suite struct ConvolutionKernelTests {
  /// Chains of up to a few thousand products of numbers below 1: a few hundred roundings of 6e-8
  /// relative to sums of the order of 10.
  static let tolerance: Float = 2e-4

  struct Buffers: Equatable {
    var y: [Float]
    var dx: [Float]
    var dw: [Float]
  }

  static func run(_ shape: ConvolutionCase, _ name: String, threads: Int32) throws -> Buffers {
    let fixture = try #require(KernelFixture(name, threads: threads))
    let (table, pool) = (fixture.table, fixture.pool)
    var g = shape.geometry
    let x = KernelFixture.values(shape.inputCount, "x")
    let w = KernelFixture.values(shape.filterCount, "w")
    let dy = KernelFixture.values(shape.outputCount, "dy")
    // The gaps between pixels and what is accumulated into must be left alone.
    var result = Buffers(
      y: KernelFixture.values(shape.outputCount, "y"),
      dx: KernelFixture.values(shape.inputCount, "dx"),
      dw: KernelFixture.values(shape.filterCount, "dw"))
    if shape.isDepthwise && shape.c > 1 {
      table.depthwise_forward(pool, &g, x, w, &result.y)
      table.depthwise_backward_data(pool, &g, dy, w, &result.dx, 1)
      table.depthwise_backward_weights(pool, &g, x, dy, &result.dw)
    } else {
      table.conv_forward(pool, &g, x, w, &result.y)
      table.conv_backward_data(pool, &g, dy, w, &result.dx, 1)
      table.conv_backward_weights(pool, &g, x, dy, &result.dw)
    }
    return result
  }

  static func reference(_ shape: ConvolutionCase) -> Buffers {
    var g = shape.geometry
    let x = KernelFixture.values(shape.inputCount, "x")
    let w = KernelFixture.values(shape.filterCount, "w")
    let dy = KernelFixture.values(shape.outputCount, "dy")
    var result = Buffers(
      y: KernelFixture.values(shape.outputCount, "y"),
      dx: KernelFixture.values(shape.inputCount, "dx"),
      dw: KernelFixture.values(shape.filterCount, "dw"))
    var dx = [Float](repeating: 0, count: shape.inputCount)
    var dw = [Float](repeating: 0, count: shape.filterCount)
    ck_reference_conv_forward(&g, x, w, &result.y)
    ck_reference_conv_backward_data(&g, dy, w, &dx)
    ck_reference_conv_backward_weights(&g, x, dy, &dw)
    for index in dx.indices { result.dx[index] += dx[index] }
    for index in dw.indices { result.dw[index] += dw[index] }
    return result
  }

  static func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
    zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(arguments: ConvolutionCase.grid, KernelFixture.names)
  func equalsThePlainLoop(shape: ConvolutionCase, table: String) throws {
    let fast = try Self.run(shape, table, threads: 2)
    let plain = Self.reference(shape)
    #expect(Self.largestDifference(fast.y, plain.y) < Self.tolerance)
    #expect(Self.largestDifference(fast.dx, plain.dx) < Self.tolerance)
    // Sums over all pixels of a batch.
    #expect(Self.largestDifference(fast.dw, plain.dw) < 4 * Self.tolerance)
  }

  @Test(arguments: ConvolutionCase.grid)
  func everyTableAndThreadCountGivesTheSameBits(shape: ConvolutionCase) throws {
    let expected = try Self.run(shape, "generic", threads: 1)
    for table in KernelFixture.names {
      for threads: Int32 in [1, 2, 3] {
        let found = try Self.run(shape, table, threads: threads)
        #expect(found == expected, "\(table), \(threads) threads")
      }
    }
  }

  @Test(arguments: ConvolutionCase.grid)
  func overwritesTheDataGradientUnlessAsked(shape: ConvolutionCase) throws {
    let fixture = try #require(KernelFixture("generic", threads: 1))
    var g = shape.geometry
    let w = KernelFixture.values(shape.filterCount, "w")
    let dy = KernelFixture.values(shape.outputCount, "dy")
    var dx = [Float](repeating: .nan, count: shape.inputCount)
    var expected = dx
    if shape.isDepthwise && shape.c > 1 {
      fixture.table.depthwise_backward_data(fixture.pool, &g, dy, w, &dx, 0)
    } else {
      fixture.table.conv_backward_data(fixture.pool, &g, dy, w, &dx, 0)
    }
    ck_reference_conv_backward_data(&g, dy, w, &expected)
    for pixel in 0..<shape.n * shape.h * shape.w {
      for channel in 0..<shape.c {
        let index = pixel * (shape.c + shape.extraX) + channel
        #expect(abs(dx[index] - expected[index]) < Self.tolerance)
      }
    }
  }

  /// The independent check: OpenBLAS over im2col shares no arithmetic with the direct kernels.
  @Test(arguments: ConvolutionCase.grid.filter { $0.top == nil && $0.extraX + $0.extraY == 0 })
  func equalsOpenBLASOverIm2col(shape: ConvolutionCase) throws {
    func run(_ blas: BLASBackend) throws -> (y: [Float], dx: [Float], dw: [Float]) {
      let context = try ComputeContext(threads: 2, blas: blas)
      let parameters = Parameters()
      let filters = parameters.declare(
        "w", [shape.kh, shape.kw, shape.c / shape.groups, shape.f], .heNormal(fanIn: 10))
      parameters.allocate(in: context, key: RandomKey(seed: 2))
      let tape = Tape(context, isTraining: true)
      let input = tape.constant(
        KernelFixture.values(shape.inputCount, "x"), Shape(shape.n, shape.h, shape.w, shape.c),
        requiresGradient: true)
      let window = Window(
        height: shape.kh, width: shape.kw, stride: shape.stride,
        columnStride: shape.columnStride, dilation: shape.dilation)
      let output = tape.convolution(
        input, filters, of: parameters, window: window, groups: shape.groups)
      let flat = tape.globalAveragePool(output)
      _ = tape.softmaxCrossEntropy(
        flat, labels: (0..<shape.n).map { Int32($0 % shape.f) }, weight: 100)
      tape.backward()
      let dx = try #require(input.gradient).values()
      return (output.values(), dx, parameters.gradient(of: filters))
    }
    let (direct, other) = (try run(.native), try run(.openBLASAll))
    #expect(Self.largestDifference(direct.y, other.y) < Self.tolerance)
    #expect(Self.largestDifference(direct.dx, other.dx) < Self.tolerance)
    #expect(Self.largestDifference(direct.dw, other.dw) < 20 * Self.tolerance)
  }
}
