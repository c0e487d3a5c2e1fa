import Charts
import Experiments
import ResultsStore
import SearchCore
import Statistics

/// Charts of what happens in searches by shared weights, and of what searches choose.
extension StudyCharts {
  /// How decided the searches became, how many skip connections they would choose, and the choice
  /// itself as probabilities.
  var oneShot: [Figure] {
    [
      course(
        "entropy", "Entropy of a one-shot search's decisions against its budget",
        "mean entropy of a decision (nats)",
        "Mean over the runs: of the softmax of α over all edges, or of a controller's decisions. "
          + "A search that has decided comes near to 0."
      ) { $0.entropy },
      course(
        "skip-connections", "Skip connections of the normal cell that would be chosen",
        "skip connections",
        "Mean over the runs. A search whose cells fill up with skip connections has collapsed."
      ) { $0.skipConnections.map(Double.init) },
    ].compactMap { $0 } + heatMaps
  }

  /// What a validation score in search is worth beside others; empty without one-shot searches.
  var oneShotNote: String {
    sharedWeightsNote
      + summaries.compactMap { summary in
        summary.selectionEpochs.map {
          " Of \(summary.method) it is that of the best cell of its searches, each trained by itself "
            + "for \(ReportText.count($0, "epoch"))."
        }
      }.joined()
  }

  private var sharedWeightsNote: String {
    let names = summaries.filter { $0.sharesWeights && $0.selectionEpochs == nil }.map(\.method)
    return names.isEmpty
      ? ""
      : " Of \(ReportText.list(names)) it is that of shared weights when the choice was made, not "
        + "of a network trained by itself, and is not to be compared with the others'."
  }

  private func course(
    _ name: String, _ title: String, _ label: String, _ explanation: String,
    _ value: (SearchEpoch) -> Double?
  ) -> Figure? {
    let amount = study.searchBudget.amount
    let series = summaries.flatMap { summary in
      summary.searches.compactMap { search -> CurveChart.Series? in
        let curves = summary.completed.compactMap { run -> StepCurve? in
          let epochs = (run.epochs ?? []).filter {
            $0.epoch.search == search && value($0.epoch) != nil
          }
          return epochs.isEmpty
            ? nil
            : StepCurve(
              positions: epochs.map { amount * $0.budgetFraction },
              values: epochs.compactMap { value($0.epoch) })
        }
        guard let start = curves.compactMap(\.positions.first).max(), start < amount else {
          return nil
        }
        // One of several searches ends where it ends; after a single one, nothing more changes.
        let last = curves.compactMap(\.positions.last).max() ?? amount
        let end = search == nil ? amount : last
        return CurveChart.Series(
          name: summary.method + (search.map { ", search \($0 + 1)" } ?? ""),
          band: CurveBand(
            curves: curves,
            grid: start < end
              ? CurveBand.grid(over: start...end, count: Self.gridCount, logarithmic: false)
              : [start]))
      }
    }
    if series.isEmpty { return nil }
    return Figure(
      name: fileName(name),
      chart: CurveChart(
        title: title,
        horizontalLabel: "search budget used (\(ReportText.unit(study.searchBudget.unit)))",
        verticalLabel: label, series: series, isLogarithmic: false), explanation: explanation)
  }

  /// The last probabilities of each method's best run, of the search that was kept, a map a cell.
  private var heatMaps: [Figure] {
    summaries.flatMap { summary -> [Figure] in
      guard let best = summary.best else { return [] }
      let kept = best.candidates?.best(by: study.objective)?.search
      let epochs = best.epochs?.filter { $0.epoch.search == kept }
      guard let last = epochs?.last?.epoch.probabilities else { return [] }
      let place = kept.map { ", search \($0 + 1), whose cell was kept" } ?? ""
      return last.map { cell in
        var figure = Figure(
          name: fileName("alpha-\(cell.cell)-\(safe(summary.method))"),
          chart: HeatMapChart(
            title: "Mixing weights of the \(cell.cell) cell at the end of \(summary.method)",
            columns: cell.operations, rows: cell.edges, values: cell.rows),
          explanation:
            "Seed \(best.seedIndex)\(place): softmax of α, an edge a row, from state to state; "
            + "the largest of a row is bold. 'none' is never chosen.")
        figure.runs = [best.id]
        return figure
      }
    }
  }

  /// Test score against the number of parameters, a point a run.
  var scoreAgainstParameters: Figure? {
    let series = summaries.enumerated().compactMap { index, summary -> ScatterChart.Series? in
      let points = summary.completed.compactMap { run -> ScatterChart.Value? in
        guard let measurement = run.final?.measurement, let score = measurement.test,
          let parameters = measurement.parameters
        else { return nil }
        return ScatterChart.Value(Double(parameters) / 1e6, study.objective.printed(score))
      }
      return points.isEmpty
        ? nil : ScatterChart.Series(name: summary.method, styleIndex: index, points: points)
    }
    let sizes = Set(series.flatMap { $0.points.map(\.horizontal) })
    guard sizes.count > 1, let smallest = sizes.min(), let largest = sizes.max() else {
      return nil
    }
    let test = study.objective.name(on: .test)
    let title = test.prefix(1).uppercased() + test.dropFirst()
    return Figure(
      name: fileName("\(study.objective.name)-against-parameters"),
      chart: ScatterChart(
        title: "\(title) of the selected architectures against their size",
        horizontalLabel: "parameters (millions)", verticalLabel: study.objective.labelled(test),
        series: series, isLogarithmic: largest > 20 * smallest),
      explanation: "Every seed, after final training; parameters without an auxiliary head.")
  }
}

extension MethodSummary {
  /// Whether the method makes its choice by weights that all architectures share.
  var sharesWeights: Bool { runs.contains { $0.epochs != nil } }

  /// Searches within a run, by index; `nil` stands for a run that is one search.
  fileprivate var searches: [Int?] {
    let indices = Set(runs.flatMap { ($0.epochs ?? []).compactMap(\.epoch.search) })
    return indices.isEmpty ? [nil] : indices.sorted()
  }

  /// Epochs that the cells of several searches were trained for before the choice; `nil` if there
  /// was one search.
  fileprivate var selectionEpochs: Int? {
    runs.lazy.compactMap { $0.candidates?.best(by: objective)?.outcome.measurement.epochs }.first
      .map { Int($0) }
  }
}
