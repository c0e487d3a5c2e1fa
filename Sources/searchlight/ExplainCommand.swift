import ArgumentParser
import Experiments
import Foundation
import Reports
import ResultsStore
import SearchCore

/// `searchlight explain`: from a figure to the records, seeds and settings behind it.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Prints what is behind a figure, a table or a run: records, seeds, settings.",
    discussion: """
      Examples:
        searchlight explain quick/trained-test-error
        searchlight explain quick/trained/random-search/0

      The report prints the id of each figure and table in brackets. The id of a run is the
      suite's name, then study, method and seed index; the name of the suite alone lists all ids.
      """)

  @Argument(help: "An id of the report, of a run, or of a suite.")
  var id: String

  func run() async throws {
    try await CommandFailure.reporting {
      // The path of a suite has slashes as well.
      let isPath = SuiteSession.isFile(URL(filePath: id))
      let parts = isPath ? [id] : id.split(separator: "/", maxSplits: 1).map(String.init)
      let session = try SuiteSession(recordsOf: parts.first ?? "")
      let explanation = Explanation(
        session: session, results: try session.results(typed: session.suite.name))
      for line in try explanation.lines(parts.count > 1 ? parts[1] : nil) { Output.line(line) }
    }
  }
}

/// The chain from what a report shows to what was recorded.
struct Explanation {
  let session: SuiteSession
  let results: SuiteResults

  private var suite: Suite { session.suite }

  /// The chain of a figure, table or run by its id below the suite; of the suite if `nil`.
  func lines(_ name: String?) throws -> [String] {
    let sources = ReportWriter(
      results: results, published: [], baseline: session.workbench.baseline
    ).sources
    guard let name else { return suiteLines + [""] + sources.map { "\($0.id)  \($0.title)" } }
    if let run = suite.runs.first(where: { $0.id == name }) { return try lines(of: run) }
    guard let source = sources.first(where: { $0.id == "\(suite.name)/\(name)" }) else {
      let hint = NearestName.of("\(suite.name)/\(name)", among: sources.map(\.id))
      throw CommandFailure(
        "there is no '\(name)' in \(suite.name); "
          + (hint.map { "did you mean '\($0)'?" }
            ?? "type 'searchlight explain \(suite.name)' for all ids"))
    }
    return lines(of: source)
  }

  private var suiteLines: [String] {
    [
      "suite \(suite.name), version \(suite.version), seed \(suite.seed)",
      "  settings and data: \(session.folder.lock.relativePath)",
      "  records: the journals of \(suite.runs.count) runs in \(session.folder.root.relativePath)",
      "  canonical results: SHA-256 \(results.canonicalChecksum)",
    ]
  }

  private func lines(of source: ReportSource) -> [String] {
    var lines = ["\(source.id): \(source.title)", "from study \(source.study), these runs:"]
    let runs = suite.runs.filter { source.runs.contains($0.id) }
    let shown = runs.prefix(60)
    let results = results.studies.flatMap(\.runs)
    var rows = [["run", "run key", "status", "trials", "final", "journal"]]
    for run in shown {
      let found = results.first { $0.id == run.id }
      rows.append([
        "\(suite.name)/\(run.id)", RunKeys(suite: suite, run: run).run.hexadecimal,
        found?.status.rawValue ?? "not recorded", found.map { "\($0.trials.count)" } ?? "-",
        found?.final?.measurement.test.map { words($0, on: .test, of: run) } ?? "-",
        session.folder.journal(of: run).relativePath,
      ])
    }
    lines += TableText.aligned(rows).map { "  \($0)" }
    if runs.count > shown.count { lines.append("  ... and \(runs.count - shown.count) more") }
    if let run = runs.first {
      lines.append("type 'searchlight explain \(suite.name)/\(run.id)' for what is behind a run")
    }
    return lines + suiteLines
  }

  private func lines(of run: RunSpecification) throws -> [String] {
    let url = session.folder.journal(of: run)
    let journal = try Journal.read(url)
    let keys = RunKeys(suite: suite, run: run)
    let settings = run.method.settings.values.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value.shortText)" }
    var lines = [
      "run \(suite.name)/\(run.id)",
      "  seeds: suite \(suite.seed), run key \(keys.run.hexadecimal), split key "
        + "\(keys.split.hexadecimal), key of final training "
        + "\(keys.finalTraining.hexadecimal)",
      "  settings: \(settings.isEmpty ? "none" : settings.joined(separator: ", "))",
      "  budgets: search \(text(run.study.searchBudget)), final "
        + (run.study.finalBudget.map(text) ?? "none"),
      "  records: \(url.relativePath), \(journal.lines.count) lines, chain value "
        + (journal.hashes.last ?? "none"),
    ]
    for line in journal.lines {
      lines += self.lines(of: line, of: run).map { "  line \(line.sequence + 1): \($0)" }
    }
    lines += workerLines(journal.lines)
    lines.append("  ledger:")
    lines += TableText.aligned(LedgerTable(journal.lines).rows).map { "    \($0)" }
    return lines + suiteLines
  }

  /// How long a run's simulated workers took, and how late its method learned; none for one worker.
  private func workerLines(_ lines: [JournalLine]) -> [String] {
    let trials = lines.compactMap { line in
      if case .trialFinished(let record) = line.event { record } else { nil }
    }
    guard let end = trials.compactMap({ $0.simulated?.end }).max() else { return [] }
    let staleness = SimulatedTime.staleness(of: trials).compactMap { $0 }
    let mean = Double(staleness.reduce(0, +)) / Double(max(1, staleness.count))
    return [
      "  workers: \(TableText.decimals(1e-9 * Double(end), 3)) simulated reference seconds; between "
        + "proposing a trial and learning its score the method learned "
        + "\(TableText.decimals(mean, 2)) others on average"
    ]
  }

  /// What a journal line says; trials and epochs are too many, and stand in the journal.
  private func lines(of line: JournalLine, of run: RunSpecification) -> [String] {
    switch line.event {
    case .session(let facts):
      return ["session on " + facts.map { "\($0.name) \($0.value)" }.joined(separator: ", ")]
    case .interrupted(let event):
      return ["\(event.cause), lost \(event.lost.total.flops) FLOPs"]
    case .failed(let failure): return ["failed: \(failure.message)"]
    case .selected(let selection):
      return [
        "selected trial \(selection.trial), \(selection.architecture), "
          + words(selection.validation, on: .validation, of: run)
      ]
    case .testSplitRead(let read): return ["test split read: \(read.reason)"]
    case .finalFinished(let record):
      let found = record.outcome.measurement
      return [
        "final training \(record.outcome.status.rawValue), "
          + words(found.validation, on: .validation, of: run) + ", "
          + words(found.test, on: .test, of: run) + ", weights "
          + (found.weightsChecksum.map { "SHA-256 \($0)" } ?? "none")
      ]
    case .candidateFinished(let record):
      let found = record.outcome
      return [
        "search \(record.search + 1) found \(record.architecture ?? "nothing"): "
          + "\(found.status.rawValue), "
          + words(found.measurement.validation, on: .validation, of: run)
      ]
    case .runFinished(let end): return ["\(end.status.rawValue) after \(end.trials) trials"]
    case .runStarted, .trialFinished, .epochFinished: return []
    }
  }

  private func text(_ budget: Budget) -> String {
    "\(budget.amount.shortText) \(budget.unit.rawValue)"
  }

  /// A score of a run with its name: `test error 12.31 %`.
  private func words(
    _ score: Double?, on split: Objective.Split, of run: RunSpecification
  ) -> String {
    guard let study = results.studies.first(where: { $0.name == run.study.name }) else {
      return "\(split.rawValue) score unknown"
    }
    return "\(study.objective.name(on: split)) \(study.objective.plainText(score))"
  }
}
