import CKernels
import COpenBLAS

/// Matrix products by OpenBLAS, one thread inside each call; we split the work ourselves.
public enum OpenBLAS {
  /// Version and build options as OpenBLAS prints them.
  public static var configuration: String { String(cString: openblas_get_config()) }

  /// The kernel that OpenBLAS runs, which decides speed and bits: `Cooperlake`, `Haswell`.
  ///
  /// OpenBLAS reads `OPENBLAS_CORETYPE` as it is loaded; a program cannot change its own.
  public static var kernel: String { String(cString: openblas_get_corename()) }

  static func useOneThreadEach() { openblas_set_num_threads(1) }

  /// How a product is split into calls: fixed by the shape, never by the number of threads.
  enum Partition {
    /// Stretches of 256 rows.
    case rows
    /// The same, and stretches of columns where there are few rows.
    case rowsAndColumns
  }

  private static let rowsPerCall = 256
  /// Fewest columns of a call, and most calls side by side.
  private static let (leastColumns, mostParts) = (128, 8)

  private struct Product {
    var (m, n, k): (Int, Int, Int)
    var a: UnsafePointer<Float>
    var lda: Int
    var transposedA: Bool
    var b: UnsafePointer<Float>
    var ldb: Int
    var transposedB: Bool
    var c: UnsafeMutablePointer<Float>
    var ldc: Int
    var beta: Float
    /// Calls side by side.
    var parts: Int

    func compute(_ call: Int) {
      let (row, part) = (call / parts * OpenBLAS.rowsPerCall, call % parts)
      let rows = min(OpenBLAS.rowsPerCall, m - row)
      let (column, end) = (n * part / parts, n * (part + 1) / parts)
      cblas_sgemm(
        CblasRowMajor, transposedA ? CblasTrans : CblasNoTrans,
        transposedB ? CblasTrans : CblasNoTrans, Int32(rows), Int32(end - column), Int32(k), 1,
        a + (transposedA ? row : row * lda), Int32(lda), b + (transposedB ? column * ldb : column),
        Int32(ldb), beta, c + row * ldc + column, Int32(ldc))
    }
  }

  /// C[m, n] = A B, or C + A B; A is stored [k, m] and B [n, k] if transposed.
  static func multiply(
    _ pool: OpaquePointer, m: Int, n: Int, k: Int, a: UnsafePointer<Float>, lda: Int,
    transposedA: Bool, b: UnsafePointer<Float>, ldb: Int, transposedB: Bool,
    c: UnsafeMutablePointer<Float>, ldc: Int, accumulates: Bool,
    partition: Partition = .rowsAndColumns
  ) {
    let stretches = (m + rowsPerCall - 1) / rowsPerCall
    let isSplit = partition == .rowsAndColumns && stretches < mostParts
    var product = Product(
      m: m, n: n, k: k, a: a, lda: lda, transposedA: transposedA, b: b, ldb: ldb,
      transposedB: transposedB, c: c, ldc: ldc, beta: accumulates ? 1 : 0,
      parts: isSplit ? max(1, min(mostParts, n / leastColumns)) : 1)
    let calls = stretches * product.parts
    withUnsafeMutablePointer(to: &product) { product in
      ck_parallel(
        pool, Int32(calls),
        { context, call, _ in
          context?.assumingMemoryBound(to: Product.self).pointee.compute(Int(call))
        }, product)
    }
  }
}

extension ComputeContext {
  /// C[m, n] = A[m, k] B[k, n], or C + A B; B is stored [n, k] if transposed.
  func matmul(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int,
    transposedB: Bool, c: UnsafeMutablePointer<Float>, ldc: Int, accumulates: Bool
  ) {
    counters.count(rows: m, depth: k, columns: n, lanes: blas == .native ? Int(kernels.lanes) : 1)
    if blas == .native {
      kernels.matmul(
        pool, Int32(m), Int32(n), Int32(k), a, Int32(lda), b, Int32(ldb), transposedB ? 1 : 0, c,
        Int32(ldc), accumulates ? 1 : 0)
    } else {
      OpenBLAS.multiply(
        pool, m: m, n: n, k: k, a: a, lda: lda, transposedA: false, b: b, ldb: ldb,
        transposedB: transposedB, c: c, ldc: ldc, accumulates: accumulates)
    }
  }

  /// C[k, n] += A[m, k]ᵀ B[m, n], or C = Aᵀ B.
  func matmulTransposed(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int,
    c: UnsafeMutablePointer<Float>, ldc: Int, accumulates: Bool = true
  ) {
    counters.count(rows: m, depth: k, columns: n, lanes: blas == .native ? Int(kernels.lanes) : 1)
    if blas == .native {
      if accumulates {
        kernels.matmul_transposed(
          pool, Int32(m), Int32(n), Int32(k), a, Int32(lda), b, Int32(ldb), c, Int32(ldc))
      } else {
        kernels.matmul_transposed_to(
          pool, Int32(m), Int32(n), Int32(k), a, Int32(lda), b, Int32(ldb), c, Int32(ldc), 0)
      }
    } else {
      OpenBLAS.multiply(
        pool, m: k, n: n, k: m, a: a, lda: lda, transposedA: true, b: b, ldb: ldb,
        transposedB: false, c: c, ldc: ldc, accumulates: accumulates)
    }
  }
}
