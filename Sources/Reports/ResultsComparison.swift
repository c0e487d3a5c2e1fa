import Charts
import ResultsStore
import SearchCore
import Statistics

/// Two sets of results side by side: each method that both have, with a test of the difference.
///
/// The test is Welch's, on the first figure that both have runs for (test score, else stand-alone
/// validation score, else validation score in search); p-values are corrected by Holm's method over
/// everything that is compared.
public struct ResultsComparison: Sendable {
  /// One method of one study in both sets.
  public struct Row: Sendable {
    /// Of the first set; the second's may be named differently if each has only one.
    public let study: String
    /// What scores mean, in both sets.
    public let objective: Objective
    public let method: String
    /// What is compared: `test error`.
    public let figure: String
    public let first: Sample
    public let second: Sample
    /// `nil` if a set has fewer than two runs, or neither has any spread.
    public let test: WelchTest?
    /// After Holm's correction.
    public fileprivate(set) var pValue: Double?
  }

  public private(set) var rows: [Row] = []
  /// Whether both sets hold the same bytes, clocks and machine aside.
  public let isIdentical: Bool

  /// Compares two sets of results.
  public init(_ first: SuiteResults, _ second: SuiteResults) {
    isIdentical = first.canonicalChecksum == second.canonicalChecksum
    for study in first.studies {
      let isOnlyPair = first.studies.count == 1 && second.studies.count == 1
      let partner = second.studies.first { $0.name == study.name || isOnlyPair }
      // Scores of different objectives have no difference.
      guard let partner, partner.objective == study.objective else { continue }
      for method in study.methods where partner.methods.contains(method) {
        rows.append(Self.row(method, study, partner))
      }
    }
    let tested = rows.indices.filter { rows[$0].test != nil }
    let corrected = HolmCorrection.adjusted(tested.compactMap { rows[$0].test?.pValue })
    for (index, pValue) in zip(tested, corrected) { rows[index].pValue = pValue }
  }

  private static func row(_ method: String, _ first: StudyResults, _ second: StudyResults) -> Row {
    let summaries = [first, second].map { study in
      let runs = study.runs.filter { $0.method == method }
      return MethodSummary(
        method: method, objective: study.objective, plannedRuns: runs.count, runs: runs)
    }
    let metric =
      StudyFindings.Metric.allCases.first { metric in
        summaries.allSatisfy { metric.sample(of: $0).count > 0 }
      } ?? .test
    let samples = summaries.map { metric.sample(of: $0) }
    return Row(
      study: first.name, objective: first.objective, method: method,
      figure: metric.name(in: first.objective), first: samples[0],
      second: samples[1], test: WelchTest(samples[0], samples[1]), pValue: nil)
  }

  /// A header and a line for each row, as printed.
  public var table: [[String]] {
    [
      [
        "study", "method", "figure", "first", "second", "difference", "95 % interval", "p (Holm)",
      ]
    ]
      + rows.map { row in
        let interval = row.test?.interval()
        return [
          row.study, row.method, row.figure, row.text(row.first), row.text(row.second),
          row.test.map { row.objective.number($0.difference) } ?? "unknown",
          interval.map { row.objective.range($0) } ?? "unknown",
          row.pValue.map { NumberText.fixed($0, 3) } ?? "unknown",
        ]
      }
  }

  /// What the comparison says, in one line.
  public var answer: String {
    if isIdentical { return "The canonical results are the same, byte for byte." }
    if rows.isEmpty { return "No study of the same name has a method that both were run with." }
    let clear = rows.filter { ($0.pValue ?? 1) < StudyFindings.significance }
    if clear.isEmpty { return "No difference can be told from chance (Welch's test, Holm)." }
    let names = clear.map { "\($0.method) in \($0.study)" }.joined(separator: ", ")
    return "More than chance explains the difference of \(names) (Welch's test, Holm, p < 0.05)."
  }
}

extension ResultsComparison.Row {
  /// Mean, standard deviation and number of runs, as printed.
  fileprivate func text(_ sample: Sample) -> String {
    guard let mean = sample.mean else { return "no run" }
    let spread = sample.standardDeviation.map { " ± \(objective.number($0))" } ?? ""
    return "\(objective.number(mean))\(spread) (\(sample.count))"
  }
}
