import CKernels
import Foundation
import Testing

/// Exponential, tanh and sigmoid of the kernels against the C library in double precision.
@Suite struct FunctionKernelTests {
  /// Dense near zero, all of the range where the result moves, and beyond it.
  static let points: [Float] =
    stride(from: -110, through: 95, by: 0.0137).map { Float($0) }
    + stride(from: -1, through: 1, by: 0.00037).map { Float($0 * $0 * $0) }
    + [0, -0.0, 1e-30, -1e-30, 1e30, -1e30, .infinity, -.infinity, .leastNormalMagnitude]

  private func values(_ function: Int32, _ table: String) throws -> [Float] {
    let fixture = try #require(KernelFixture(table, threads: 1))
    var y = [Float](repeating: 0, count: Self.points.count)
    fixture.table.apply_function(fixture.pool, function, Self.points.count, Self.points, &y)
    return y
  }

  static let functions: [@Sendable (Double) -> Double] = [
    { exp($0) }, { tanh($0) }, { 1 / (1 + exp(-$0)) },
  ]

  static let bounds: [(index: Int, units: Double)] = [(0, 1), (1, 4), (2, 4)]

  /// Units in the last place that `functions.inc` states; below 1e-37 results are subnormal or cut.
  @Test(arguments: Self.bounds, KernelFixture.names)
  func errorIsBounded(function: (index: Int, units: Double), table: String) throws {
    let found = try values(Int32(function.index), table)
    var worst = 0.0
    for (x, y) in zip(Self.points, found) {
      let exact = Self.functions[function.index](Double(x))
      guard abs(exact) > 1e-37, abs(exact) < Double(Float.greatestFiniteMagnitude) else {
        #expect(y == Float(exact) || abs(Double(y) - exact) < 2e-38, "f(\(x)) = \(y)")
        continue
      }
      worst = max(worst, abs(Double(y) - exact) / Double(Float(abs(exact)).ulp))
    }
    #expect(worst <= function.units)
  }

  @Test(arguments: [0, 1, 2])
  func everyInstructionSetGivesTheSameBits(function: Int32) throws {
    let bits = try KernelFixture.names.map { name in
      try values(function, name).map { $0.bitPattern }
    }
    #expect(bits.allSatisfy { $0 == bits[0] })
  }

  @Test(arguments: [0, 1, 2], KernelFixture.names)
  func notANumberStays(function: Int32, table: String) throws {
    let fixture = try #require(KernelFixture(table, threads: 1))
    var y: Float = 0
    fixture.table.apply_function(fixture.pool, function, 1, [.nan], &y)
    #expect(y.isNaN)
  }
}
