import CKernels
import Checks

/// A set of vector instructions that the kernels are compiled for.
public enum InstructionSet: String, CaseIterable, Codable, Sendable {
  case avx512
  case avx2
  /// Runs anywhere and is slow: fused multiply-adds are function calls.
  case generic

  /// The best that this processor runs.
  public static var best: InstructionSet {
    InstructionSet(rawValue: String(cString: ck_best_table().pointee.name)) ?? .generic
  }

  /// Whether this processor runs it.
  public var isAvailable: Bool { ck_table_named(rawValue) != nil }
}

/// Which code multiplies matrices.
public enum BLASBackend: String, CaseIterable, Codable, Sendable {
  /// OpenBLAS for matrix products, own kernels for convolutions.
  case openBLAS = "openblas"
  /// Own kernels for everything: the same bits on any instruction set.
  case native
  /// OpenBLAS for convolutions too, by im2col: the slow, independent check.
  case openBLASAll = "openblas-all"

  /// What is used unless another is named: own kernels, whose bits do not depend on the processor
  /// and which were faster on whole recurrent steps at one thread and at two
  /// (`Benchmarks/README.md`).
  public static let standard = BLASBackend.native
}

/// Where tensors live and are computed: kernels, threads and memory.
///
/// Results do not depend on the number of threads. One context belongs to one thread of the
/// program; it is deliberately not `Sendable`.
public final class ComputeContext {
  public let instructionSet: InstructionSet
  public let blas: BLASBackend
  public let threads: Int
  /// What the kernels did since the context was made.
  public internal(set) var counters = KernelCounters()
  let kernels: ck_table
  let pool: OpaquePointer
  let arena = Arena(isReal: true)

  /// Starts the threads and chooses the kernels.
  ///
  /// - Parameters:
  ///   - threads: Threads that compute, the caller's among them; at least 1.
  ///   - instructionSet: Kernels to run; the processor's best if `nil`.
  ///   - blas: Which code multiplies matrices.
  /// - Throws: If the processor lacks the instructions or the system refuses the threads.
  public init(
    threads: Int = 1, instructionSet: InstructionSet? = nil, blas: BLASBackend = .standard
  ) throws(TensorCoreError) {
    check(threads >= 1, "ComputeContext: threads is \(threads), at least 1 expected")
    let set = instructionSet ?? .best
    guard let table = ck_table_named(set.rawValue) else { throw .instructionSetUnavailable(set) }
    guard let pool = ck_pool_create(Int32(threads)) else { throw .threadsRefused(threads) }
    self.instructionSet = set
    self.blas = blas
    self.threads = threads
    self.pool = pool
    kernels = table.pointee
    OpenBLAS.useOneThreadEach()
  }

  /// A context of one thread with the native kernels: for policies, whose networks are small and
  /// whose bits must be the same on every machine.
  public static func forPolicies() -> ComputeContext {
    // One thread starts no worker, and the best instructions are those that the processor has.
    require(
      try? ComputeContext(threads: 1, blas: .native), "forPolicies: no memory for a context")
  }

  deinit { ck_pool_destroy(pool) }

  /// Bytes that the context holds: tensors, free blocks and scratch.
  public var memoryBytes: Int { arena.mappedBytes + ck_pool_scratch_bytes(pool) }
}
