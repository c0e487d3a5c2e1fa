import NeuralNetworks
import Testing

@Suite struct ScheduleTests {
  /// Expected: torch.optim.lr_scheduler.CosineAnnealingLR of PyTorch 2.13, in double precision,
  /// printed by `python3 Tests/Reference/network-values.py`. Its recursion rounds at every epoch.
  @Test(arguments: [
    (
      0.1, 0.0,
      [
        0.1, 0.09619397662556434, 0.08535533905932738, 0.0691341716182545, 0.05,
        0.030865828381745515, 0.014644660940672627, 0.0038060233744356634, 0.0,
      ]
    ),
    (
      0.025, 0.001,
      [
        0.025, 0.02270820393249937, 0.016708203932499367, 0.009291796067500628,
        0.0032917960675006306, 0.001,
      ]
    ),
  ])
  func cosineEqualsPyTorchs(first: Double, last: Double, rates: [Double]) {
    let schedule = Schedule.cosine(from: first, to: last)
    for (epoch, rate) in rates.enumerated() {
      let fraction = Double(epoch) / Double(rates.count - 1)
      #expect(abs(schedule.learningRate(at: fraction) - rate) < 1e-15)
    }
  }

  /// The last step may end past the budget.
  @Test func cosineStaysAtItsEnds() {
    let schedule = Schedule.cosine(from: 0.1, to: 0.01)
    #expect(schedule.learningRate(at: -0.5) == 0.1)
    #expect(schedule.learningRate(at: 1.5) == schedule.learningRate(at: 1))
  }

  @Test(arguments: [0.0, 0.3, 1.0])
  func constantNeverChanges(fraction: Double) {
    #expect(Schedule.constant(0.05).learningRate(at: fraction) == 0.05)
  }
}
