import Charts
import Foundation
import OperationCosts
import ResultsStore
import SearchCore
import Statistics

/// The results as tables for other programs: CSV, JSON and LaTeX.
///
/// Scores are as measured in CSV and JSON (errors are shares from 0 to 1), as printed in LaTeX. What is not known is an
/// empty field in CSV, `null` in JSON and `unknown` in LaTeX.
package struct ResultTables {
  /// One suite, read from the store.
  package let results: SuiteResults
  /// Its studies with their statistics.
  package let studies: [ReportDocument.Study]

  package init(results: SuiteResults, studies: [ReportDocument.Study]) {
    self.results = results
    self.studies = studies
  }

  private static let phases = Phase.allCases

  /// One line a run, failed ones included, then one line a missing run (RFC 4180).
  package var csv: String {
    let header =
      [
        "suite", "study", "method", "seed", "status", "objective", "search_validation",
        "validation", "test", "parameters", "trials", "final_status", "final_epochs",
      ] + Self.phases.map { "\($0.rawValue.replacing("-", with: "_"))_modelled_seconds" }
      + ["modelled_seconds_error", "wall_clock_seconds", "processor_seconds", "architecture"]
    var lines = [header]
    for study in studies {
      for summary in study.findings.summaries {
        lines += summary.runs.map { fields(of: $0, in: study.results) }
        lines += summary.missingSeeds.map { seed in
          let known = [results.suite, study.results.name, summary.method, "\(seed)", "missing"]
          return known + Array(repeating: "", count: header.count - known.count)
        }
      }
    }
    return lines.map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
  }

  private func fields(of run: RunResults, in study: StudyResults) -> [String] {
    func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "" }
    let final = run.final?.measurement
    let charges = Self.phases.map { phase in
      text(run.charges[phase].map { Double($0.referenceNanoseconds) / 1e9 })
    }
    return [
      results.suite, study.name, run.method, "\(run.seedIndex)", run.status.rawValue,
      study.objective.id,
      text(run.searchValidation), text(final?.validation), text(final?.test),
      text(final?.parameters), "\(run.trials.count)", text(run.final?.status.rawValue),
      text(final?.epochs),
    ] + charges + [
      results.modelError(of: study), text(run.wallClockSeconds), text(run.cpuSeconds),
      text(run.selectedArchitecture),
    ]
  }

  private static func quoted(_ field: String) -> String {
    let needsQuotes = field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
    return needsQuotes ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
  }

  /// Tables of scores in LaTeX, one a study; they need the package booktabs.
  package var latex: String {
    studies.map { study in
      let table = study.tables.scores
      let alignment = table.columns.map { $0.isNumber ? "r" : "l" }.joined()
      func row(_ cells: [String]) -> String {
        "    " + cells.map(Self.escaped).joined(separator: " & ") + " \\\\\n"
      }
      let heading = Self.escaped(
        "\(results.suite), study \(study.results.name): \(table.caption) "
          + "\(results.computation.dropLast()); "
          + "\(results.modelError(of: study.results)).")
      return """
        \\begin{table}
          \\centering
          \\caption{\(heading)}
          \\begin{tabular}{\(alignment)}
            \\toprule
        \(row(table.columns.map(\.title)))    \\midrule
        \(table.rows.map(row).joined())    \\bottomrule
          \\end{tabular}
        \\end{table}

        """
    }.joined(separator: "\n")
  }

  /// Makes a text stand for itself in LaTeX.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&", "%", "$", "#", "_", "{", "}": result += "\\\(character)"
      case "~": result += "\\textasciitilde{}"
      case "^": result += "\\textasciicircum{}"
      case "\\": result += "\\textbackslash{}"
      case "|": result += "\\textbar{}"
      case "<": result += "\\textless{}"
      case ">": result += "\\textgreater{}"
      // A row that begins with a bracket would be taken for an option of the one before.
      case "[": result += "{[}"
      case "]": result += "{]}"
      case "\u{202F}": result += "\\,"
      case "−": result += "$-$"
      case "±": result += "$\\pm$"
      case "–": result += "--"
      case "√": result += "$\\surd$"
      default: result.append(character.isNewline ? " " : character)
      }
    }
    return result
  }

  /// The summaries of all methods and every run, with sorted keys.
  ///
  /// - Throws: What the encoder throws if a number is not finite.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(ResultsSummary(results: results, studies: studies)) + Data("\n".utf8)
  }
}
