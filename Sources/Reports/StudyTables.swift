import Charts
import Claims
import ResultsStore
import SearchCore
import Statistics

/// The tables of one study, as printed.
package struct StudyTables {
  let study: StudyResults
  let summaries: [MethodSummary]
  let referenceDevice: String
  /// Where costs come from, and how far they can be trusted.
  let costNote: String
  let published: [PublishedResult]

  /// All tables that have something to say, in the order of the report.
  package var all: [ReportTable] {
    let named = [
      ("scores", scores), ("failures", failures), ("selections", selections), ("costs", costs),
      ("comparisons", comparisons),
    ]
    return named.compactMap { name, table in
      guard var table else { return nil }
      table.name = "\(study.name)-\(name)"
      return table
    }
  }

  /// Scores of each method.
  package var scores: ReportTable {
    let objective = study.objective
    let (validation, test) = (objective.name(on: .validation), objective.name(on: .test))
    var columns = [
      ReportTable.Column("method", isNumber: false), .init("seeds"),
      .init(objective.labelled("\(validation) in search")),
      .init(objective.labelled("\(validation), stand-alone")), .init(objective.labelled(test)),
      .init("parameters"),
    ]
    if study.finalBudget != nil { columns.append(.init("epochs of final training")) }
    let rows: [[String]] = summaries.map { summary in
      var row = [
        summary.method, "\(summary.completed.count) of \(summary.plannedRuns)",
        objective.text(summary.searchValidation, withUnit: false),
        objective.text(summary.finalValidation, withUnit: false),
        objective.text(summary.test, withUnit: false), Self.parameters(of: summary),
      ]
      if study.finalBudget != nil { row.append(Self.mean(of: summary.finalEpochs, decimals: 1)) }
      return row
    }
    return ReportTable.withoutEmptyColumns(
      caption: "\(objective.name.prefix(1).uppercased())\(objective.name.dropFirst()) of the "
        + "selected architectures: mean over the completed runs and 95 % t "
        + "interval of the mean; parameters are means.", columns: columns, rows: rows)
  }

  /// The cells among which searches with several seeds chose; `nil` if there were none.
  package var selections: ReportTable? {
    let rows = summaries.flatMap { summary in
      summary.runs.flatMap { run in
        (run.candidates ?? []).map { candidate in
          let found = candidate.outcome.measurement
          return [
            summary.method, "\(run.seedIndex)", "\(candidate.search + 1)",
            candidate.architecture == nil
              ? "none" : ReportText.status(candidate.outcome.status),
            found.epochs.map { NumberText.fixed($0, 0) } ?? NumberText.unknown,
            found.validation.map(study.objective.number) ?? NumberText.unknown,
            candidate == run.candidates?.best(by: study.objective) ? "kept" : "",
          ]
        }
      }
    }
    guard !rows.isEmpty else { return nil }
    return ReportTable(
      caption: "Cells that the searches of a run found, each trained from scratch; the one of "
        + "\(study.objective.superlative) \(study.objective.name(on: .validation)) is kept.",
      columns: [
        .init("method", isNumber: false), .init("seed"), .init("search"),
        .init("training", isNumber: false), .init("epochs"),
        .init(study.objective.labelled(study.objective.name(on: .validation))),
        .init("choice", isNumber: false),
      ], rows: rows)
  }

  /// What each method cost.
  package var costs: ReportTable {
    let phases = Phase.allCases.filter { phase in
      summaries.contains { $0.seconds(in: phase) != nil }
    }
    let unit = ReportText.TimeUnit(fitting: summaries.map(\.totalSeconds).max() ?? 0)
    let measured = ReportText.TimeUnit(
      fitting: summaries.compactMap { $0.wallClock.values.max() }.max() ?? 0)
    let columns =
      [ReportTable.Column("method", isNumber: false), .init("trials")]
      + phases.map { .init("\(ReportText.phase($0)) (\(unit.name))") }
      + [
        .init("all phases (\(unit.name))"), .init("measured wall-clock (\(measured.name))"),
        .init("measured processor time (\(measured.name))"),
      ]
    let rows = summaries.map { summary in
      [summary.method, Self.mean(of: summary.trials, decimals: 1)]
        + phases.map { phase in
          summary.runs.isEmpty
            ? NumberText.unknown : summary.seconds(in: phase).map(unit.number) ?? "none"
        }
        + [
          summary.runs.isEmpty ? NumberText.unknown : unit.number(summary.totalSeconds),
          summary.wallClock.mean.map(measured.number) ?? NumberText.unknown,
          summary.processorTime.mean.map(measured.number) ?? NumberText.unknown,
        ]
    }
    return ReportTable(
      caption: "Cost of a run, mean over all recorded runs. Phases: "
        + "\(study.timeLabel(on: referenceDevice)) (\(costNote)); wall-clock and processor time: measured on "
        + "this machine.", columns: columns, rows: rows)
  }

  /// Runs that failed or are missing; `nil` if there are none.
  package var failures: ReportTable? {
    var rows: [[String]] = []
    for summary in summaries {
      for status in RunStatus.allCases {
        for stage in ["search", "final training"] {
          let seeds = summary.failures
            .filter { $0.status == status && $0.stage == stage }.map(\.run.seedIndex)
          guard !seeds.isEmpty else { continue }
          rows.append([
            summary.method, "\(stage): \(ReportText.status(status))",
            ReportText.count(seeds.count, "run"), "seeds \(ReportText.ranges(seeds))",
          ])
        }
      }
      let missing = summary.missingSeeds
      if !missing.isEmpty {
        rows.append([
          summary.method, "not recorded", ReportText.count(missing.count, "run"),
          "seeds \(ReportText.ranges(missing))",
        ])
      }
      rows += summary.failedTrials.map { trial in
        [
          summary.method, "trial: \(ReportText.status(trial.status))",
          ReportText.count(trial.count, "trial"), "all seeds together",
        ]
      }
    }
    guard !rows.isEmpty else { return nil }
    return ReportTable(
      caption: "Runs and trials that did not complete, and runs that are not recorded.",
      columns: ["method", "what", "how many", "where"].map { .init($0, isNumber: false) },
      rows: rows)
  }

  /// Published figures beside ours; `nil` if none was measured under this study's conditions.
  package var comparisons: ReportTable? {
    var rows: [[String]] = []
    for result in published {
      let runs = result.runs.map { " (\(ReportText.count($0, "run")))" } ?? ""
      rows.append(
        [
          result.method ?? result.measuredUnder,
          result.metric == .testAccuracy ? "test" : "validation",
          plusMinus(result.score, result.scoreSpread) + runs,
        ] + ours(beside: result) + ["\(result.source); \(certainty(of: result))"])
    }
    guard !rows.isEmpty else { return nil }
    return ReportTable(
      caption: "Published scores (mean ± standard deviation over the published runs) "
        + "beside ours (mean ± standard error). Published: printed elsewhere, not measured here. "
        + "A figure without a margin gets no verdict.",
      columns: [
        .init("method", isNumber: false),
        .init(study.objective.labelled(study.objective.name), isNumber: false),
        .init("published"),
        .init("ours"), .init("ours − published (\(study.objective.differenceUnit) ± SE)"),
        .init("source and how sure", isNumber: false),
      ], rows: rows)
  }

  private func ours(beside result: PublishedResult) -> [String] {
    guard let method = result.method,
      let summary = summaries.first(where: { $0.method == method })
    else { return [result.method == nil ? "–" : "not run", "–"] }
    let sample = result.metric == .testAccuracy ? summary.test : summary.finalValidation
    guard let row = PublishedDifference(result, ours: sample) else {
      return [NumberText.unknown, NumberText.unknown]
    }
    return [
      plusMinus(row.mean, sample.standardError)
        + " (\(ReportText.count(row.runs, "run")))",
      plusMinus(row.difference, row.standardError),
    ]
  }

  private func certainty(of result: PublishedResult) -> String {
    switch result.status {
    case .verified: "read there"
    case .quoted: "read in a paper that quotes it"
    case .unverified: "from memory"
    }
  }

  private func plusMinus(_ value: Double, _ spread: Double?) -> String {
    study.objective.number(value) + (spread.map { " ± " + study.objective.number($0) } ?? "")
  }

  static func mean(of sample: Sample, decimals: Int) -> String {
    guard let mean = sample.mean else { return NumberText.unknown }
    let isWhole = sample.values.allSatisfy { $0 == mean } && mean == mean.rounded()
    return NumberText.fixed(mean, isWhole ? 0 : decimals)
  }

  static func parameters(of summary: MethodSummary) -> String {
    guard let mean = summary.parameters.mean else { return NumberText.unknown }
    if mean < 1e6 { return NumberText.fixed(mean / 1e3, 1) + NumberText.thinSpace + "k" }
    return NumberText.fixed(mean / 1e6, 2) + NumberText.thinSpace + "M"
  }
}
