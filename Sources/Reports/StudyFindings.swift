import Charts
import ResultsStore
import SearchCore
import Statistics

/// Which method is best at a study's budget, and how sure that is.
///
/// Every pair of methods is compared by Welch's test, and the p-values are corrected by Holm's
/// method over all pairs: the best is only known after looking, so comparing it alone with the
/// others would promise too much.
package struct StudyFindings: Sendable {
  /// The figure that methods are compared by.
  package enum Metric: CaseIterable, Sendable {
    case test, finalValidation, searchValidation

    /// What the figure is called: `stand-alone validation error`.
    package func name(in objective: Objective) -> String {
      switch self {
      case .test: objective.name(on: .test)
      case .finalValidation: "stand-alone \(objective.name(on: .validation))"
      case .searchValidation: "\(objective.name(on: .validation)) at the search's fidelity"
      }
    }

    /// A method's values of this figure.
    package func sample(of summary: MethodSummary) -> Sample {
      switch self {
      case .test: summary.test
      case .finalValidation: summary.finalValidation
      case .searchValidation: summary.searchValidation
      }
    }
  }

  /// The best method beside another one.
  package struct Comparison: Sendable {
    /// Id of the other method.
    package let other: String
    /// `nil` if one of them has fewer than two values, or neither has any spread.
    package let test: WelchTest?
    /// After Holm's correction.
    package let pValue: Double?

    /// Whether the difference is more than chance explains.
    package var isClear: Bool { pValue.map { $0 < StudyFindings.significance } ?? false }
  }

  /// Probability of calling a difference clear where there is none.
  package static let significance = 0.05

  /// What scores mean.
  package let objective: Objective
  /// All methods in the suite's order.
  package let summaries: [MethodSummary]
  /// What they are compared by: the first of `Metric` that a run has.
  package let metric: Metric
  /// The method with the best mean; `nil` if no run has a result.
  package let leader: MethodSummary?
  /// The leader beside every other method with a result, in the suite's order.
  package let comparisons: [Comparison]
  /// Every pair that could be tested.
  package let pairTests: [PairTest]
  /// Number of pairs over which p-values were corrected.
  package var pairs: Int { pairTests.count }

  /// Two methods beside each other.
  package struct PairTest: Sendable {
    /// Ids, in the suite's order.
    package let first: String
    package let second: String
    package let test: WelchTest
    /// After Holm's correction.
    package let pValue: Double
  }

  /// Compares the methods of a study.
  package init(summaries: [MethodSummary], objective: Objective) {
    self.objective = objective
    let metric =
      Metric.allCases.first { metric in
        summaries.contains { metric.sample(of: $0).count > 0 }
      } ?? .test
    let measured = summaries.filter { metric.sample(of: $0).count > 0 }
    var leader: (index: Int, mean: Double)?
    for (index, summary) in measured.enumerated() {
      guard let mean = metric.sample(of: summary).mean,
        objective.isBetter(mean, than: leader?.mean)
      else { continue }
      leader = (index, mean)
    }
    var tests: [(first: Int, second: Int, test: WelchTest)] = []
    for first in measured.indices {
      for second in measured.indices where second > first {
        let samples = (metric.sample(of: measured[first]), metric.sample(of: measured[second]))
        guard let test = WelchTest(samples.0, samples.1) else { continue }
        tests.append((first, second, test))
      }
    }
    let corrected = HolmCorrection.adjusted(tests.map(\.test.pValue))
    comparisons = measured.indices.filter { $0 != leader?.index }.map { other in
      let found = tests.firstIndex {
        $0.first == min(other, leader?.index ?? 0) && $0.second == max(other, leader?.index ?? 0)
      }
      return Comparison(
        other: measured[other].method, test: found.map { tests[$0].test },
        pValue: found.map { corrected[$0] })
    }
    self.leader = leader.map { measured[$0.index] }
    self.summaries = summaries
    self.metric = metric
    pairTests = zip(tests, corrected).map { found, pValue in
      PairTest(
        first: measured[found.first].method, second: measured[found.second].method,
        test: found.test, pValue: pValue)
    }
  }

  /// The methods with a result, best mean first; equal ones in the suite's order.
  package var ranking: [MethodSummary] {
    let measured = summaries.enumerated().compactMap { index, summary in
      metric.sample(of: summary).mean.map { (index, summary, objective.loss(of: $0)) }
    }
    return measured.sorted { ($0.2, $0.0) < ($1.2, $1.0) }.map(\.1)
  }

  /// The answer in one line.
  package var headline: String {
    guard let leader else { return "No run has a result yet, so there is no answer." }
    let name = leader.method
    if summaries.count == 1 {
      return "Only \(name) was run: there is nothing to compare it with."
    }
    if comparisons.isEmpty { return "Cannot tell: only \(name) has a result." }
    if comparisons.allSatisfy(\.isClear), comparisons.count == summaries.count - 1 {
      return "\(name) is the best of these \(summaries.count) methods at this budget."
    }
    let open = comparisons.filter { !$0.isClear }.map(\.other)
    if open.count < comparisons.count, open.count < 4, comparisons.count == summaries.count - 1 {
      return
        "One of \(ReportText.list([name] + open)) is the best of these \(summaries.count) methods "
        + "at this budget; which of them cannot be told."
    }
    return "Cannot tell which method is best at this budget."
  }

  /// How sure the answer is, in full sentences.
  package var sentences: [String] {
    guard let leader else { return incompleteness.map { [$0] } ?? [] }
    let sample = metric.sample(of: leader)
    let interval = sample.meanInterval() == nil ? "" : "95 % t interval, "
    var sentences = [
      "\(leader.method) has the \(objective.superlative) mean "
        + "\(metric.name(in: objective)), \(objective.text(sample)) "
        + "(\(interval)\(ReportText.count(sample.count, "seed")))."
    ]
    sentences += comparisons.count < 3 ? comparisons.map(sentence) : summaryOfComparisons
    if let detectable { sentences.append(detectable) }
    if let incompleteness { sentences.append(incompleteness) }
    return sentences
  }

  /// What several comparisons came to, in a sentence for each outcome.
  private var summaryOfComparisons: [String] {
    func names(_ isIncluded: (Comparison) -> Bool) -> [String] {
      comparisons.filter(isIncluded).map { comparison in
        let points = comparison.test.map { objective.number($0.difference.magnitude) }
        return points.map { "\(comparison.other) (\($0))" } ?? comparison.other
      }
    }
    let (clear, open) = (names { $0.isClear }, names { !$0.isClear })
    let evidence =
      "in \(objective.differenceUnit); Welch's tests, Holm's correction over \(pairs) comparisons"
    var sentences: [String] = []
    if !clear.isEmpty {
      sentences.append(
        "It is better than \(ReportText.list(clear)), more than chance explains (\(evidence)).")
    }
    if !open.isEmpty {
      let which = open.count == 1 ? "Its difference to" : "Its differences to"
      sentences.append(
        "\(which) \(ReportText.list(open)) cannot be told from chance"
          + (clear.isEmpty ? " (\(evidence))." : "."))
    }
    return sentences
  }

  private func sentence(of comparison: Comparison) -> String {
    guard let test = comparison.test, let pValue = comparison.pValue else {
      return "Its difference to \(comparison.other) cannot be told from chance: "
        + "there are too few seeds, or no spread, to know what chance does."
    }
    let points = "\(objective.number(test.difference.magnitude)) \(objective.differenceUnit)"
    let holm = pairs == 1 ? "" : " after Holm's correction over \(pairs) comparisons"
    let evidence = "Welch's test, p \(NumberText.probability(pValue))\(holm)"
    if comparison.isClear {
      return "It is \(points) better than \(comparison.other), "
        + "more than chance explains (\(evidence))."
    }
    return "Its difference to \(comparison.other) (\(points)) cannot be told from chance "
      + "(\(evidence))."
  }

  /// What the number of seeds can show at all, with the spread seen here.
  private var detectable: String? {
    // Of the methods that are not clearly behind: one that varies much more says nothing of these.
    let behind = Set(comparisons.filter(\.isClear).map(\.other))
    let near = summaries.filter { !behind.contains($0.method) }
    let samples = (near.count < 2 ? summaries : near).map { metric.sample(of: $0) }
      .filter { $0.count >= 2 }
    guard samples.count >= 2, let seeds = samples.map(\.count).min() else { return nil }
    var squares = 0.0
    for sample in samples {
      let deviation = sample.standardDeviation ?? 0
      squares += deviation * deviation
    }
    let spread = (squares / Double(samples.count)).squareRoot()
    guard spread > 0,
      let smallest = DetectableDifference.smallest(seeds: seeds, standardDeviation: spread)
    else { return nil }
    return "With \(ReportText.count(seeds, "seed")) a method and the spread seen here, a single "
      + "comparison finds a true difference of \(objective.number(smallest)) "
      + "\(objective.differenceUnit) with "
      + "80 % probability; smaller ones are easily missed."
  }

  /// Says that results are missing, and what that does to the means; `nil` if none are.
  package var incompleteness: String? {
    let failed = summaries.reduce(0) { $0 + $1.failures.count }
    let missing = summaries.reduce(0) { $0 + $1.missingSeeds.count }
    if failed + missing == 0 { return nil }
    var parts: [String] = []
    if failed > 0 { parts.append("\(ReportText.count(failed, "run")) failed") }
    if missing > 0 { parts.append("\(ReportText.count(missing, "run")) not recorded") }
    return "\(ReportText.list(parts)), listed below: means are over the others, which flatters "
      + "a method that fails often."
  }
}

extension SuiteResults {
  /// The answer of each study, in a line: `recorded: asha is the best of these 6 methods at this budget.`
  package var answers: [String] {
    studies.map { study in
      let findings = StudyFindings(
        summaries: study.summaries(plannedRuns: seeds(of: study)), objective: study.objective)
      return "\(study.name): \(findings.headline)"
    }
  }
}
