import CKernels

/// The right factor of several matrix products, laid out once for the native kernels.
///
/// For other backends it is the matrix as it is.
struct PackedMatrix {
  /// Rows and columns of the factor.
  let rows: Int
  let columns: Int
  private let matrix: UnsafePointer<Float>
  private let isTransposed: Bool
  /// The native layout; `nil` for other backends.
  let packed: Storage?

  /// Packs a matrix.
  ///
  /// - Parameters:
  ///   - matrix: The factor `[rows, columns]`, or its transpose `[columns, rows]`, without gaps.
  ///   - isTransposed: Whether `matrix` is the transpose.
  init(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, isTransposed: Bool,
    on tape: Tape, in context: ComputeContext
  ) {
    self.matrix = matrix
    self.rows = rows
    self.columns = columns
    self.isTransposed = isTransposed
    guard context.blas == .native else {
      packed = nil
      return
    }
    let packed = tape.scratch(PackedMatrix.floats(rows: rows, columns: columns))
    context.kernels.pack(
      context.pool, Int32(columns), Int32(rows), matrix, Int32(isTransposed ? rows : columns),
      isTransposed ? 1 : 0, packed.floats)
    self.packed = packed
  }

  /// Floats that a packed matrix takes on any instruction set.
  static func floats(rows: Int, columns: Int) -> Int { (columns + 15) / 16 * 16 * rows }

  /// C[m, columns] = A[m, rows] times the matrix, or C plus it.
  ///
  /// - Parameter bias: Added to every row where C is overwritten; `nil` for none.
  func multiply(
    _ context: ComputeContext, m: Int, a: UnsafePointer<Float>, lda: Int,
    bias: UnsafePointer<Float>? = nil, c: UnsafeMutablePointer<Float>, ldc: Int, accumulates: Bool
  ) {
    guard let packed else {
      context.matmul(
        m: m, n: columns, k: rows, a: a, lda: lda, b: matrix, ldb: isTransposed ? rows : columns,
        transposedB: isTransposed, c: c, ldc: ldc, accumulates: accumulates)
      if let bias {
        context.kernels.add_bias(
          context.pool, Int32(m), Int32(columns), bias, c, Int32(ldc))
      }
      return
    }
    context.counters.count(
      rows: m, depth: rows, columns: columns, lanes: Int(context.kernels.lanes))
    context.kernels.matmul_packed(
      context.pool, Int32(m), Int32(columns), Int32(rows), a, Int32(lda), packed.floats, bias, c,
      Int32(ldc), accumulates ? 1 : 0)
  }
}
