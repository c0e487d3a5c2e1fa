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

  struct RestartCase: Sendable {
    let from: Double
    let to: Double
    let period: Int
    let growth: Int
    let rates: [Double]
  }

  /// Expected: CosineAnnealingWarmRestarts, printed by the same script.
  @Test(arguments: [
    RestartCase(
      from: 0.05, to: 0.0005, period: 2, growth: 2,
      rates: [
        0.05, 0.02525, 0.05, 0.04275089283436705, 0.02525, 0.00774910716563295, 0.05,
        0.04811601842965435, 0.04275089283436705, 0.03472141495103598, 0.02525,
        0.01577858504896403, 0.00774910716563295, 0.0023839815703456534,
      ]),
    RestartCase(
      from: 0.05, to: 0.001, period: 3, growth: 1,
      rates: [
        0.05, 0.037750000000000006, 0.013250000000000005, 0.05, 0.037750000000000006,
        0.013250000000000005, 0.05, 0.037750000000000006,
      ]),
  ])
  func restartsEqualPyTorchs(expected: RestartCase) {
    let epochs = expected.rates.count
    let schedule = Schedule.cosineWithRestarts(
      from: expected.from, to: expected.to, period: expected.period, growth: expected.growth,
      epochs: epochs)
    for (epoch, rate) in expected.rates.enumerated() {
      // 7 updates an epoch, all at the same rate.
      for update in 0..<7 {
        let fraction = Double(7 * epoch + update) / Double(7 * epochs)
        #expect(abs(schedule.learningRate(at: fraction) - rate) < 1e-15)
      }
    }
    #expect(schedule.learningRate(at: 1.5) == schedule.learningRate(at: 1 - 1e-6))
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

  @Test func milestonesAreThoseOfWideResNets() {
    // PyTorch 2.13: MultiStepLR(SGD(lr=0.1), milestones=[60, 120, 160], gamma=0.2), by epoch.
    let published = [
      (0, 0.1), (59, 0.1), (60, 0.02), (119, 0.02), (120, 0.004), (159, 0.004), (160, 0.0008),
      (199, 0.0008),
    ]
    let schedule = Schedule.milestones(from: 0.1, at: [60, 120, 160], factor: 0.2, epochs: 200)
    for (epoch, rate) in published {
      let found = schedule.learningRate(at: Double(epoch) / 200)
      #expect(abs(found - rate) < 1e-12, "\(epoch)")
      let last = schedule.learningRate(at: (Double(epoch) + 0.999) / 200)
      #expect(last == found, "\(epoch)")
    }
  }

  /// Expected: OneCycleLR of 11 steps, printed by the same script: its first phase ends at 0.23 of
  /// the way from the first step to the last.
  @Test func oneCycleEqualsPyTorchs() {
    let schedule = Schedule.oneCycle(peak: 0.1, to: 1e-4, rise: 0.23)
    let rates = [
      0.0040000000000000036, 0.04223411137347358, 0.09602614247226175, 0.09797667403204416,
      0.08845907874070114, 0.07263598676877016, 0.053105024958051056, 0.033072529385948304,
      0.015827171337356186, 0.0042000665665747235, 0.0001,
    ]
    for (step, rate) in rates.enumerated() {
      #expect(abs(schedule.learningRate(at: Double(step) / 10) - rate) < 1e-15)
    }
  }

  /// Zaremba et al. 2014: the rate of epoch i, from 1, is `0.5^max(0, i - 4)`, whatever the number
  /// of updates.
  @Test(arguments: [1, 7, 2323])
  func stepwiseIsZarembas(updates: Int) {
    let schedule = Schedule.stepwise(from: 1, after: 4, factor: 0.5, epochs: 13)
    for epoch in 0..<13 {
      for update in [0, updates / 2, updates - 1] {
        let fraction = Double(epoch * updates + update) / Double(13 * updates)
        #expect(schedule.learningRate(at: fraction) == 1 / Double(1 << max(0, epoch - 3)))
      }
    }
  }

  @Test func anEpochwiseCosineStandsStillWithinEpochs() {
    let (cosine, epochs) = (Schedule.cosine(from: 0.1, to: 0), 12)
    let schedule = Schedule.byEpoch(cosine, epochs: epochs)
    for step in 0..<120 {
      #expect(
        schedule.learningRate(at: Double(step) / 120)
          == cosine.learningRate(at: Double(step / 10) / 12))
    }
  }
}
