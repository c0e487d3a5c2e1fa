import Claims
import Randomness
import Statistics
import Testing

/// A claim to judge by.
private func claim(
  _ metric: PublishedResult.Metric = .testError, value: Double = 5, spread: Double? = nil,
  runs: Int? = nil, statistic: PublishedResult.Statistic = .single, margin: Double? = 0.5
) -> PublishedResult {
  var claim = PublishedResult(
    id: "a", method: "m", space: "s", dataset: "d", metric: metric, value: value, spread: spread,
    runs: runs, measuredUnder: "p", source: "the paper", status: .verified)
  (claim.statistic, claim.margin) = (statistic, margin)
  return claim
}

/// Verdicts one by one, by hand.
@Suite struct VerdictRuleTests {
  private let rule = VerdictRule()

  // MARK: Counts

  @Test(arguments: [(5.0, Verdict.reproduced), (5.6, .notReproduced), (4, .reproduced)])
  func scoresMayBeBetter(measured: Double, verdict: Verdict) {
    let judgement = rule.judge(claim(), count: measured)
    #expect(judgement.verdict == verdict)
    #expect(judgement.isBetter == (measured < 4.5))
  }

  /// Weights that do better than they did are other weights.
  @Test(arguments: [
    (827.0, Verdict.reproduced), (828, .notReproduced), (826, .notReproduced),
  ])
  func countsOfArchivedWeightsAreExact(measured: Double, verdict: Verdict) {
    let judgement = rule.judge(claim(.wrongTestImages, value: 827, margin: 0), count: measured)
    #expect(judgement.verdict == verdict && !judgement.isBetter)
  }

  @Test(arguments: [(1.7, Verdict.reproduced), (1.74, .reproduced), (1.64, .notReproduced)])
  func sizesMayNotBeOffInEitherDirection(measured: Double, verdict: Verdict) {
    let found = rule.judge(claim(.parameters, value: 1.7, margin: 0.05), count: measured)
    #expect(found.verdict == verdict && !found.isBetter)
  }

  /// 0.46415 against 0.46 within 0.005; a value at the margin's end counts as within.
  @Test func roundingOfTheMarginDoesNotDecide() {
    let found = rule.judge(claim(.parameters, value: 0.1, margin: 0.2), count: 0.3)
    #expect(found.verdict == .reproduced)
  }

  // MARK: Refusals

  @Test func figuresFromMemoryNeverDecide() {
    var memory = claim(.parameters, value: 1.7, margin: 0.05)
    memory.status = .unverified
    var part = claim(.parameters, value: 1.7, margin: 0.05)
    part.unverified = [.value]
    for claim in [memory, part] {
      let found = rule.judge(claim, count: 99)
      #expect(found.verdict == .cannotTell)
      #expect(found.reason == "the published figure is from memory; look it up in the paper")
    }
  }

  @Test(arguments: [PublishedResult.Statistic.best, .bestEpoch])
  func aMeanIsNotComparedWithABest(statistic: PublishedResult.Statistic) {
    let found = rule.judge(claim(statistic: statistic), runs: Sample([9, 9.1, 9.2]))
    #expect(found.verdict == .cannotTell)
    #expect(found.reason.hasPrefix("a mean of runs is not compared with the "))
  }

  @Test func withoutAMarginNothingIsDecided() {
    #expect(rule.judge(claim(margin: nil), runs: Sample([9, 9.1])).verdict == .cannotTell)
    #expect(rule.judge(claim(margin: nil), count: 9).verdict == .cannotTell)
  }

  @Test func noRunIsNotMeasured() {
    #expect(rule.judge(claim(), runs: Sample([])).verdict == .notMeasured)
  }

  @Test func oneRunCannotTellAndSaysHowManyWould() {
    // With the published spread 0.1 and no excess two runs have a half width of
    // 6.314 * 0.1 * sqrt(1/2 + 1/5) > 0.5, three of 2.920 * 0.0730 < 0.5.
    let found = rule.judge(
      claim(spread: 0.1, runs: 5, statistic: .mean), runs: Sample([5]))
    #expect(found.verdict == .cannotTell && found.runsNeeded == 3)
  }

  // MARK: Means

  /// Ours 5.1 ± 0.1 of 4 against 5.0 ± 0.1 of 4: se = 0.0707, df = 6, t(0.95, 6) = 1.94318, so the
  /// excess of 0.1 lies within -0.0374 and 0.2374.
  @Test(arguments: [(0.2, Verdict.cannotTell), (0.24, .reproduced)])
  func theMarginDecides(margin: Double, verdict: Verdict) throws {
    let deviation = 0.1 * (3.0 / 4).squareRoot()
    let sample = Sample([5.1 - deviation, 5.1 + deviation, 5.1 - deviation, 5.1 + deviation])
    let found = rule.judge(
      claim(spread: 0.1, runs: 4, statistic: .mean, margin: margin), runs: sample)
    #expect(found.verdict == verdict)
    let interval = try #require(found.interval)
    #expect((interval.high - 0.2374).magnitude < 1e-4)
    #expect((interval.low + 0.0374).magnitude < 1e-4)
    // 5 ± t(0.975, 3) · 0.1 · √½ = 5 ± 3.18245 · 0.0707.
    #expect(found.reason.contains("would have given 4.775 to 5.225"))
  }

  @Test func muchWorseIsNotReproduced() {
    let found = rule.judge(
      claim(spread: 0.1, runs: 4, statistic: .mean), runs: Sample([6, 6.1, 5.9]))
    #expect(found.verdict == .notReproduced)
  }

  @Test(arguments: [PublishedResult.Metric.testError, .testAccuracy])
  func betterIsNeverAFailure(metric: PublishedResult.Metric) {
    let sign = metric.isHigherBetter ? 1.0 : -1.0
    let found = rule.judge(
      claim(metric, value: 50, spread: 0.1, runs: 4, statistic: .mean),
      runs: Sample([50 + sign * 3, 50 + sign * 3.1, 50 + sign * 2.9]))
    #expect(found.verdict == .reproduced && found.isBetter)
  }

  @Test func aSmallerExcessNeedsFewerRuns() throws {
    let near = rule.judge(
      claim(spread: 0.5, runs: 100, statistic: .mean), runs: Sample([4.8, 5.2, 5.6]))
    let far = rule.judge(
      claim(spread: 0.5, runs: 100, statistic: .mean), runs: Sample([5.0, 5.4, 5.8]))
    #expect(near.verdict == .cannotTell && far.verdict == .cannotTell)
    #expect(try #require(near.runsNeeded) < (try #require(far.runsNeeded)))
  }

  // MARK: The worst of several

  @Test func theWorstDecidesTheExitCode() {
    #expect(Verdict.worst(of: []).exitCode == 0)
    #expect(Verdict.worst(of: [.reproduced, .notMeasured]).exitCode == 3)
    #expect(Verdict.worst(of: [.notMeasured, .cannotTell, .reproduced]).exitCode == 2)
    #expect(Verdict.worst(of: [.cannotTell, .notReproduced, .notMeasured]).exitCode == 1)
  }
}

/// How often verdicts are wrong, over synthetic studies in which the truth is known.
@Suite struct VerdictErrorTests {
  /// A published mean of `published.count` runs and ours, all normal, with a true excess.
  struct Design: Sendable, CustomTestStringConvertible {
    var published: (count: Int, spread: Double)
    var ours: (count: Int, spread: Double)
    /// Whether the paper prints its spread; if not, it is a single run.
    var hasSpread = true
    var testDescription: String { "\(published) published, \(ours) ours, spread \(hasSpread)" }
  }

  static let designs: [Design] = [
    Design(published: (2, 1), ours: (2, 1)), Design(published: (2, 1), ours: (10, 1)),
    Design(published: (3, 1), ours: (5, 1)), Design(published: (3, 1), ours: (20, 2)),
    Design(published: (4, 1), ours: (20, 1)), Design(published: (5, 1), ours: (3, 1)),
    Design(published: (5, 2), ours: (50, 1)), Design(published: (10, 1), ours: (2, 1)),
    Design(published: (10, 1), ours: (10, 1)), Design(published: (500, 1), ours: (5, 1)),
    Design(published: (1, 1), ours: (5, 1), hasSpread: false),
  ]

  /// Shares of verdicts in 10,000 studies.
  static func shares(_ design: Design, excess: Double, margin: Double) -> [Verdict: Double] {
    var counts: [Verdict: Int] = [:]
    let rule = VerdictRule()
    for study in 0..<10_000 {
      var generator = RandomKey(seed: 16).child("study", study).generator()
      let theirs = Sample(
        (0..<design.published.count).map { _ in 50 + design.published.spread * generator.normal() })
      let ours = Sample(
        (0..<design.ours.count).map { _ in
          50 + excess + design.ours.spread * generator.normal()
        })
      let printed = claim(
        value: theirs.mean ?? 0, spread: design.hasSpread ? theirs.standardDeviation : nil,
        runs: design.published.count, statistic: design.hasSpread ? .mean : .single, margin: margin)
      counts[rule.judge(printed, runs: ours).verdict, default: 0] += 1
    }
    return counts.mapValues { Double($0) / 10_000 }
  }

  /// At a true excess of exactly the margin both verdicts are wrong; 5 % may be, and 0.7 points more
  /// are three standard errors of 10,000 studies.
  @Test(arguments: designs)
  func atTheMarginBothAreWrongAtMostInFivePercent(design: Design) {
    let found = Self.shares(design, excess: 2, margin: 2)
    #expect(found[.reproduced] ?? 0 <= 0.057, "false 'reproduced' \(found)")
    #expect(found[.notReproduced] ?? 0 <= 0.057, "false 'not reproduced' \(found)")
  }

  /// Power without a true difference, beside what the rule says of itself. Printed, for a rule that
  /// never decides is never wrong.
  @Test(arguments: [(3, 3.0), (5, 2.0), (10, 1.0), (10, 2.0), (50, 0.5)])
  func powerIsWhatTheRuleSays(runs: Int, margin: Double) throws {
    let design = Design(published: (runs, 1), ours: (runs, 1))
    let observed = Self.shares(design, excess: 0, margin: margin)[.reproduced] ?? 0
    print("power of \(runs) + \(runs) runs at a margin of \(margin) spreads: \(observed)")
    // Of a study with exactly these spreads.
    let deviation = (Double(runs - 1) / Double(runs)).squareRoot()
    var values = (0..<runs).map { $0 % 2 == 0 ? 50 - deviation : 50 + deviation }
    // With a middle value, an odd count of ± 1 has a spread of 1 as well.
    if runs % 2 == 1 { values = (0..<runs - 1).map { $0 % 2 == 0 ? 49 : 51 } + [50] }
    let said = VerdictRule().judge(
      claim(value: 50, spread: 1, runs: runs, statistic: .mean, margin: margin),
      runs: Sample(values))
    let power = try #require(said.power)
    #expect((power - observed).magnitude < 0.12, "said \(power), observed \(observed)")
    #expect(observed > 0.3)
  }

  @Test func aDifferenceFarBeyondTheMarginIsFound() {
    let design = Design(published: (10, 1), ours: (10, 1))
    #expect(Self.shares(design, excess: 4, margin: 1)[.notReproduced] ?? 0 > 0.95)
  }
}
