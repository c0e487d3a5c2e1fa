import Charts
import Statistics

/// Charts of made-up data, one of each kind.
enum SampleCharts {
  /// A falling curve that differs by run.
  static func curve(run: Int, trials: Int) -> StepCurve {
    let positions = (1...trials).map { Double($0) / Double(trials) }
    let errors = (1...trials).map { trial -> Double? in
      10 + 30 / Double(trial) + Double((trial * 7 + run * 13) % 11) / 4
    }
    return StepCurve(bestOf: errors, at: positions)
  }

  static func band(runs: Int, shift: Int, trials: Int = 40) -> CurveBand {
    CurveBand(
      curves: (0..<runs).map { curve(run: $0 * 3 + shift, trials: trials) },
      grid: CurveBand.grid(over: 0.01...1, count: 200))
  }

  static let names = ["random-search", "regularized-evolution", "reinforce"]

  static func curves(runs: Int, logarithmic: Bool = false) -> CurveChart {
    CurveChart(
      title: "Best validation error so far", horizontalLabel: "search budget used (GPU-hours)",
      verticalLabel: "validation error (%)",
      series: names.enumerated().map {
        CurveChart.Series(name: $1, band: band(runs: runs, shift: $0 * 5))
      }, isLogarithmic: logarithmic)
  }

  static func points(runs: Int, published: Bool = false) -> SeedPointsChart {
    SeedPointsChart(
      title: "Test error of the selected architecture, every seed",
      horizontalLabel: "test error (%)",
      rows: names.enumerated().map { index, name in
        let values = (0..<runs).map { run in
          6 + Double((run * 37 + index * 11) % 101) / 60 + Double((run * 53) % 71) / 50
        }
        return SeedPointsChart.Row(
          name: name, styleIndex: index, sample: Sample(values),
          published: published ? SeedPointsChart.Published(mean: 6.3, spread: 0.36) : nil)
      })
  }

  static let cost = CostChart(
    title: "Cost by phase", horizontalLabel: "GTX 1080 Ti seconds, modelled",
    phases: ["search", "selection", "final training", "scheduled evaluation"],
    rows: names.map {
      CostChart.Row(name: $0, parts: [120, 4, 60.5, 12], total: "196.5 s")
    })

  static let ratios = RatioChart(
    title: "Step time of a peer divided by ours", horizontalLabel: "times as fast",
    rows: [
      .init(name: "resnet20, 2 threads", ratio: 1.3, range: 1.1...1.4),
      .init(name: "darts-search, 2 threads", ratio: 3.6, range: 3.2...3.7),
      .init(name: "ptb-lstm, 2 threads", ratio: 0.9, range: 0.85...1.05),
    ], notes: ["Both sides ran in turn."])

  static let forest = ForestChart(
    title: "Published figures against ours", horizontalLabel: "ours worse by (points)",
    rows: [
      .init(
        name: "nas-bench-201/random-search/test", difference: -0.05, interval: -0.09 ... -0.01,
        margin: 0.1, verdict: "reproduced"),
      .init(
        name: "a/b", difference: 0.6, interval: 0.5...0.7, margin: 0.1, verdict: "not reproduced"),
      .init(name: "c/d", difference: 0.1, interval: nil, margin: 0.2, verdict: "reproduced"),
    ], notes: ["A sentence."])

  static let roofline = RooflineChart(
    title: "Kernels against the roofline",
    kernels: [
      .init(family: "dense", isGradient: false, intensity: 80, speed: 220),
      .init(family: "dense", isGradient: true, intensity: 80, speed: 190),
      .init(family: "depthwise", isGradient: false, intensity: 2.2, speed: 60),
      .init(family: "pooling", isGradient: true, intensity: 1, speed: 9),
    ], peak: 256, bandwidth: 40)

  static let mixingWeights = HeatMapChart(
    title: "Mixing weights of the normal cell",
    columns: [
      "none", "max_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_5x5",
    ], rows: ["0-2", "1-2", "0-3"],
    values: [
      [0.02, 0.08, 0.6, 0.2, 0.1], [0.2, 0.2, 0.2, 0.2, 0.2], [0, 0, 0.01, 0.98, 0.01],
    ], notes: ["Rows sum to 1."])

  static let sizes = ScatterChart(
    title: "Test error against size", horizontalLabel: "parameters (millions)",
    verticalLabel: "test error (%)",
    series: names.enumerated().map { index, name in
      ScatterChart.Series(
        name: name, styleIndex: index,
        points: (0..<3).map { .init(0.5 + Double(index * 3 + $0) / 4, 9 - Double($0 + index)) })
    })

  /// A NAS-Bench-201 cell: four nodes, six edges.
  static let cell = CellGraphChart(
    title: "Best cell", nodes: ["in", "1", "2", "out"],
    edges: [
      (0, 1, "nor_conv_3x3"), (0, 2, "nor_conv_3x3"), (1, 2, "avg_pool_3x3"),
      (0, 3, "skip_connect"), (1, 3, "none"), (2, 3, "nor_conv_1x1"),
    ].map { CellGraphChart.Edge(source: $0.0, target: $0.1, label: $0.2) })

  /// A NASNet-like cell: two inputs, five blocks, parallel edges, concatenation.
  static let wideCell = CellGraphChart(
    title: "normal cell", nodes: ["c_{k-2}", "c_{k-1}", "0", "1", "2", "3", "4", "concat"],
    edges: [
      (1, 2, "sep_conv_5x5"), (0, 2, "sep_conv_3x3"), (0, 3, "sep_conv_5x5"),
      (0, 3, "sep_conv_3x3"), (1, 4, "avg_pool_3x3"), (0, 4, "skip_connect"),
      (0, 5, "avg_pool_3x3"), (0, 5, "avg_pool_3x3"), (1, 6, "sep_conv_3x3"),
      (1, 6, "skip_connect"), (2, 7, ""), (3, 7, ""), (4, 7, ""), (5, 7, ""), (6, 7, ""),
    ].map { CellGraphChart.Edge(source: $0.0, target: $0.1, label: $0.2) })

  /// Every chart with a name for files.
  static let all: [(name: String, chart: any Chart)] = [
    ("curves-3", curves(runs: 3)), ("curves-2", curves(runs: 2)),
    ("curves-500", curves(runs: 500, logarithmic: true)), ("points-3", points(runs: 3)),
    ("points-500", points(runs: 500, published: true)), ("points-1", points(runs: 1)),
    ("cost", cost), ("ratios", ratios), ("forest", forest), ("roofline", roofline), ("cell", cell),
    ("mixing-weights", mixingWeights), ("sizes", sizes), ("wide-cell", wideCell),
  ]
}
