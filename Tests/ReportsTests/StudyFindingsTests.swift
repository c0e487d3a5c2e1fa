import Reports
import ResultsStore
import SearchCore
import Testing

@Suite struct StudyFindingsTests {
  /// Completed runs with given test errors.
  static func summary(_ method: String, _ errors: [Double], planned: Int? = nil) -> MethodSummary {
    let runs = errors.enumerated().map { seed, error in
      RunResults(
        id: "s/\(method)/\(seed)", method: method, seedIndex: seed, status: .completed,
        trials: [], selectedArchitecture: nil, selectedGraphs: [], searchValidation: nil,
        final: StepReport.Outcome(
          status: .completed, measurement: Measurement(test: error)), charges: [:],
        wallClockSeconds: nil, cpuSeconds: nil)
    }
    return MethodSummary(
      method: method, objective: .classificationError, plannedRuns: planned ?? errors.count,
      runs: runs)
  }

  // SciPy: the same three and three values as in ComparisonTests, p = 0.336132960007531;
  // intervals by scipy.stats.t.interval; 2.18 is SciPy's 3.0709 (three seeds) times the pooled
  // standard deviation 0.0070828.
  @Test func smallDifferenceCannotBeTold() {
    let findings = StudyFindings(
      summaries: [
        Self.summary("random-search", [0.127, 0.139, 0.125]),
        Self.summary("reinforce", [0.123, 0.131, 0.118]),
      ], objective: .classificationError)
    #expect(findings.headline == "Cannot tell which method is best at this budget.")
    #expect(
      findings.sentences.map(plain) == [
        "reinforce has the lowest mean test error, 12.40 % [10.77, 14.03] "
          + "(95 % t interval, 3 seeds).",
        "Its difference to random-search (0.63 points) cannot be told from chance "
          + "(Welch's test, p = 0.34).",
        "With 3 seeds a method and the spread seen here, a single comparison finds a true "
          + "difference of 2.18 points with 80 % probability; smaller ones are easily missed.",
      ])
  }

  @Test func largeDifferencesGiveAnAnswer() {
    let findings = StudyFindings(
      summaries: [
        Self.summary("random-search", [0.20, 0.21, 0.205, 0.2]),
        Self.summary("reinforce", [0.10, 0.11, 0.105, 0.1]),
        Self.summary("regularized-evolution", [0.30, 0.31, 0.305, 0.3]),
      ], objective: .classificationError)
    #expect(findings.headline == "reinforce is the best of these 3 methods at this budget.")
    #expect(
      plain(findings.sentences[1])
        == "It is 10.00 points better than random-search, more than chance explains "
        + "(Welch's test, p < 0.001 after Holm's correction over 3 comparisons).")
  }

  // Four methods have six pairs, and a sentence for each outcome, not for each method.
  @Test func manyComparisonsAreSummedUp() {
    let findings = StudyFindings(
      summaries: [
        Self.summary("a", [0.20, 0.21, 0.205, 0.2]), Self.summary("b", [0.10, 0.11, 0.105, 0.1]),
        Self.summary("c", [0.30, 0.31, 0.305, 0.3]),
        Self.summary("d", [0.101, 0.112, 0.105, 0.102]),
      ], objective: .classificationError)
    #expect(findings.ranking.map(\.method) == ["b", "d", "a", "c"])
    #expect(findings.pairs == 6)
    #expect(
      findings.headline == "One of b and d is the best of these 4 methods at this budget; which of "
        + "them cannot be told.")
    #expect(
      findings.sentences[1...2].map(plain) == [
        "It is better than a (10.00) and c (20.00), more than chance explains (in points; Welch's "
          + "tests, Holm's correction over 6 comparisons).",
        "Its difference to d (0.12) cannot be told from chance.",
      ])
  }

  @Test func oneSeedSaysNothing() {
    let findings = StudyFindings(
      summaries: [
        Self.summary("a", [0.2]), Self.summary("b", [0.1]),
      ], objective: .classificationError)
    #expect(findings.headline == "Cannot tell which method is best at this budget.")
    #expect(
      findings.sentences.map(plain) == [
        "b has the lowest mean test error, 10.00 % (1 seed).",
        "Its difference to a cannot be told from chance: there are too few seeds, or no spread, "
          + "to know what chance does.",
      ])
  }

  @Test func missingRunsAreSaid() {
    let findings = StudyFindings(
      summaries: [
        Self.summary("a", [0.2, 0.21], planned: 3), Self.summary("b", [0.1, 0.11]),
      ], objective: .classificationError)
    #expect(
      findings.sentences.last == "1 run not recorded, listed below: means are over the others, "
        + "which flatters a method that fails often.")
  }

  @Test func nothingMeasuredIsNoAnswer() {
    let findings = StudyFindings(
      summaries: [Self.summary("a", []), Self.summary("b", [])], objective: .classificationError)
    #expect(findings.headline == "No run has a result yet, so there is no answer.")
  }

  @Test func singleMethodsAreNotCompared() {
    #expect(
      StudyFindings(summaries: [Self.summary("a", [0.2])], objective: .classificationError).headline
        == "Only a was run: there is nothing to compare it with.")
    #expect(
      StudyFindings(
        summaries: [Self.summary("a", [0.2]), Self.summary("b", [])],
        objective: .classificationError
      ).headline
        == "Cannot tell: only a has a result.")
  }

  @Test func bestCellIsTheBestStandAlone() throws {
    let study = SampleResults.training.studies[0]
    let summary = study.summaries(plannedRuns: 3)[0]
    let best = try #require(summary.best?.final?.measurement.validation)
    #expect(best == summary.finalValidation.values.min())
  }

  private func plain(_ text: String) -> String { text.replacing("\u{202F}", with: " ") }
}
