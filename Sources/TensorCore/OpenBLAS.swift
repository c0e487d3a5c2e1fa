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

  /// The product's rows that one call computes: a partition fixed by the shape.
  private static let rowsPerCall = 256

  private struct Product {
    var m: Int
    var n: Int32
    var k: Int32
    var a: UnsafePointer<Float>
    var lda: Int32
    var transposedA: Bool
    var b: UnsafePointer<Float>
    var ldb: Int32
    var transposedB: Bool
    var c: UnsafeMutablePointer<Float>
    var ldc: Int32
    var beta: Float

    func rows(_ call: Int) {
      let start = call * OpenBLAS.rowsPerCall
      let rows = min(OpenBLAS.rowsPerCall, m - start)
      cblas_sgemm(
        CblasRowMajor, transposedA ? CblasTrans : CblasNoTrans,
        transposedB ? CblasTrans : CblasNoTrans, Int32(rows), n, k, 1,
        a + (transposedA ? start : start * Int(lda)), lda, b, ldb, beta, c + start * Int(ldc), ldc)
    }
  }

  /// C[m, n] = A B, or C + A B; A is stored [k, m] and B [n, k] if transposed.
  static func multiply(
    _ pool: OpaquePointer, m: Int, n: Int, k: Int, a: UnsafePointer<Float>, lda: Int,
    transposedA: Bool, b: UnsafePointer<Float>, ldb: Int, transposedB: Bool,
    c: UnsafeMutablePointer<Float>, ldc: Int, accumulates: Bool
  ) {
    var product = Product(
      m: m, n: Int32(n), k: Int32(k), a: a, lda: Int32(lda), transposedA: transposedA, b: b,
      ldb: Int32(ldb), transposedB: transposedB, c: c, ldc: Int32(ldc), beta: accumulates ? 1 : 0)
    let calls = (m + rowsPerCall - 1) / rowsPerCall
    withUnsafeMutablePointer(to: &product) { product in
      ck_parallel(
        pool, Int32(calls),
        { context, call, _ in
          context?.assumingMemoryBound(to: Product.self).pointee.rows(Int(call))
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
        kernels.matmul_transposed_runs(
          pool, 1, Int32(m), Int32(n), Int32(k), a, 0, Int32(lda), b, 0, Int32(ldb), c,
          Int32(ldc), 0)
      }
    } else {
      OpenBLAS.multiply(
        pool, m: k, n: n, k: m, a: a, lda: lda, transposedA: true, b: b, ldb: ldb,
        transposedB: false, c: c, ldc: ldc, accumulates: accumulates)
    }
  }
}
