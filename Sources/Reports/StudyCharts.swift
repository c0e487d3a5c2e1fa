import Charts
import Claims
import ResultsStore
import SearchCore
import Statistics

/// A chart with the name of its files and what its caption says.
package struct Figure: Sendable {
  /// Name of the files below `charts/`, without ending.
  package let name: String
  /// The drawing.
  package let chart: any Chart
  /// Follows the title in the caption; may be empty.
  package let explanation: String
  /// Ids of the runs that it shows; `nil` for all of the study.
  package var runs: [String]?
}

/// The charts of one study.
package struct StudyCharts {
  let study: StudyResults
  let summaries: [MethodSummary]
  let referenceDevice: String
  /// Where costs come from, and how far they can be trusted.
  let costNote: String
  let published: [PublishedResult]
  /// Id of the random search that others are measured against; `nil` for none.
  let baseline: String?

  /// Positions of the grid on which curves are aligned: finer than a printed line can show.
  static let gridCount = 240

  /// All charts that have something to show, in the order of the report.
  package var figures: [Figure] {
    [
      pairMatrix, bestSoFar, points(.test), points(.finalValidation), points(.searchValidation),
      claims, topMeans, scoreAgainstParameters,
    ].compactMap { $0 } + oneShot + [cost].compactMap { $0 }
  }

  /// The one that page one has: how the search went, or where it went in one step, how it ended.
  package var main: Figure? {
    let drawn = bestSoFar.flatMap { ($0.chart as? CurveChart)?.series } ?? []
    let moves = drawn.filter { series in Set(series.band.points.map(\.mean)).count > 2 }
    let metric = findings.metric
    return moves.count * 2 > drawn.count ? bestSoFar : points(metric) ?? bestSoFar
  }

  private var findings: StudyFindings {
    StudyFindings(summaries: summaries, objective: study.objective)
  }

  /// Differences of all pairs; `nil` for two methods, whose difference is said in words.
  private var pairMatrix: Figure? {
    let findings = findings
    let ranking = findings.ranking.map(\.method)
    guard ranking.count > 2, findings.pairs > 0 else { return nil }
    let cells = ranking.indices.dropFirst().map { row in
      (0..<row).map { column in cell(ranking[row], ranking[column], findings) }
    }
    return Figure(
      name: fileName("pairs"),
      chart: PairMatrixChart(
        title: "Difference of every pair of methods in mean "
          + findings.metric.name(in: study.objective), names: ranking, cells: cells),
      explanation:
        "Row minus column in \(study.objective.differenceUnit) with the 95 % interval of "
        + "Welch's test, best method first. Shaded: p below \(StudyFindings.significance) after "
        + "Holm's correction over \(findings.pairs) comparisons.")
  }

  private func cell(
    _ row: String, _ column: String, _ findings: StudyFindings
  ) -> PairMatrixChart.Cell? {
    let objective = study.objective
    let pair = findings.pairTests.first {
      ($0.first, $0.second) == (row, column) || ($0.first, $0.second) == (column, row)
    }
    guard let pair else { return nil }
    let sign = pair.first == row ? 1.0 : -1.0
    let interval = pair.test.interval()
    let ends = [sign * interval.low, sign * interval.high].sorted().map(objective.number)
    let difference = sign * pair.test.difference
    return PairMatrixChart.Cell(
      difference: (difference > 0 ? "+" : "") + objective.number(difference),
      interval: "[\(ends.joined(separator: ", "))]",
      rowIsBetter: pair.pValue < StudyFindings.significance
        ? objective.loss(of: difference) < 0 : nil)
  }

  /// The best cells of each method.
  package var cells: [Figure] {
    summaries.flatMap { summary -> [Figure] in
      guard let best = summary.best else { return [] }
      return best.selectedGraphs.enumerated().map { index, graph in
        var figure = cell(graph, index: index, of: best, summary)
        figure.runs = [best.id]
        return figure
      }
    }
  }

  private var bestSoFar: Figure? {
    let amount = study.searchBudget.amount
    let curves = summaries.map { summary in
      summary.completed.map { run in
        StepCurve(
          bestOf: run.scores.map { score in score.map(study.objective.loss(of:)) },
          at: run.trials.map { amount * $0.budgetFraction }
        ).mapped { study.objective.printed(study.objective.loss(of: $0)) }
      }
    }
    let validation = study.objective.name(on: .validation)
    let starts = curves.flatMap { $0.compactMap(\.positions.first) }
    if starts.isEmpty { return nil }
    let start = starts.filter { $0 > 0 }.min() ?? amount / 100
    let isLogarithmic = amount / start > 50
    let grid =
      start < amount
      ? CurveBand.grid(
        over: start...amount, count: Self.gridCount, logarithmic: isLogarithmic) : [amount]
    // A run without a completed trial has no curve; it is among the failures or said to be empty.
    let series = zip(summaries, curves).enumerated().map { index, pair in
      CurveChart.Series(
        name: pair.0.method,
        band: CurveBand(curves: pair.1.filter { !$0.positions.isEmpty }, grid: grid),
        styleIndex: index)
    }
    return Figure(
      name: fileName("best-so-far"),
      chart: CurveChart(
        title: "Best \(validation) so far against search budget",
        horizontalLabel: "search budget used (\(ReportText.unit(study.searchBudget.unit)))",
        verticalLabel: study.objective.labelled(validation), series: series,
        isLogarithmic: isLogarithmic),
      explanation: "Score at the search's own fidelity of the best architecture found so far, "
        + "mean over the completed runs; a line begins where every run has finished a trial."
        + oneShotNote)
  }

  private func points(_ metric: StudyFindings.Metric) -> Figure? {
    let rows = summaries.enumerated().map { index, summary in
      SeedPointsChart.Row(
        name: summary.method, styleIndex: index,
        sample: Sample(metric.sample(of: summary).values.map(study.objective.printed)),
        published: metric.published(for: summary.method, among: published).map {
          SeedPointsChart.Published(
            mean: study.objective.printed($0.score),
            spread: $0.scoreSpread.map(study.objective.printed))
        })
    }
    guard rows.contains(where: { $0.sample.count > 0 }) else { return nil }
    let objective = study.objective
    let (name, split): (String, Objective.Split) =
      switch metric {
      case .test: ("test", .test)
      case .finalValidation: ("validation", .validation)
      case .searchValidation: ("search-validation", .validation)
      }
    let words = metric.name(in: objective)
    let title = words.prefix(1).uppercased() + words.dropFirst()
    return Figure(
      name: fileName("\(name)-\(objective.name)"),
      chart: SeedPointsChart(
        title: "\(title) of the selected architectures, every seed",
        horizontalLabel: objective.labelled(objective.name(on: split)), rows: rows),
      explanation: metric == .searchValidation
        ? String(oneShotNote.drop { $0 == " " }) : "")
  }

  private static let topCount = 5

  /// Zoph & Le's control for all methods that go trial by trial.
  private var topMeans: Figure? {
    guard let baseline, let random = summaries.first(where: { $0.method == baseline }) else {
      return nil
    }
    let k = Self.topCount
    let series = summaries.enumerated().compactMap { index, summary -> CurveChart.Series? in
      guard summary.method != baseline, !summary.sharesWeights else { return nil }
      let band = TopMeansDifference.band(k: k, of: summary, over: random)
      guard band.points.count > 1 else { return nil }
      return CurveChart.Series(name: summary.method, band: band, styleIndex: index)
    }
    guard !series.isEmpty else { return nil }
    return Figure(
      name: fileName("minus-random"),
      chart: CurveChart(
        title: "Mean of the \(k) best found, \(baseline) minus method",
        horizontalLabel: "trials",
        verticalLabel: "improvement (\(study.objective.differenceUnit))",
        series: series, isStepped: false, baseline: 0),
      explanation:
        "Difference in the mean \(study.objective.name(on: .validation)) of the \(k) best "
        + "distinct architectures after each trial; above 0 the method is ahead of random search. "
        + "After Zoph & Le, arXiv 1611.01578.")
  }

  private var cost: Figure? {
    let phases = Phase.allCases.filter { phase in
      summaries.contains { $0.seconds(in: phase) != nil }
    }
    if phases.isEmpty { return nil }
    let largest = summaries.map(\.totalSeconds).max() ?? 0
    let unit = ReportText.TimeUnit(fitting: largest)
    let rows = summaries.map { summary in
      CostChart.Row(
        name: summary.method,
        parts: phases.map { (summary.seconds(in: $0) ?? 0) / unit.seconds },
        total: summary.runs.isEmpty ? "no run recorded" : unit.text(summary.totalSeconds))
    }
    return Figure(
      name: fileName("cost"),
      chart: CostChart(
        title: "Cost by phase, mean of a run",
        horizontalLabel: study.timeLabel(on: referenceDevice) + " (\(unit.name))",
        phases: phases.map(ReportText.phase), rows: rows),
      explanation: "Costs: \(costNote).")
  }

  private func cell(
    _ graph: CellGraph, index: Int, of run: RunResults, _ summary: MethodSummary
  ) -> Figure {
    let objective = study.objective
    let measurement = run.final.flatMap { $0.status == .completed ? $0.measurement : nil }
    let validation =
      measurement?.validation.map {
        StudyFindings.Metric.finalValidation.name(in: objective) + " " + objective.text($0)
      } ?? StudyFindings.Metric.searchValidation.name(in: objective) + " "
      + objective.text(run.searchValidation)
    let test =
      measurement?.test.map { ", \(objective.name(on: .test)) \(objective.text($0))" } ?? ""
    let text = run.selectedArchitecture.map { " In the paper's notation: \($0)" } ?? ""
    return Figure(
      name: fileName("best-\(graph.title)-\(index + 1)-\(safe(summary.method))"),
      chart: CellGraphChart(
        title: "Best \(graph.title) of \(summary.method)", nodes: graph.nodes,
        edges: graph.edges.map {
          CellGraphChart.Edge(source: $0.source, target: $0.target, label: $0.operation)
        }),
      explanation: "Seed \(run.seedIndex): \(validation)\(test).\(text)")
  }

  func fileName(_ chart: String) -> String { "\(safe(study.name))-\(safe(chart))" }

  /// Letters, digits and hyphens only: names come from suite files.
  func safe(_ text: String) -> String {
    String(text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }
}

extension StudyFindings.Metric {
  /// The published figure of a method that this figure may be put beside.
  ///
  /// A published validation score is of the fully trained architecture, so the search's own
  /// validation score has none.
  package func published(
    for method: String?, among results: [PublishedResult]
  ) -> PublishedResult? {
    switch self {
    case .searchValidation: nil
    case .finalValidation:
      results.first { $0.method == method && $0.metric == .validationAccuracy }
    case .test: results.first { $0.method == method && $0.metric == .testAccuracy }
    }
  }
}

/// Zoph & Le's control: how much better the k best of a method are than those of random search.
package enum TopMeansDifference {
  /// The difference of means over runs after each trial, as printed, above 0 where the method is ahead.
  ///
  /// The band is Welch's interval, which takes runs for independent. Trials of different methods are
  /// drawn from different keys; two settings of one method with the same seed draw from the same, so
  /// that their band is wider than a band of differences by seed would be. Trials past the shortest
  /// run are left out.
  ///
  /// - Parameter k: How many of the best are averaged.
  package static func band(
    k: Int, of method: MethodSummary, over random: MethodSummary
  ) -> CurveBand {
    let (ours, theirs) = (means(k, method), means(k, random))
    let runs = min(ours.count, theirs.count)
    guard runs > 0, let length = (ours + theirs).map(\.count).min() else {
      return CurveBand(runs: runs, points: [])
    }
    var points: [CurveBand.Point] = []
    for trial in 0..<length {
      let a = Sample(theirs.compactMap { $0[trial] }.map(method.objective.printed))
      let b = Sample(ours.compactMap { $0[trial] }.map(method.objective.printed))
      guard a.count == theirs.count, b.count == ours.count, let first = a.mean,
        let second = b.mean
      else { continue }
      points.append(
        CurveBand.Point(
          position: Double(trial + 1), mean: first - second,
          interval: WelchTest(a, b)?.interval()))
    }
    return CurveBand(runs: runs, points: points)
  }

  private static func means(_ k: Int, _ summary: MethodSummary) -> [[Double?]] {
    summary.completed.map { run in
      let trials = zip(run.trials, run.scores).map { trial, score in
        (identity: trial.identity, value: score.map(summary.objective.loss(of:)))
      }
      return TopMeans(k: k, trials: trials).means
    }
  }
}
