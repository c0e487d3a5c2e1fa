import Performance
import TensorCore
import Testing

@Suite struct WorkloadTests {
  /// Counts of the same networks in the peer's README (PyTorch's `numel` over all parameters).
  static let parameterCounts = [
    ("darts-eval", 3_825_768), ("darts-eval-infer", 3_825_768), ("darts-rnn-eval", 4_810_000),
    ("darts-rnn-search", 4_810_000), ("darts-search", 1_930_618),
    ("enas-child", 5_786_078), ("nas-child", 846_694), ("nb201", 1_288_506),
    ("ptb-lstm", 4_653_200), ("resnet20", 269_722), ("resnet20-infer", 269_722),
  ]

  @Test func everyWorkloadHasAPublishedCount() {
    #expect(Workload.all.map { $0.name } == Self.parameterCounts.map { $0.0 })
  }

  @Test(arguments: parameterCounts)
  func parametersAreThePeers(_ name: String, _ count: Int) throws {
    let workload = try #require(Workload.all.first { $0.name == name })
    let context = try ComputeContext()
    #expect(try workload.session(in: context, batch: 1).parameters.count == count)
  }

  /// Every weight after a few steps, as bits.
  private func weights(
    _ workload: Workload, threads: Int, instructionSet: InstructionSet? = nil
  ) throws -> [UInt32] {
    let context = try ComputeContext(
      threads: threads, instructionSet: instructionSet, blas: .native)
    let session = try workload.session(in: context, batch: 2)
    for _ in 0..<3 { _ = session.step() }
    return try #require(session.parameters.flatValues).map { $0.bitPattern }
  }

  @Test(arguments: Workload.all.map { $0.name })
  func threadsDoNotChangeTheWeights(_ name: String) throws {
    let workload = try #require(Workload.all.first { $0.name == name })
    #expect(try weights(workload, threads: 1) == weights(workload, threads: 2))
  }

  @Test(
    .enabled(if: InstructionSet.avx512.isAvailable, "this processor has no AVX-512"),
    arguments: Workload.all.map { $0.name })
  func instructionSetsDoNotChangeTheWeights(_ name: String) throws {
    let workload = try #require(Workload.all.first { $0.name == name })
    #expect(
      try weights(workload, threads: 1, instructionSet: .avx512)
        == weights(workload, threads: 1, instructionSet: .avx2))
  }
}
