import Experiments
import Foundation
import SearchCore
import Testing

@Suite struct SuiteReaderTests {
  static let good = """
    suite: toy
    version: 3
    summary: A toy.
    seed: 9
    seeds: 2
    device: k40
    studies:
      - name: one
        kind: common-space
        dataset: shapes
        space: fake-space
        evaluator: training
        recipe: {name: nasbench201-12, batch-size: 64}
        scale: {channels: 4, cells: 1, training-images: 100, epochs: 2}
        methods:
          - name: fake-method
            greed: 0.25
        budget:
          search: {reference-gpu-seconds: 60}
          final: {epochs: 12}
    """

  private func read(_ text: String) throws -> Suite {
    try SuiteReader(workbench: FakeWorkbench()).read(text: text, file: "toy.yaml")
  }

  @Test func readsEverythingAndFillsInDefaults() throws {
    let suite = try read(Self.good)
    #expect(suite.name == "toy" && suite.version == 3 && suite.seed == 9 && suite.seeds == 2)
    let study = try #require(suite.studies.first)
    #expect(study.searchBudget == Budget(60, .referenceGPUSeconds))
    #expect(study.finalBudget == Budget(12, .epochs))
    #expect(study.training?.batchSize == 64)
    #expect(study.training?.epochs == 2)
    #expect(study.training?.weightDecay == 5e-4)
    #expect(study.training?.scale.channels == 4)
    #expect(study.training?.scale.validationImages == nil)
    #expect(study.methods[0].settings["greed"] == 0.25)
    #expect(study.methods[0].settings["warm-up"] == 2)
    #expect(suite.runs.map(\.id) == ["one/fake-method/0", "one/fake-method/1"])
  }

  /// A method twice under two labels, one with a preset, one with a space of its own.
  private static let labelled = good.replacing(
    "      - name: fake-method\n        greed: 0.25",
    with: """
            - {name: fake-one-shot, preset: slow, diverges: 1}
            - {name: fake-one-shot, label: own, space: fake-space, preset: slow, rate: 2}
      """)

  @Test func presetsLabelsAndSpacesAreReadAndLocked() throws {
    let suite = try read(Self.labelled)
    let methods = suite.studies[0].methods
    #expect(methods.map(\.label) == ["fake-one-shot", "own"])
    #expect(methods.map(\.space) == [nil, "fake-space"])
    #expect(methods.map { $0.settings["rate"] } == [0.1, 2])
    #expect(suite.runs.map(\.id).last == "one/own/1")
    #expect(try read(SuiteLock(suite: suite, dataChecksums: [:]).yaml) == suite)
  }

  @Test func aLockIsASuiteAndGivesTheSameLock() throws {
    let suite = try read(Self.good)
    let lock = SuiteLock(suite: suite, dataChecksums: ["one": ["b": "2", "a": "1"]])
    #expect(try read(lock.yaml) == suite)
    #expect(
      SuiteLock(suite: try read(lock.yaml), dataChecksums: ["one": ["a": "1", "b": "2"]]).yaml
        == lock.yaml)
  }

  @Test func aNamedOpenBLASKernelIsInTheLock() throws {
    let text = Self.good.replacing("device: k40", with: "device: k40\nopenblas-kernel: Haswell")
    let suite = try read(text)
    #expect(suite.openBLASKernel == "Haswell")
    let lock = SuiteLock(suite: suite, dataChecksums: [:]).yaml
    #expect(lock.contains("\nopenblas-kernel: Haswell\nstudies:\n"))
    #expect(try read(lock) == suite)
    #expect(try read(Self.good).openBLASKernel == nil)
  }

  @Test(arguments: [
    (
      "seeds: 2", "seeds: 2\nseeds: 3",
      ": is not valid YAML (Parser: expected all keys to be unique but found the following "
        + "duplicated key(s): 'seeds'.)"
    ),
    (
      "    budget:", "    trial-time-limit-seconds: 0\n    budget:",
      ":18: studies[0].trial-time-limit-seconds: found '0'; expected a number from 0.001 to "
        + "1000000000"
    ),
    (
      "device: k40", "openblas-kernel: Haswel",
      ":6: openblas-kernel: unknown OpenBLAS kernel 'Haswel'; did you mean 'Haswell'?"
    ),
    ("seeds: 2", "seedz: 2", ":5: unknown key 'seedz'; did you mean 'seed'?"),
    ("seeds: 2", "seeds: two", ":5: seeds: found 'two'; expected a whole number from 1 to 10000"),
    ("seeds: 2", "seeds: 0", ":5: seeds: found '0'; expected a whole number from 1 to 10000"),
    ("seeds: 2", "seeds: [2]", ":5: seeds: found a list; expected a whole number from 1 to 10000"),
    (
      "suite: toy", "suite: ../toy",
      ":1: suite: found '../toy'; expected lower-case letters, digits and '-'"
    ),
    ("seed: 9\n", "", ":1: key 'seed' is missing"),
    (
      "device: k40", "device: k41",
      ":6: device: unknown device profile 'k41'; did you mean 'k40'?"
    ),
    (
      "dataset: shapes", "dataset: shape",
      ":10: studies[0].dataset: unknown dataset 'shape'; did you mean 'shapes'?"
    ),
    (
      "dataset: shapes", "dataset: imagenet",
      ":10: studies[0].dataset: unknown dataset 'imagenet'; expected one of shapes, "
        + "table-of-shapes"
    ),
    (
      "kind: common-space", "kind: common",
      ":9: studies[0].kind: unknown kind 'common'; expected one of common-space, own-space"
    ),
    (
      "evaluator: training", "evaluator: table",
      ":13: studies[0].recipe: does not go with evaluator 'table', which trains nothing"
    ),
    (
      "batch-size: 64", "batchsize: 64",
      ":13: studies[0].recipe: unknown key 'batchsize'; did you mean 'batch-size'?"
    ),
    (
      "greed: 0.25", "greed: 2",
      ":17: studies[0].methods[0].greed: found '2'; expected a number from 0 to 1"
    ),
    (
      "greed: 0.25", "greed: .nan",
      ":17: studies[0].methods[0].greed: found '.nan'; expected a number from 0 to 1"
    ),
    (
      "greed: 0.25", "gread: 0.25",
      ":17: studies[0].methods[0]: unknown key 'gread'; did you mean 'greed'?"
    ),
    (
      "name: fake-method", "name: fake-methods",
      ":16: studies[0].methods[0].name: unknown method 'fake-methods'; did you mean "
        + "'fake-method'?"
    ),
    (
      "reference-gpu-seconds: 60", "gpu-seconds: 60",
      ":19: studies[0].budget.search: unknown key 'gpu-seconds'; expected one of "
        + "reference-gpu-hours, reference-gpu-seconds, gigaflops, trials, epochs, "
        + "wall-clock-hours"
    ),
    (
      "reference-gpu-seconds: 60", "reference-gpu-seconds: -1",
      ":19: studies[0].budget.search.reference-gpu-seconds: found '-1'; expected a number from "
        + "1e-09 to 1000000000000"
    ),
    (
      "reference-gpu-seconds: 60", "trials: 3, epochs: 2",
      ":19: studies[0].budget.search: found 2 amounts; expected one, in reference-gpu-hours or "
        + "another"
    ),
    ("      final: {epochs: 12}", "", ":19: studies[0].budget: key 'final' is missing"),
  ])
  func refusesInOneLine(old: String, new: String, message: String) throws {
    let text = Self.good.replacingOccurrences(of: old, with: new)
    #expect(text != Self.good)
    #expect(throws: SuiteError("toy.yaml\(message)")) { try read(text) }
  }

  @Test func refusesWhatIsNotAMapping() {
    #expect(throws: SuiteError("toy.yaml: is empty; expected a YAML mapping")) { try read("") }
    #expect(
      throws: SuiteError(
        "toy.yaml:1: found a list; expected a mapping with suite, version, summary, seed, seeds, "
          + "device, openblas-kernel, studies, lock")
    ) { try read("[1, 2]") }
  }
}
