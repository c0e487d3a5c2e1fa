import SearchCore
import Statistics

/// A verdict with what it rests on.
public struct Judgement: Hashable, Sendable {
  /// What is said of the figure.
  public var verdict: Verdict
  /// Whether what was measured is better than published beyond chance.
  public var isBetter = false
  /// Why, in one line.
  public var reason: String
  /// Measured minus published in the metric's unit, above 0 where ours is worse; `nil` if not
  /// compared.
  public var excess: Double?
  /// The interval of the excess of confidence 1 - 2α; `nil` for a count.
  public var interval: Interval?
  /// Number of our runs that would decide, if the next ones are like these; `nil` if it is
  /// decided or no number would do.
  public var runsNeeded: Int?
  /// Chance of `reproduced` if there is no true difference; `nil` for a count.
  public var power: Double?

  /// Makes a judgement without figures.
  public init(_ verdict: Verdict, _ reason: String) {
    self.verdict = verdict
    self.reason = reason
  }
}

/// The rules by which measurements become verdicts.
///
/// Counts are compared with the margin as they are. A mean of runs is worse than published by the
/// excess e, whose true value is E. It is *not reproduced* if a one-sided t test at α rejects
/// E ≤ margin, and *reproduced* if one rejects E ≥ margin: the half of two one-sided tests that is
/// against being worse, because better is never a failure. At E = margin each is wrong with
/// probability at most α; otherwise the runs cannot tell. The spread of the published mean counts
/// as Welch has it; of fewer than 4 runs on a side, where Welch's test is wrong too often (7.4 % for
/// α = 5 % with 2 runs beside 10), the degrees of freedom are the smaller side's. A published
/// figure without a spread is taken for a run like ours.
///
/// Source: Schuirmann, doi:10.1007/BF01068419; Dannenberg, Dette & Munk,
/// doi:10.1093/biomet/81.1.91; of few runs Mickey & Brown, doi:10.1214/aoms/1177699514.
public struct VerdictRule: Hashable, Sendable {
  /// α of each one-sided test, between 0 and 0.5, both excluded.
  public let significance: Double
  /// Most runs that are ever asked for.
  static let mostRuns = 10_000

  /// Takes α.
  public init(significance: Double = 0.05) { self.significance = significance }

  /// Judges a count, or a score without chance: of archived weights, for instance.
  ///
  /// - Parameter measured: In the metric's unit.
  public func judge(_ claim: PublishedResult, count measured: Double) -> Judgement {
    if let refusal = Self.refusal(of: claim, isMeanOfRuns: false) { return refusal }
    guard let margin = claim.margin else { return Self.noMargin }
    let excess = Self.excess(of: measured, over: claim)
    let slack = margin + 1e-9 * max(1, claim.value.magnitude)
    let isBetter = !claim.metric.isCount && excess < -slack
    let isOff = claim.metric.isCount ? excess.magnitude > slack : excess > slack
    let (ours, theirs) = (Self.text(measured, claim.metric), Self.text(claim.value, claim.metric))
    var judgement = Judgement(
      isOff ? .notReproduced : .reproduced,
      "\(ours) against \(theirs), margin \(margin.shortText)" + (isBetter ? "; better" : ""))
    (judgement.isBetter, judgement.excess) = (isBetter, excess)
    return judgement
  }

  /// Judges the mean of runs.
  ///
  /// - Parameter runs: One a run, in the metric's unit.
  public func judge(_ claim: PublishedResult, runs: Sample) -> Judgement {
    if let refusal = Self.refusal(of: claim, isMeanOfRuns: true) { return refusal }
    guard let margin = claim.margin, margin > 0 else { return Self.noMargin }
    guard let mean = runs.mean else { return Judgement(.notMeasured, "no run ended") }
    let excess = Self.excess(of: mean, over: claim)
    guard let summary = SampleSummary(runs) else {
      var judgement = Judgement(.cannotTell, "one run says nothing of its spread")
      judgement.runsNeeded = runsNeeded(claim, excess, spread: claim.spread, from: 2)
      judgement.excess = excess
      return judgement
    }
    guard let error = Self.error(of: summary, claim) else {
      // Neither side has any spread: nothing is left to chance.
      return judge(claim, count: mean)
    }
    return decided(claim, margin, excess, error, summary)
  }

  private func decided(
    _ claim: PublishedResult, _ margin: Double, _ excess: Double, _ error: MeanError,
    _ ours: SampleSummary
  ) -> Judgement {
    let half = error.half(significance)
    let verdict: Verdict =
      excess - half > margin ? .notReproduced : excess + half < margin ? .reproduced : .cannotTell
    let isBetter = excess + half < 0
    var reason =
      "\(Self.text(ours.mean, claim.metric)) of \(ours.count) runs against "
      + "\(Self.text(claim.value, claim.metric)): \(Self.difference(excess, half)), "
      + "margin \(margin.shortText)"
    if isBetter { reason += "; better than published" }
    reason += Self.prediction(claim, runs: ours.count)
    var judgement = Judgement(verdict, reason)
    judgement.isBetter = isBetter
    judgement.excess = excess
    judgement.interval = Interval(low: excess - half, high: excess + half)
    judgement.power = error.power(margin: margin, significance: significance)
    if verdict == .cannotTell {
      judgement.runsNeeded = runsNeeded(
        claim, excess, spread: ours.standardDeviation, from: ours.count + 1)
      judgement.reason +=
        judgement.runsNeeded.map { "; \($0) runs like these would tell" }
        ?? "; no number of our runs would tell, the published spread is too large"
    }
    return judgement
  }

  /// Fewest of our runs that decide, if their excess and spread are as given.
  private func runsNeeded(
    _ claim: PublishedResult, _ excess: Double, spread: Double?, from first: Int
  ) -> Int? {
    guard let margin = claim.margin, let spread, spread > 0, first <= Self.mostRuns else {
      return nil
    }
    func decides(_ count: Int) -> Bool {
      SampleSummary(mean: 0, standardDeviation: spread, count: count)
        .flatMap { Self.error(of: $0, claim) }
        .map { $0.half(significance) < (margin - excess).magnitude } ?? false
    }
    guard decides(Self.mostRuns) else { return nil }
    var (low, high) = (first - 1, Self.mostRuns)
    while high - low > 1 {
      let middle = (low + high) / 2
      if decides(middle) { high = middle } else { low = middle }
    }
    return high
  }

  // MARK: Parts

  /// Why no verdict is drawn; `nil` if one may be.
  private static func refusal(of claim: PublishedResult, isMeanOfRuns: Bool) -> Judgement? {
    if claim.status == .unverified || claim.unverified.contains(.value) {
      return Judgement(
        .cannotTell, "the published figure is from memory; look it up in \(claim.source)")
    }
    if isMeanOfRuns, claim.statistic.isBestOfSeveral {
      return Judgement(
        .cannotTell,
        "a mean of runs is not compared with the \(claim.statistic.rawValue) of several")
    }
    return nil
  }

  private static let noMargin = Judgement(
    .cannotTell, "the claim has no margin; give it one before measuring")

  static func excess(of measured: Double, over claim: PublishedResult) -> Double {
    claim.metric.isHigherBetter ? claim.value - measured : measured - claim.value
  }

  /// Standard error and degrees of freedom of the difference; `nil` without any spread.
  static func error(of ours: SampleSummary, _ claim: PublishedResult) -> MeanError? {
    if claim.statistic == .mean, let spread = claim.spread, let count = claim.runs,
      let theirs = SampleSummary(mean: claim.value, standardDeviation: spread, count: count)
    {
      return WelchTest(ours, theirs).map {
        let fewest = min(ours.count, count)
        return MeanError(
          standardError: $0.standardError,
          degreesOfFreedom: fewest < 4 ? Double(fewest - 1) : $0.degreesOfFreedom)
      }
    }
    // A median or one of unknown many is at least as sure as a single run.
    let count = claim.statistic == .mean ? claim.runs ?? 1 : 1
    let error =
      ours.standardDeviation * (1 / Double(ours.count) + 1 / Double(count)).squareRoot()
    guard error > 0 else { return nil }
    return MeanError(standardError: error, degreesOfFreedom: Double(ours.count - 1))
  }

  /// An excess with its interval, in words.
  private static func difference(_ excess: Double, _ half: Double) -> String {
    let size = excess.magnitude
    return "\(excess < 0 ? "better" : "worse") by \(size.rounded(3)) "
      + "(\((size - half).rounded(3)) to \((size + half).rounded(3)))"
  }

  /// Where the mean of so many runs lies, if they are like the published ones: in 19 of 20 cases.
  private static func prediction(_ claim: PublishedResult, runs: Int) -> String {
    guard claim.statistic == .mean, let spread = claim.spread, let count = claim.runs,
      let interval = SampleSummary(mean: claim.value, standardDeviation: spread, count: count)?
        .predictionInterval(ofMeanOf: runs)
    else { return "" }
    return "; runs like the published ones would have given \(interval.low.rounded(3)) to "
      + interval.high.rounded(3)
  }

  static func text(_ value: Double, _ metric: PublishedResult.Metric) -> String {
    let number = value.rounded(3)
    return metric.unit.isEmpty ? number : "\(number) \(metric.unit)"
  }
}

/// How sure a difference of means is.
struct MeanError: Hashable, Sendable {
  /// Above 0.
  let standardError: Double
  let degreesOfFreedom: Double

  /// How far from the difference a one-sided test at α still believes the truth.
  func half(_ significance: Double) -> Double {
    StudentT(degreesOfFreedom: degreesOfFreedom).quantile(1 - significance) * standardError
  }

  /// Chance that a true difference of 0 is found to be below the margin.
  func power(margin: Double, significance: Double) -> Double {
    let noncentrality = margin / standardError
    // Beyond that the noncentral distribution is all above any critical value.
    guard noncentrality < 37 else { return 1 }
    let critical = StudentT(degreesOfFreedom: degreesOfFreedom).quantile(1 - significance)
    return 1
      - NoncentralT(degreesOfFreedom: degreesOfFreedom, noncentrality: noncentrality)
      .cumulative(critical)
  }
}

extension Double {
  /// Rounded to so many decimals, without zeros at the end.
  func rounded(_ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let value = (self * scale).rounded() / scale
    return (value == 0 ? 0 : value).shortText
  }
}
