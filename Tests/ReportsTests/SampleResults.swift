import Foundation
import OperationCosts
import Randomness
import ResultsStore
import SearchCore

/// Made-up results of suites, drawn from a fixed key.
enum SampleResults {
  static let methods = ["random-search", "regularized-evolution", "reinforce"]
  static let architecture =
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"
  static let cell = CellGraph(
    title: "cell", nodes: ["in", "1", "2", "out"],
    edges: [
      (0, 1, "nor_conv_3x3"), (0, 2, "nor_conv_3x3"), (1, 2, "avg_pool_3x3"),
      (0, 3, "skip_connect"), (1, 3, "none"), (2, 3, "nor_conv_1x1"),
    ].map { CellGraph.Edge(source: $0.0, target: $0.1, operation: $0.2) })

  /// What a study is made of.
  struct Shape {
    var methods = SampleResults.methods
    var seeds = 3
    var trials = 40
    var isTable = false
    /// Test error of the first method; each further method is lower by `step`.
    var test = 0.24
    var step = 0.004
    var spread = 0.012
  }

  static func suite(_ name: String, studies: [StudyResults], seeds: Int) -> SuiteResults {
    let lock =
      "# The suite as it was run, every default spelled out.\nsuite: \(name)\nseed: 7\n"
      + studies.map { study in
        "  - name: \(study.name)\n    dataset: \(study.dataset)\n    methods:\n"
          + study.methods.map { "      - name: \($0)\n        sample-size: 3\n" }.joined()
      }.joined()
    return SuiteResults(
      suite: name, version: 1,
      summary: "Random search, regularized evolution and REINFORCE train small networks of the "
        + "NAS-Bench-201 space under one budget.", seed: 7, seeds: seeds,
      referenceDevice: "GTX 1080 Ti",
      lock: lock,
      canonicalChecksum: "4f9c1f2b7e0d8a6655c3b2a190817263544536271809a0b1c2d3e4f5061728394",
      environment: [
        .init(name: "processor", value: "Intel Xeon Processor at 2.80 GHz"),
        .init(name: "instruction set", value: "AVX-512"),
        .init(name: "BLAS", value: "OpenBLAS 0.3.21, kernel SkylakeX"),
        .init(name: "compiler", value: "Swift 6.3"), .init(name: "commit", value: ""),
      ], studies: studies)
  }

  static func study(_ name: String, _ shape: Shape) -> StudyResults {
    let key = RandomKey(seed: 11).child(name)
    var runs: [RunResults] = []
    for (place, method) in shape.methods.enumerated() {
      for seed in 0..<shape.seeds {
        runs.append(
          run(
            "\(name)/\(method)/\(seed)", method: method, place: place, seed: seed, shape,
            key: key.child(method, seed)))
      }
    }
    return StudyResults(
      name: name, kind: .commonSpace, dataset: shape.isTable ? "nasbench201" : "shapes10",
      space: "nas-bench-201", evaluator: shape.isTable ? "table" : "training",
      protocolFacts: shape.isTable
        ? []
        : [
          .init(name: "recipe", value: "nasbench201-12"), .init(name: "epochs", value: "1"),
          .init(name: "batch size", value: "64"), .init(name: "channels", value: "4"),
          .init(name: "cells a stage", value: "1"),
        ],
      searchBudget: Budget(shape.isTable ? 12_000 : 10, .referenceGPUSeconds),
      finalBudget: shape.isTable ? nil : Budget(4, .epochs),
      objective: .classificationError,
      costLabel: shape.isTable ? "modelled from three recorded cells" : "modelled",
      methods: shape.methods, runs: runs)
  }

  private static func run(
    _ id: String, method: String, place: Int, seed: Int, _ shape: Shape, key: RandomKey
  ) -> RunResults {
    var generator = key.generator()
    let budget = shape.isTable ? 12_000.0 : 10
    var best = 1.0
    let trials = (0..<shape.trials).map { index in
      let progress = Double(index) / Double(shape.trials) * Double(place) * 0.02
      let error = 0.3 - progress + 0.05 * generator.uniform() * (1 + 4 * generator.uniform())
      best = min(best, error)
      let fraction = Double(index + 1) / Double(shape.trials) * 0.99
      return TrialResults(
        index: index, architecture: architecture, identity: "\(generator.integer(below: 200))",
        status: .completed, measurement: Measurement(validation: error),
        chargedSoFar: Charge(referenceNanoseconds: Int128(budget * fraction * 1e9)),
        budgetFraction: fraction)
    }
    let test = shape.test - Double(place) * shape.step + shape.spread * generator.normal()
    let validation = shape.isTable ? nil : test + 0.004 * generator.normal()
    var charges = [Phase.search: Charge(referenceNanoseconds: Int128(budget * 0.995 * 1e9))]
    if !shape.isTable {
      charges[.finalTraining] = Charge(
        referenceNanoseconds: Int128(3_400_000_000 + 90_000_000 * seed))
      charges[.scheduledEvaluation] = Charge(referenceNanoseconds: 260_000_000)
    }
    return RunResults(
      id: id, method: method, seedIndex: seed, status: .completed, trials: trials,
      selectedArchitecture: architecture, selectedGraphs: [cell], searchValidation: best,
      final: StepReport.Outcome(
        status: .completed,
        measurement: Measurement(
          validation: validation, test: test,
          parameters: shape.isTable ? nil : 12_345 + 100 * seed, epochs: shape.isTable ? 200 : 4)),
      charges: charges, wallClockSeconds: shape.isTable ? nil : 42.5 + Double(seed),
      cpuSeconds: shape.isTable ? nil : 42.25)
  }

  /// Three methods, three seeds, 40 trials, with final training.
  static let training = suite("quick", studies: [study("shapes10", Shape())], seeds: 3)

  /// Three methods on a recorded table, 500 seeds.
  static let table = suite(
    "nasbench201",
    studies: [
      study(
        "cifar10",
        Shape(
          seeds: 500, trials: 108, isTable: true, test: 0.0624, step: 0.0009, spread: 0.0037))
    ], seeds: 500)

  /// Failures, missing runs, unknown values, long names, two studies, many methods.
  static let troubled: SuiteResults = {
    let long = "regularized-evolution-with-a-very-long-name-that-somebody-thought-was-a-good-idea"
    var shape = Shape()
    shape.methods = methods + [long, "never-started"]
    shape.seeds = 2
    var first = study("a-study-with-a-long-name-and-trouble", shape)
    first.runs.removeAll { $0.method == "never-started" }
    first.runs.removeAll { $0.method == "reinforce" && $0.seedIndex == 1 }
    for index in first.runs.indices where first.runs[index].method == long {
      first.runs[index].wallClockSeconds = nil
      first.runs[index].selectedGraphs = []
    }
    first.runs[0].status = .outOfMemory
    first.runs[0].trials = Array(first.runs[0].trials.prefix(3))
    first.runs[0].final = nil
    first.runs[0].searchValidation = nil
    first.runs[2].final = StepReport.Outcome(status: .diverged, measurement: Measurement())
    first.runs[3].trials[5].status = .diverged
    first.runs[3].trials[5].measurement = Measurement()
    var empty = study("nothing-yet", Shape())
    empty.runs = []
    var results = suite("troubled & <odd> 100% \\suite_name", studies: [first, empty], seeds: 3)
    for line in 0..<220 { results.lock += "    setting-\(line): \(line * 17 % 101)\n" }
    results.lock += "    \(String(repeating: "a-long-value-", count: 30))\n"
    return results
  }()

  /// No study at all.
  static let empty = suite("empty", studies: [], seeds: 3)
}
