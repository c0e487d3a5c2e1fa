import Charts
import ResultsStore

/// A figure or table of a report, and the runs that its numbers come from.
public struct ReportSource: Hashable, Sendable {
  /// As the report prints it: `<suite>/<name>`.
  public let id: String
  public let title: String
  /// Name of the study.
  public let study: String
  /// Ids of the runs.
  public let runs: [String]
}

extension ReportWriter {
  /// Every figure and table of the report with an id.
  public var sources: [ReportSource] {
    document.studies.flatMap { study in
      let runs = study.results.runs.map(\.id)
      func source(_ name: String, _ title: String, _ runs: [String]) -> ReportSource {
        ReportSource(
          id: document.id(of: name), title: title, study: study.results.name, runs: runs)
      }
      return study.tables.all.map { source($0.name, $0.caption, runs) }
        + (study.figures + study.cells).map { source($0.name, $0.chart.title, $0.runs ?? runs) }
    }
  }
}

extension ReportDocument {
  /// The id of a figure or table, which `searchlight explain` takes.
  func id(of name: String) -> String { "\(results.suite)/\(name)" }
}
