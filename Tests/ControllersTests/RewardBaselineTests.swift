import Controllers
import Foundation
import Testing

/// What rewards are compared with, by hand, with a decay of 0.9.
@Suite struct RewardBaselineTests {
  private func isNear(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  /// The first two compare with their mean 0.375, which then becomes 0.9 · (0.9 · 0.375 + 0.05)
  /// + 0.025 = 0.37375.
  @Test func earlierUpdates() {
    var baseline = RewardBaseline(momentum: 0.9)
    #expect(baseline.value == nil)
    #expect(isNear(baseline.advantages(of: [0.5, 0.25]), [0.125, -0.125]))
    #expect(isNear(baseline.advantages(of: [0.75]), [0.37625]))
  }

  /// `baseline -= (1 - bl_dec) * (baseline - reward)`, then `reward - baseline`, from 0
  /// (melodyguan/enas, general_controller.py): 0.05, 0.07, 0.138.
  @Test func upToItself() {
    var baseline = RewardBaseline(momentum: 0.9, .upToItself)
    #expect(baseline.value == 0)
    #expect(isNear(baseline.advantages(of: [0.5, 0.25]), [0.45, 0.18]))
    baseline.endEpoch()
    #expect(isNear(baseline.advantages(of: [0.75]), [0.612]))
  }

  /// The same over 0.1, 0.19 and 0.271 (D-X-Y/AutoDL-Projects, reinforce.py).
  @Test func correctedUpToItself() {
    var baseline = RewardBaseline(momentum: 0.9, .correctedUpToItself)
    #expect(baseline.value == nil)
    let found = [0.5, 0.25, 0.75].map { baseline.advantages(of: [$0])[0] }
    let averages = [0.5, 0.07 / 0.19, 0.138 / 0.271]
    #expect(isNear(found, [0.5 - averages[0], 0.25 - averages[1], 0.75 - averages[2]]))
  }

  /// D-X-Y/AutoDL-Projects, ENAS.py: `baseline = val_top1` in the first epoch, and later
  /// `config.baseline - (1 - bl_dec) * (config.baseline - reward)`, where `config.baseline` is what
  /// the last reward of the epoch before was compared with: 0.2, then 0.255.
  @Test func earlierEpochsAndItself() {
    var baseline = RewardBaseline(momentum: 0.9, .earlierEpochsAndItself)
    #expect(isNear(baseline.advantages(of: [0.5, 0.25], first: [0.4, 0.2]), [0.1, 0.05]))
    baseline.endEpoch()
    #expect(isNear(baseline.advantages(of: [0.5, 0.75], first: [1, 1]), [0.27, 0.495]))
    baseline.endEpoch()
    #expect(isNear(baseline.advantages(of: [0.5]), [0.2205]))
  }

  @Test(arguments: [
    RewardBaseline.Comparison.earlierUpdates, .upToItself, .correctedUpToItself,
    .earlierEpochsAndItself,
  ])
  func goesOnFromACheckpoint(comparison: RewardBaseline.Comparison) throws {
    var whole = RewardBaseline(momentum: 0.9, comparison)
    _ = whole.advantages(of: [0.5, 0.25])
    whole.endEpoch()
    _ = whole.advantages(of: [0.75])
    var resumed = try JSONDecoder().decode(RewardBaseline.self, from: JSONEncoder().encode(whole))
    #expect(resumed == whole)
    #expect(resumed.advantages(of: [0.1, 0.9]) == whole.advantages(of: [0.1, 0.9]))
  }
}
