import Charts
import Claims
import Statistics

extension StudyCharts {
  /// Published figures against ours, with verdicts, all of the study at once; `nil` if none that
  /// was measured under the study's conditions has a margin.
  ///
  /// Verdicts are those of `VerdictRule`, as `searchlight verify` draws them.
  var claims: Figure? {
    let rows = published.flatMap { claim in
      summaries.filter { $0.method == claim.method }.compactMap { Self.row(claim, $0) }
    }
    guard !rows.isEmpty else { return nil }
    return Figure(
      name: fileName("claims"),
      chart: ForestChart(
        title: "Published figures against ours",
        horizontalLabel: "ours worse than published by (\(study.objective.differenceUnit))",
        rows: rows),
      explanation:
        "Left of 0 ours is better, which is never a failure. The interval has a confidence of 90 %: "
        + "a figure is reproduced if all of it lies below the margin, and not reproduced if all of "
        + "it lies above.")
  }

  private static func row(
    _ claim: PublishedResult, _ summary: MethodSummary
  ) -> ForestChart.Row? {
    let sample: Sample
    switch claim.metric {
    case .testAccuracy, .testError, .testPerplexity: sample = summary.test
    case .validationAccuracy, .validationError, .validationPerplexity:
      sample = summary.finalValidation
    default: return nil
    }
    let judgement = VerdictRule().judge(
      claim, runs: Sample(sample.values.map(claim.metric.printed)))
    guard let excess = judgement.excess, let margin = claim.margin else { return nil }
    return ForestChart.Row(
      name: claim.id, difference: excess,
      interval: judgement.interval.map { $0.low...$0.high }, margin: margin,
      verdict: judgement.verdict.words)
  }
}
