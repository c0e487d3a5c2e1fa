import Experiments
import Foundation
import OperationCosts
import SearchCore
import Testing

/// Writing checkpoints costs less than 2 % of the time, whatever one of them takes.
@Suite struct CheckpointWriterTests {
  /// A clock that is moved by hand.
  private final class ManualClock: RunClock {
    var now = 0.0
    func monotonicSeconds() -> Double { now }
    func cpuSeconds() -> Double { now }
    func unixSeconds() -> Int { 0 }
  }

  @Test(arguments: [0.001, 0.1, 3.0], [0.01, 0.7])
  func writingStaysBelowTwoPercent(cost: Double, step: Double) throws {
    let folder = TemporaryFolder()
    let clock = ManualClock()
    let writer = CheckpointWriter(folder: folder.url, period: .standard, clock: clock)
    let text =
      #"{"run":"r","work":"w","journalLines":1,"canonicalLines":1,"journalHash":"h","#
      + #""charges":{"charges":{}},"measured":{},"state":"1"}"#
    let record = try JSONDecoder().decode(Checkpoint.Record.self, from: Data(text.utf8))
    var spent = 0.0
    var count = 0
    while clock.now < 2_000, count < 100 {
      clock.now += step
      guard writer.isDue() else { continue }
      // The snapshot and the writing.
      clock.now += cost
      try writer.write(Checkpoint(record: record, snapshot: Snapshot(state: [49])))
      spent += cost
      count += 1
    }
    #expect(count > 3)
    #expect(spent / clock.now < 0.02, "\(count) in \(clock.now) s")
  }
}
