import Charts
import Claims
import Experiments
import Foundation
import ResultsStore
import SearchCore

/// The pages of a report.
package struct ReportDocument {
  /// One suite, read from the store.
  package let results: SuiteResults
  /// Published results of any study.
  package let published: [PublishedResult]
  /// Id of the random search that other methods are measured against; `nil` for none.
  package let baseline: String?

  package init(results: SuiteResults, published: [PublishedResult], baseline: String?) {
    self.results = results
    self.published = published
    self.baseline = baseline
  }

  /// Everything that is said of one study.
  package struct Study {
    /// The study as recorded.
    package let results: StudyResults
    /// The answer and how sure it is.
    package let findings: StudyFindings
    /// The tables as printed.
    package let tables: StudyTables
    /// What the figures are made by.
    package let charts: StudyCharts
    /// The charts in the order of the report.
    package let figures: [Figure]
    /// The best cells of each method.
    package let cells: [Figure]
  }

  /// The studies with their statistics.
  package var studies: [Study] {
    results.studies.map { study in
      let summaries = study.summaries(plannedRuns: results.seeds(of: study))
      let matching = PublishedResult.matching(
        published, space: study.space, dataset: study.dataset, evaluator: study.evaluator,
        looksUp: !study.trains, searchBudget: study.searchBudget)
      let charts = StudyCharts(
        study: study, summaries: summaries, referenceDevice: results.referenceDevice,
        costNote: costNote(of: study), published: matching, baseline: baseline)
      return Study(
        results: study, findings: StudyFindings(summaries: summaries, objective: study.objective),
        tables: StudyTables(
          study: study, summaries: summaries, referenceDevice: results.referenceDevice,
          costNote: costNote(of: study), published: matching), charts: charts,
        figures: charts.figures, cells: charts.cells)
    }
  }

  /// Where a study's costs come from, and how far they can be trusted.
  private func costNote(of study: StudyResults) -> String {
    "\(study.costLabel); \(results.modelError(of: study))"
  }

  /// Typesets the report.
  ///
  /// - Returns: The bytes of the PDF, the same for the same results.
  package func pdf(of studies: [Study]) throws(ChartError) -> [UInt8] {
    let counted = try composed(studies, totalPages: nil)
    let composer = try composed(studies, totalPages: counted.page)
    return try composer.finish()
  }

  private func composed(
    _ studies: [Study], totalPages: Int?
  ) throws(ChartError) -> PageComposer {
    let checksum = results.canonicalChecksum.prefix(12)
    let composer = try PageComposer(
      title: "searchlight report: \(results.suite)",
      footer: "\(results.suite), version \(results.version) · canonical results \(checksum)",
      totalPages: totalPages)
    var numbers = (table: 0, figure: 0)
    setTitle(on: composer, studies, &numbers.figure)
    let onPageOne = Set(Self.mainFigures(of: studies).map(\.figure.name))
    for study in studies { set(study, on: composer, besides: onPageOne, &numbers) }
    setProvenance(on: composer, &numbers.table)
    return composer
  }

  private func setTitle(
    on composer: PageComposer, _ studies: [Study], _ number: inout Int
  ) {
    composer.paragraph("searchlight report", Font(9), color: .gray)
    composer.paragraph(results.suite, Font(20, bold: true))
    composer.space(2)
    composer.paragraph(results.summary, Font(10))
    composer.paragraph(
      results.computation, Font(10, bold: true))
    if let error = results.modelledHoursError {
      composer.paragraph("Hours modelled for this device: \(error).", color: .gray)
    }
    if studies.isEmpty { composer.paragraph("The suite has no study.") }
    for study in studies {
      composer.space(4)
      composer.paragraph(
        "\(study.results.name): \(study.findings.headline)", Font(12, bold: true))
      composer.paragraph(study.findings.sentences.joined(separator: " "))
      composer.paragraph(Self.comparison(in: study.results), Font(8), color: .gray)
    }
    setMainFigures(on: composer, studies, &number)
    composer.table(Self.overview(of: studies), number: nil)
  }

  /// One chart a study, side by side where there are two.
  private func setMainFigures(
    on composer: PageComposer, _ studies: [Study], _ number: inout Int
  ) {
    let shown = Self.mainFigures(of: studies)
    guard let first = shown.first else { return }
    number += 1
    if shown.count == 1 {
      composer.figure(first.figure, number: number, id: id(of: first.figure.name))
    } else {
      composer.figure(
        row(of: shown.map(\.figure)), number: number, id: row(of: shown.map(\.figure)).name)
    }
  }

  /// Figures side by side, under one number.
  private func row(of figures: [Figure]) -> Figure {
    Figure(
      name: figures.map { id(of: $0.name) }.joined(separator: "], ["),
      chart: ChartRow(title: "", charts: figures.map(\.chart)),
      explanation: figures.map { "\($0.chart.title). \($0.explanation)" }
        .joined(separator: " "))
  }

  /// The charts of page one: of the first two studies that compare something.
  static func mainFigures(of studies: [Study]) -> [(study: Study, figure: Figure)] {
    let all = studies.filter { $0.results.methods.count > 1 }
      .compactMap { study in study.charts.main.map { (study, $0) } }
    return Array(all.prefix(2))
  }

  /// What page one has of every method.
  static func overview(of studies: [Study]) -> ReportTable {
    var rows: [[String]] = []
    for study in studies {
      let (findings, objective) = (study.findings, study.results.objective)
      let ranked = findings.ranking.map(\.method)
      let unranked = findings.summaries.map(\.method).filter { !ranked.contains($0) }
      for method in ranked + unranked {
        guard let summary = findings.summaries.first(where: { $0.method == method }) else {
          continue
        }
        let comparison = findings.comparisons.first { $0.other == method }
        let verdict =
          method == findings.leader?.method
          ? objective.superlative + " mean"
          : comparison.map { $0.isClear ? "clearly behind" : "cannot tell" } ?? "no result"
        let unit = ReportText.TimeUnit(fitting: summary.totalSeconds)
        rows.append([
          studies.count > 1 ? study.results.name : NumberText.unknown, method,
          "\(summary.completed.count)",
          objective.text(findings.metric.sample(of: summary)), StudyTables.parameters(of: summary),
          unit.text(summary.totalSeconds), verdict,
        ])
      }
    }
    let names = Set(studies.map { $0.findings.metric.name(in: $0.results.objective) })
    return ReportTable.withoutEmptyColumns(
      caption: "Mean and 95 % t interval of \(ReportText.list(names.sorted())) over runs; modelled "
        + "cost of a run, search and final training.",
      columns: [
        .init(studies.count > 1 ? "study" : "", isNumber: false), .init("method", isNumber: false),
        .init("runs"),
        .init("score"), .init("parameters"), .init("modelled cost"),
        .init("beside the first", isNumber: false),
      ], rows: rows)
  }

  /// What a study compares under which budget.
  package static func comparison(in study: StudyResults) -> String {
    let isMeasured = study.evaluatorProgram != nil
    let final =
      study.finalBudget.map {
        "then \(ReportText.budget($0, isMeasured: isMeasured)) of final training for each "
          + "selected architecture"
      }
      ?? (study.trains ? "nothing is trained at the end" : "final results are looked up too")
    let scores =
      study.evaluatorProgram.map { "scores by '\($0)'" }
      ?? (study.trains ? "scores by training" : "scores looked up in a recorded table")
    let methods = study.methods.map { method in
      study.ownSpaces?[method].map { "\(method) (in \($0))" } ?? method
    }
    let space = study.ownSpaces == nil ? " in space" : ", where none is named in space"
    return "\(ReportText.list(methods))\(space) \(study.space) on \(study.dataset), "
      + "\(scores); search budget \(ReportText.budget(study.searchBudget, isMeasured: isMeasured)) "
      + "a run, \(final)."
  }

  private func set(
    _ study: Study, on composer: PageComposer, besides onPageOne: Set<String>,
    _ numbers: inout (table: Int, figure: Int)
  ) {
    let kind =
      study.results.kind == .ownSpace
      ? "own space: each method with its space" : "common space: which method is better"
    composer.heading("Study \(study.results.name) (\(kind))")
    if !study.results.protocolFacts.isEmpty {
      let facts = study.results.protocolFacts.map { "\($0.name): \($0.value)" }
      composer.paragraph(
        "Protocol and scale, equal for all methods. \(facts.joined(separator: "; ")).", Font(8.5))
    }
    for table in study.tables.all {
      numbers.table += 1
      composer.table(table, number: numbers.table, id: id(of: table.name))
    }
    let strips = study.figures.filter {
      $0.chart is SeedPointsChart && !onPageOne.contains($0.name)
    }
    var isRowSet = false
    for figure in study.figures where !onPageOne.contains(figure.name) {
      // Strips of seeds are read beside each other.
      let isStrip = strips.contains { $0.name == figure.name }
      if isStrip, isRowSet { continue }
      isRowSet = isRowSet || isStrip
      numbers.figure += 1
      let set = isStrip && strips.count > 1 ? row(of: strips) : figure
      composer.figure(
        set, number: numbers.figure, id: strips.count > 1 && isStrip ? set.name : id(of: set.name))
    }
    setCells(of: study, on: composer, &numbers.figure)
  }

  /// The best cells, two in a row.
  private func setCells(of study: Study, on composer: PageComposer, _ number: inout Int) {
    let rows = stride(from: 0, to: study.cells.count, by: 2).map {
      Array(study.cells[$0..<min($0 + 2, study.cells.count)])
    }
    for (index, row) in rows.enumerated() {
      let figure = self.row(of: row)
      if index == 0 {
        composer.heading("Best cells", size: 11, keep: composer.height(of: figure))
      }
      number += 1
      composer.figure(figure, number: number, id: figure.name)
    }
  }

  private func setProvenance(on composer: PageComposer, _ table: inout Int) {
    composer.heading("Provenance", keep: 200)
    composer.paragraph(
      "Every figure of this report comes from the recorded runs of one suite. The checksum is of "
        + "the canonical results, which hold no clock and no machine: the same suite gives the "
        + "same checksum. What stands in brackets in front of a caption is an id: type "
        + "'searchlight explain ID' for the records, seeds and settings behind it.")
    table += 1
    composer.table(provenance, number: table)
    composer.paragraph(
      "The suite as it was run, with every default and the checksums of its data, is the file "
        + "suite.lock.yaml beside this report; running it reproduces these results.")
  }

  /// What the runs were computed from and on.
  var provenance: ReportTable {
    let facts =
      [
        SuiteResults.Fact(name: "suite", value: "\(results.suite), version \(results.version)"),
        .init(name: "seed", value: "\(results.seed)"),
        .init(name: "reference device", value: "\(results.referenceDevice) (modelled)"),
        .init(name: "canonical results, SHA-256", value: results.canonicalChecksum),
        .init(
          name: "suite.lock.yaml, SHA-256 up to 'code'",
          value: results.lock.isEmpty
            ? "" : RecordFile.checksum(of: Data(results.lock.utf8))),
      ] + results.environment
    return ReportTable(
      caption: "What the runs were computed from and on.",
      columns: [.init("name", isNumber: false), .init("value", isNumber: false)],
      rows: facts.map { [$0.name, $0.value.isEmpty ? NumberText.unknown : $0.value] })
  }
}
