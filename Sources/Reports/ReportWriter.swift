import Charts
import Claims
import Experiments
import Foundation
import ResultsStore

/// A report that could not be written.
public enum ReportError: Error, Hashable, CustomStringConvertible, Sendable {
  /// A page or chart could not be drawn.
  case drawing(ChartError)
  /// A file could not be written; what the system said.
  case writing(String)
  /// A result is not a finite number.
  case encoding(file: String)

  public var description: String {
    switch self {
    case .drawing(let error): error.description
    case .writing(let reason): reason
    case .encoding(let file):
      "\(file): a result is not a finite number; fill the store anew from the journals with "
        + "'searchlight run SUITE'"
    }
  }
}

/// Renders a suite's results: `report.pdf` and `report.html` of the same content, each chart as SVG and PNG below `charts/`, and the
/// tables `results.csv`, `results.json` and `results.tex`.
///
/// The same results give the same bytes.
public struct ReportWriter {
  let document: ReportDocument

  /// Takes what is to be reported.
  ///
  /// - Parameters:
  ///   - results: One suite, read from the store.
  ///   - published: Published results; those measured like a study are put beside it.
  ///   - baseline: Id of the random search that other methods are measured against.
  public init(results: SuiteResults, published: [PublishedResult], baseline: String?) {
    document = ReportDocument(results: results, published: published, baseline: baseline)
  }

  /// Writes all files; each appears whole under its name or not at all.
  ///
  /// - Parameter folder: Made if it is not there; files of the same names are replaced.
  /// - Returns: The places of the files, the PDF first.
  /// - Throws: `ReportError.drawing` if the graphics library fails, `.writing` if the folder
  ///   cannot be written, `.encoding` if a result is not a finite number.
  @discardableResult
  public func write(to folder: URL) throws(ReportError) -> [URL] {
    var written: [URL] = []
    for file in try files() {
      let place = folder.appending(path: file.name)
      do {
        try RecordFile.write(file.data, to: place)
      } catch {
        throw .writing(error.description)
      }
      written.append(place)
    }
    return written
  }

  /// All files with their names below the report's folder, without writing them.
  package func files() throws(ReportError) -> [(name: String, data: Data)] {
    let studies = document.studies
    let tables = ResultTables(results: document.results, studies: studies)
    var files: [(name: String, data: Data)] = []
    let json: Data
    do {
      json = try tables.json()
    } catch {
      throw .encoding(file: "results.json")
    }
    do {
      files.append(("report.pdf", Data(try document.pdf(of: studies))))
      files.append(("report.html", Data(try HTMLReport(document, studies).text().utf8)))
      for (name, figure) in named(studies.flatMap { $0.figures + $0.cells }) {
        for format in [Canvas.Format.svg, .png] {
          let bytes = try figure.chart.rendered(as: format)
          files.append(("charts/\(name).\(format.rawValue)", Data(bytes)))
        }
      }
    } catch {
      throw .drawing(error)
    }
    files.append(("results.csv", Data(tables.csv.utf8)))
    files.append(("results.tex", Data(tables.latex.utf8)))
    files.append(("results.json", json))
    return files
  }

  /// Figures with names that differ, should two studies' names become the same file name.
  private func named(_ figures: [Figure]) -> [(String, Figure)] {
    var used: [String: Int] = [:]
    return figures.map { figure in
      used[figure.name, default: 0] += 1
      let count = used[figure.name, default: 1]
      return (count == 1 ? figure.name : "\(figure.name)-\(count)", figure)
    }
  }
}
