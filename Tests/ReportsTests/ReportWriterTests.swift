import Charts
import Claims
import Experiments
import Foundation
import Reports
import ResultsStore
import TestSupport
import Testing

@Suite struct ReportWriterTests {
  static let published: [PublishedResult] = {
    let file = SharedFolder.repository.appending(path: "Benchmarks/claims/nas-bench-201.csv")
    return (try? ClaimsFile.load(file)) ?? []
  }()

  static let samples: [(name: String, results: SuiteResults)] = [
    ("training", SampleResults.training), ("table", SampleResults.table),
    ("troubled", SampleResults.troubled), ("empty", SampleResults.empty),
  ]

  static func files(_ results: SuiteResults) throws -> [(name: String, data: Data)] {
    try ReportWriter(results: results, published: published, baseline: "random-search").files()
  }

  static func pdf(_ results: SuiteResults) throws -> Data {
    try #require(files(results).first { $0.name == "report.pdf" }?.data)
  }

  /// Expects a sentence without printing the whole text where it is missing.
  private func expectText(
    _ text: String, _ sentence: String, at location: SourceLocation = #_sourceLocation
  ) {
    let isThere = text.contains(sentence)
    #expect(isThere, "“\(sentence)”", sourceLocation: location)
  }

  @Test(arguments: samples.indices)
  func sameResultsGiveSameBytes(_ index: Int) throws {
    let (name, results) = Self.samples[index]
    let first = try Self.files(results)
    let second = try Self.files(results)
    #expect(first.map(\.name) == second.map(\.name))
    #expect(zip(first, second).allSatisfy { $0.data == $1.data })
    for file in first { try Gallery.keep(Array(file.data), as: "\(name)/\(file.name)") }
  }

  @Test(.enabled(if: PDFTools.areThere, "needs poppler-utils"))
  func thePDFPrintsEveryIdThatCanBeExplained() throws {
    let writer = ReportWriter(
      results: SampleResults.training, published: [], baseline: "random-search")
    let pdf = try #require(writer.files().first { $0.name == "report.pdf" }?.data)
    // Lines may be broken anywhere.
    let text = try PDFTools.text(of: pdf).filter { !$0.isWhitespace }
    #expect(writer.sources.count > 5)
    #expect(Set(writer.sources.map(\.id)).count == writer.sources.count)
    for source in writer.sources {
      #expect(text.contains("[\(source.id)]"), "\(source.id)")
      #expect(!source.runs.isEmpty)
    }
  }

  @Test func resultsAreComparedMethodByMethod() throws {
    let first = SampleResults.training
    var second = first
    second.canonicalChecksum = "another"
    let same = ResultsComparison(first, second)
    #expect(same.rows.count == first.studies.reduce(0) { $0 + $1.methods.count })
    #expect(same.rows.allSatisfy { $0.test.map { $0.difference == 0 } ?? true })
    #expect(same.answer == "No difference can be told from chance (Welch's test, Holm).")
    for run in second.studies[0].runs.indices {
      guard let final = second.studies[0].runs[run].final else { continue }
      var measurement = final.measurement
      measurement.test = measurement.test.map { $0 + 0.3 }
      second.studies[0].runs[run].final = .init(status: final.status, measurement: measurement)
    }
    let worse = ResultsComparison(first, second)
    #expect(worse.rows.allSatisfy { $0.figure == "test error" })
    #expect(worse.rows.allSatisfy { abs(($0.test?.difference ?? -0.3) + 0.3) < 1e-12 })
    #expect(worse.answer.hasPrefix("More than chance explains the difference of "))
    #expect(
      ResultsComparison(first, first).answer
        == "The canonical results are the same, byte for byte.")
  }

  @Test func filesAreWrittenWithPDFFirst() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "searchlight-report-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let written = try ReportWriter(
      results: SampleResults.training, published: [], baseline: "random-search"
    )
    .write(to: folder)
    #expect(written.first?.lastPathComponent == "report.pdf")
    #expect(written.allSatisfy { FileManager.default.fileExists(atPath: $0.path) })
    let names = written.dropFirst().map { $0.path.dropFirst(folder.path.count + 1) }
    #expect(
      names == ["report.html"]
        + [
          "pairs", "best-so-far", "test-error", "validation-error", "search-validation-error",
          "minus-random", "error-against-parameters", "cost", "best-cell-1-random-search",
          "best-cell-1-regularized-evolution", "best-cell-1-reinforce",
        ].flatMap { ["charts/shapes10-\($0).svg", "charts/shapes10-\($0).png"] }
        + ["results.csv", "results.tex", "results.json"])
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(
      left.sorted()
        == ["charts", "report.html", "report.pdf", "results.csv", "results.json", "results.tex"])
  }

  @Test func chartsAgainstTheBaselineNeedOne() {
    func against(_ baseline: String?) -> [String] {
      ReportDocument(results: SampleResults.training, published: [], baseline: baseline)
        .studies.flatMap(\.figures).map(\.chart.title).filter { $0.contains(" minus ") }
    }
    #expect(
      against("random-search") == ["Mean of the 5 best found, random-search minus method"])
    #expect(against(nil) == [] && against("none-of-these") == [])
  }

  @Test func folderThatCannotBeMadeIsSaid() {
    let error = #expect(throws: ReportError.self) {
      try ReportWriter(results: SampleResults.empty, published: [], baseline: "random-search")
        .write(to: URL(filePath: "/dev/null/report"))
    }
    #expect(
      error?.description
        == "/dev/null/report: cannot be created; expected a folder that can be written")
  }

  @Test func numberThatIsNotFiniteIsSaid() {
    var results = SampleResults.training
    results.studies[0].runs[0].searchValidation = .nan
    let error = #expect(throws: ReportError.self) {
      try ReportWriter(results: results, published: [], baseline: "random-search").files()
    }
    #expect(
      error?.description == "results.json: a result is not a finite number; fill the store anew "
        + "from the journals with 'searchlight run SUITE'")
  }

  // Skipped, and said so by the test run, where poppler-utils is not installed.
  @Test(.enabled(if: PDFTools.areThere, "poppler-utils is not installed"))
  func everyFontIsEmbeddedAndTextCanBeSelected() throws {
    let pdf = try Self.pdf(SampleResults.training)
    let fonts = try PDFTools.output(of: "pdffonts", ["FILE"], pdf)
      .split(separator: "\n").dropFirst(2)
    #expect(!fonts.isEmpty)
    for font in fonts {
      #expect(font.contains("DejaVu"))
      // The columns emb, sub and uni: embedded, a subset, with a map to Unicode.
      #expect(font.contains("yes yes yes"))
    }
    let text = try PDFTools.text(of: pdf)
    expectText(text, "Computed on CPU; GPU-hours are modelled for GTX 1080 Ti.")
    expectText(text, "Cannot tell which method is best at this budget.")
    expectText(text, "quick, version 1 · canonical results 4f9c1f2b7e0d")
    expectText(text, "page 1 of ")
  }

  @Test(.enabled(if: PDFTools.areThere, "poppler-utils is not installed"))
  func publishedPointsAreMarkedAsSuch() throws {
    let text = try PDFTools.text(of: Self.pdf(SampleResults.table))
    expectText(text, "Published: printed elsewhere, not measured here.")
    expectText(text, "6.30 ± 0.36 (500 runs)")
    expectText(text, "published mean ± standard deviation")
    expectText(text, "regularized-evolution")
  }

  /// A row a figure with a margin; the interval is Welch's of 90 %, here of 500 and 500 runs with
  /// t(0.95, > 900) = 1.6465, and the verdict says where it lies.
  @Test func publishedFiguresAreJudged() throws {
    let study = try #require(
      ReportDocument(
        results: SampleResults.table, published: Self.published, baseline: "random-search"
      ).studies.first)
    let figure = try #require(study.figures.first { $0.name == "cifar10-claims" })
    let chart = try #require(figure.chart as? ForestChart)
    #expect(chart.rows.map(\.name) == SampleResults.methods.map { "nas-bench-201/\($0)/test" })
    for (row, summary) in zip(chart.rows, study.findings.summaries) {
      let claim = try #require(Self.published.first { $0.id == row.name })
      let difference = try #require(PublishedDifference(claim, ours: summary.test))
      let half = 1.6465 * 100 * (try #require(difference.standardError))
      let interval = try #require(row.interval)
      #expect((row.difference - 100 * difference.difference).magnitude < 1e-9)
      #expect((interval.upperBound - row.difference - half).magnitude < 1e-4)
      #expect((row.difference - interval.lowerBound - half).magnitude < 1e-4)
      let verdict =
        interval.upperBound < 0.1
        ? "reproduced" : interval.lowerBound > 0.1 ? "not reproduced" : "cannot tell"
      #expect(row.verdict == verdict && row.margin == 0.1)
    }
  }

  @Test func withoutMarginsThereIsNoVerdict() {
    let charts = ReportDocument(
      results: SampleResults.training, published: Self.published, baseline: "random-search"
    ).studies.flatMap(\.figures)
    #expect(!charts.contains { $0.name.hasSuffix("claims") })
  }

  @Test(.enabled(if: PDFTools.areThere, "poppler-utils is not installed"))
  func failuresAndMissingRunsAreListed() throws {
    let text = try PDFTools.text(of: Self.pdf(SampleResults.troubled))
    expectText(text, "search: out of memory 1 run seeds 0")
    expectText(text, "final training: diverged 1 run seeds 0")
    expectText(text, "reinforce not recorded 2 runs seeds 1–2")
    expectText(text, "never-started not recorded 3 runs seeds 0–2")
    expectText(text, "No run has a result yet, so there is no answer.")
    expectText(text, "unknown")
  }

  @Test(.enabled(if: PDFTools.areThere, "poppler-utils is not installed"))
  func theLockIsReferredToByItsChecksum() throws {
    let results = SampleResults.troubled
    let text = try PDFTools.text(of: Self.pdf(results)).filter { !$0.isWhitespace }
    #expect(!text.contains("setting-100:"))
    expectText(text, RecordFile.checksum(of: Data(results.lock.utf8)))
  }

  // One chart, one table and the answer of each study: what a reader has who opens the file.
  @Test(.enabled(if: PDFTools.areThere, "poppler-utils is not installed"))
  func pageOneAnswers() throws {
    let text = try PDFTools.text(of: Self.pdf(SampleResults.training))
    let end = try #require(text.range(of: "page 1 of"))
    let first = String(text[..<end.lowerBound])
    expectText(first, "shapes10: Cannot tell which method is best at this budget.")
    expectText(first, "search budget")
    expectText(first, "GPU-hours are modelled")
    expectText(first, "lowest mean")
    expectText(first, "cannot tell")
    let hasMore = first.contains("Table 1")
    #expect(!hasMore)
  }

  // A chart's ids are its own, a text is no markup, and every link stays within the folder.
  @Test func thePageForBrowsersIsWholeAndItsOwn() throws {
    for (_, results) in Self.samples {
      let data = try #require(try Self.files(results).first { $0.name == "report.html" }?.data)
      let page = String(decoding: data, as: UTF8.self)
      let ids = page.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
      #expect(Set(ids).count == ids.count)
      let references = page.matches(of: /href="#([^"]+)"/).map { String($0.1) }
      #expect(Set(references).subtracting(ids) == [])
      let links = page.matches(of: /<a href="([^"#][^"]*)"/).map { String($0.1) }
      #expect(links.allSatisfy { !$0.contains(":") && !$0.hasPrefix("/") && !$0.contains("..") })
      #expect(!page.contains("src=") && !page.contains("<odd>"))
      for tag in ["section", "table", "figure", "svg", "main", "header"] {
        let (opened, closed) = (
          page.matches(of: try Regex("<\(tag)[ >]")).count,
          page.matches(of: try Regex("</\(tag)>")).count
        )
        #expect(opened == closed, "\(tag)")
      }
    }
  }
}
