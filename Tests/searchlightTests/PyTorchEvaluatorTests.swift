import Foundation
import TestSupport
import Testing

/// Cells of NAS-Bench-201 that PyTorch trains come out as those that this project's core trains.
@Suite(
  .enabled(
    if: ProgramRun.isThere && ProgramRun.hasPyTorch, "needs PyTorch and NumPy in python3"
  ))
struct PyTorchEvaluatorTests {
  private static let seeds = 8

  /// What the runs came to: parameters and test error of each seed.
  private func results(_ evaluator: String) throws -> [(parameters: Int, test: Double)] {
    let project = try ProgramRun(suite: .training.only("random-sampling"))
    let text = SmallSuite.training.only("random-sampling").text
      .replacing("seeds: 1", with: "seeds: \(Self.seeds)")
      .replacing("evaluator: training", with: "evaluator: \(evaluator)")
      .replacing(
        "{name: nasbench201-12, batch-size: 40, learning-rate: 0.05, anneal-by-epoch: false}",
        with: "{name: nasbench201-12, batch-size: 8, learning-rate: 0.03, anneal-by-epoch: false}"
      )
      .replacing("{channels: 2,", with: "{channels: 4,")
      .replacing("training-images: 160", with: "training-images: 1000")
      .replacing("final: {epochs: 3}", with: "final: {epochs: 12}")
    let suite = project.home.appending(path: "Benchmarks/suites/small.yaml")
    try Data(text.utf8).write(to: suite)
    let end = try project(["run", "small", "--allow-commands"])
    #expect(end.code == 0, "\(end.output)\(end.errors)")
    let table = try String(
      contentsOf: project.home.appending(path: "reports/small/results.csv"), encoding: .utf8)
    let rows = table.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let parameters = try #require(rows[0].firstIndex(of: "parameters"))
    let test = try #require(rows[0].firstIndex(of: "test"))
    return try rows.dropFirst().map {
      (try #require(Int($0[parameters])), try #require(Double($0[test])))
    }
  }

  @Test func errorsAgreeWithinTheNoiseOfSeeds() throws {
    // One suite seed samples the same architectures.
    let core = try results("training")
    let pytorch = try results(
      "{name: pytorch, command: [python3, Benchmarks/plugins/pytorch_evaluator.py]}")
    #expect(core.map(\.parameters) == pytorch.map(\.parameters))
    #expect(core.count == Self.seeds)
    let differences = zip(core, pytorch).map { $0.test - $1.test }
    let mean = differences.reduce(0, +) / Double(differences.count)
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (squares / Double(differences.count - 1) / Double(differences.count)).squareRoot()
    #expect(abs(mean) < 4 * error, "differences \(differences)")
    // Networks that learnt nothing would agree as well.
    #expect(core.map(\.test).min() ?? 1 < 0.5)
    #expect(pytorch.map(\.test).min() ?? 1 < 0.5)
  }
}
