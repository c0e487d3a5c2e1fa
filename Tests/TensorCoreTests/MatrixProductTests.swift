import CKernels
import Testing

/// The native matrix products over a grid of shapes, against sums in double precision.
@Suite struct MatrixProductTests {
  /// Rows, columns and depth of C = A B: small batches, partial vectors, several stretches of k.
  struct Case: CustomTestStringConvertible, Sendable {
    let (m, n, k): (Int, Int, Int)
    var testDescription: String { "\(m) x \(n) over \(k)" }
    init(_ m: Int, _ n: Int, _ k: Int) { (self.m, self.n, self.k) = (m, n, k) }

    static let grid = [
      Case(1, 1, 1), Case(2, 17, 5), Case(20, 80, 40), Case(7, 48, 33), Case(13, 50, 64),
      Case(64, 60, 30), Case(65, 31, 129), Case(257, 19, 20), Case(130, 200, 24),
      Case(5, 40, 1100), Case(9, 16, 2050), Case(1100, 8, 70),
    ]
  }

  private static let extra = 3

  private struct Factors {
    let a: [Float]
    let b: [Float]
    /// B as [n, k].
    let transposed: [Float]
    /// A as [k, m].
    let columns: [Float]
    let exact: [Double]

    /// Rows of A are `extra` floats wider than k.
    init(_ size: Case) {
      let lda = size.k + MatrixProductTests.extra
      let a = KernelFixture.values(size.m * lda, "a")
      let b = KernelFixture.values(size.k * size.n, "b")
      exact = (0..<size.m * size.n).map { index in
        let (row, column) = (index / size.n, index % size.n)
        return (0..<size.k).reduce(0.0) {
          $0 + Double(a[row * lda + $1]) * Double(b[$1 * size.n + column])
        }
      }
      transposed = (0..<size.n * size.k).map { b[$0 % size.k * size.n + $0 / size.k] }
      columns = (0..<size.m * size.k).map { a[$0 % size.m * lda + $0 / size.m] }
      (self.a, self.b) = (a, b)
    }
  }

  /// Products of all kinds, each `[m, n]`, twice where they accumulate.
  private func products(
    _ size: Case, _ f: Factors, _ table: String, threads: Int32
  ) throws -> [[Float]] {
    let fixture = try #require(KernelFixture(table, threads: threads))
    let (m, n, k) = (Int32(size.m), Int32(size.n), Int32(size.k))
    let (kernels, pool, lda) = (fixture.table, fixture.pool, k + Int32(Self.extra))
    func product(_ body: (inout [Float]) -> Void) -> [Float] {
      var c = [Float](repeating: .nan, count: size.m * size.n)
      body(&c)
      return c
    }
    var packed = [Float](repeating: .nan, count: (size.n + 15) / 16 * 16 * size.k)
    return [
      product { kernels.matmul(pool, m, n, k, f.a, lda, f.b, n, 0, &$0, n, 0) },
      product { kernels.matmul(pool, m, n, k, f.a, lda, f.transposed, k, 1, &$0, n, 0) },
      product {
        kernels.pack(pool, n, k, f.b, n, 0, &packed)
        kernels.matmul_packed(pool, m, n, k, f.a, lda, packed, nil, &$0, n, 0)
      },
      product {
        kernels.pack(pool, n, k, f.transposed, k, 1, &packed)
        kernels.matmul_packed(pool, m, n, k, f.a, lda, packed, nil, &$0, n, 0)
      },
      product {
        kernels.matmul_transposed_to(pool, k, n, m, f.columns, m, f.b, n, &$0, n, 0)
      },
    ]
  }

  @Test(arguments: Case.grid, KernelFixture.names)
  func equalsTheSumInDoublePrecision(size: Case, table: String) throws {
    let factors = Factors(size)
    for product in try products(size, factors, table, threads: 2) {
      let worst = zip(product, factors.exact).map { abs(Double($0) - $1) }.max() ?? 1
      // A chain of k terms below 1 grows to about √k / 3 and is rounded k times.
      #expect(worst < 6e-8 * Double(size.k) + 1e-6)
    }
  }

  @Test(arguments: Case.grid)
  func threadsAndInstructionSetsGiveTheSameBits(size: Case) throws {
    let factors = Factors(size)
    let first = try products(size, factors, KernelFixture.names[0], threads: 1)
    // The first four are one chain over k each, however B is read.
    #expect(first[0..<4].allSatisfy { $0 == first[0] })
    for name in KernelFixture.names {
      #expect(try products(size, factors, name, threads: 2) == first)
    }
  }

  @Test(arguments: KernelFixture.names)
  func aBiasIsAddedToEveryRow(table: String) throws {
    let fixture = try #require(KernelFixture(table, threads: 2))
    let (a, b) = (KernelFixture.values(9 * 4, "a"), KernelFixture.values(4 * 37, "b"))
    let bias = KernelFixture.values(37, "bias")
    var packed = [Float](repeating: .nan, count: 48 * 4)
    var (plain, biased) = (
      [Float](repeating: 0, count: 9 * 37), [Float](repeating: 0, count: 9 * 37)
    )
    fixture.table.pack(fixture.pool, 37, 4, b, 37, 0, &packed)
    fixture.table.matmul_packed(fixture.pool, 9, 37, 4, a, 4, packed, nil, &plain, 37, 0)
    fixture.table.matmul_packed(fixture.pool, 9, 37, 4, a, 4, packed, bias, &biased, 37, 0)
    for index in plain.indices {
      #expect(abs(biased[index] - plain[index] - bias[index % 37]) < 1e-6)
    }
  }

  /// Several launches' worth of terms, on top of what C holds.
  @Test func aTallSumIsAdded() throws {
    let (m, n, k) = (1100, 50, 24)
    let (a, b) = (KernelFixture.values(m * k, "a"), KernelFixture.values(m * n, "b"))
    let before = KernelFixture.values(k * n, "c")
    for name in KernelFixture.names {
      let fixture = try #require(KernelFixture(name, threads: 2))
      var c = before
      fixture.table.matmul_transposed_to(
        fixture.pool, Int32(m), Int32(n), Int32(k), a, Int32(k), b, Int32(n), &c, Int32(n), 1)
      for index in 0..<k * n {
        let (row, column) = (index / n, index % n)
        let sum = (0..<m).reduce(Double(before[index])) {
          $0 + Double(a[$1 * k + row]) * Double(b[$1 * n + column])
        }
        #expect(abs(Double(c[index]) - sum) < 2e-5)
      }
    }
  }
}
