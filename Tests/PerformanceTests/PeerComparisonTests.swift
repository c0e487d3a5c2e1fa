import Foundation
import Performance
import Testing

@Suite struct PeerComparisonTests {
  /// A line as the peer's bench.py prints it, and one of ours with as little as is needed.
  private func line(
    _ workload: String, peer: Bool, median: Double, batch: Int = 8, parameters: Int = 10
  ) throws -> BenchLine {
    let version = peer ? #", "torch_version": "2.13.0+cpu", "channels_last": true"# : ""
    let json = """
      {"workload": "\(workload)", "threads": 2, "batch": \(batch), "steps": 3,
       "step_ms_median": \(median), "step_ms_min": 1.0, "cpu_ms_median": 2.0,
       "images_per_s": 4.0, "params": \(parameters)\(version)}
      """
    return try JSONDecoder().decode(BenchLine.self, from: Data(json.utf8))
  }

  // By hand: ratios 2, 3 and 4; their median is 3, the medians are 20 and 60.
  @Test func pairsAreFormedInOrder() throws {
    let lines = try [(10.0, 20.0), (20, 60), (30, 120)].flatMap { ours, peer in
      [
        try line("a", peer: false, median: ours), try line("a", peer: true, median: peer),
      ]
    }
    let row = try #require(PeerComparison(lines).rows.first)
    #expect(row.pairs == 3)
    #expect(row.ours == 20 && row.peer == 60)
    #expect(row.ratio == 3 && row.leastRatio == 2 && row.largestRatio == 4)
  }

  @Test func aMissingSideIsNamed() throws {
    let lines = [try line("a", peer: false, median: 1)]
    let error = try #require(throws: PeerComparisonError.self) { try PeerComparison(lines) }
    #expect(
      error.description == "a with 2 threads: 1 timings of ours and 0 of the peer; "
        + "as many of each expected, run Benchmarks/compare-peers again")
  }

  @Test(arguments: [(8, 11), (9, 10)])
  func differentWorkIsNotCompared(_ batch: Int, _ parameters: Int) throws {
    let lines = [
      try line("a", peer: false, median: 1),
      try line("a", peer: true, median: 1, batch: batch, parameters: parameters),
    ]
    let error = try #require(throws: PeerComparisonError.self) { try PeerComparison(lines) }
    #expect(
      error.description == "a: batch and parameters are [8, 10] on our side and "
        + "[\(batch), \(parameters)] on the peer's; the same work expected")
  }

  @Test func nothingIsNoComparison() throws {
    let error = try #require(throws: PeerComparisonError.self) { try PeerComparison([]) }
    #expect(
      error.description == "no timing lines; run Benchmarks/compare-peers, which writes them")
  }
}
