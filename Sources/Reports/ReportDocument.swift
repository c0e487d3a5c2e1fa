import Charts
import Claims
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
    // A table's seconds do not come from the device's profile.
    let error = study.trains ? results.referenceDeviceError : "no held-out error is known"
    return error.map { "\(study.costLabel); \($0)" } ?? study.costLabel
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
    setTitle(on: composer, studies)
    var numbers = (table: 0, figure: 0)
    for study in studies { set(study, on: composer, &numbers) }
    setProvenance(on: composer, &numbers.table)
    return composer
  }

  private func setTitle(on composer: PageComposer, _ studies: [Study]) {
    composer.paragraph("searchlight report", Font(9), color: .gray)
    composer.paragraph(results.suite, Font(20, bold: true))
    composer.space(2)
    composer.paragraph(results.summary, Font(10))
    composer.paragraph(
      "Computed on CPU; GPU-hours are modelled for \(results.referenceDevice).",
      Font(10, bold: true))
    if let error = results.referenceDeviceError {
      composer.paragraph("Hours modelled for this device: \(error).", color: .gray)
    }
    composer.heading("Which method, at this budget, how sure are we?")
    if studies.isEmpty { composer.paragraph("The suite has no study.") }
    for study in studies {
      composer.paragraph(
        "\(study.results.name): \(study.findings.headline)", Font(10, bold: true))
      composer.paragraph(Self.comparison(in: study.results), color: .gray)
      for sentence in study.findings.sentences { composer.paragraph(sentence) }
      composer.space(4)
    }
  }

  /// What a study compares under which budget.
  package static func comparison(in study: StudyResults) -> String {
    let final =
      study.finalBudget.map {
        "then \(ReportText.budget($0)) of final training for each "
          + "selected architecture"
      }
      ?? (study.trains ? "nothing is trained at the end" : "final results are looked up too")
    let scores = study.trains ? "scores by training" : "scores looked up in a recorded table"
    let methods = study.methods.map { method in
      study.ownSpaces?[method].map { "\(method) (in \($0))" } ?? method
    }
    let space = study.ownSpaces == nil ? " in space" : ", where none is named in space"
    return "\(ReportText.list(methods))\(space) \(study.space) on \(study.dataset), "
      + "\(scores); search budget \(ReportText.budget(study.searchBudget)) "
      + "a run, \(final)."
  }

  private func set(
    _ study: Study, on composer: PageComposer, _ numbers: inout (table: Int, figure: Int)
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
    for figure in study.figures {
      numbers.figure += 1
      composer.figure(figure, number: numbers.figure, id: id(of: figure.name))
    }
    if let first = study.cells.first {
      composer.heading("Best cells", size: 11, keep: composer.height(of: first))
    }
    for figure in study.cells {
      numbers.figure += 1
      composer.figure(figure, number: numbers.figure, id: id(of: figure.name))
    }
  }

  private func setProvenance(on composer: PageComposer, _ table: inout Int) {
    composer.nextPage()
    composer.heading("Provenance")
    composer.paragraph(
      "Every figure of this report comes from the recorded runs of one suite. The checksum is of "
        + "the canonical results, which hold no clock and no machine: the same suite gives the "
        + "same checksum. What stands in brackets in front of a caption is an id: type "
        + "'searchlight explain ID' for the records, seeds and settings behind it.")
    let facts =
      [
        SuiteResults.Fact(name: "suite", value: "\(results.suite), version \(results.version)"),
        .init(name: "seed", value: "\(results.seed)"),
        .init(name: "reference device", value: "\(results.referenceDevice) (modelled)"),
        .init(name: "canonical results, SHA-256", value: results.canonicalChecksum),
      ] + results.environment
    table += 1
    composer.table(
      ReportTable(
        caption: "What the runs were computed from and on.",
        columns: [.init("name", isNumber: false), .init("value", isNumber: false)],
        rows: facts.map { [$0.name, $0.value.isEmpty ? NumberText.unknown : $0.value] }),
      number: table)
    composer.heading("The suite as it was run", size: 11)
    composer.verbatim(
      results.lock.isEmpty ? NumberText.unknown : results.lock, Font(6.5, monospaced: true))
  }
}
