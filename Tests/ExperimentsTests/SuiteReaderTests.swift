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

  // What is refused by every reader of YAML stands in `Tests/searchlightTests/BadInputs`.
  @Test(arguments: [
    (
      "greed: 0.25", "greed: 2",
      ":17: studies[0].methods[0].greed: found '2'; expected a number from 0 to 1"
    ),
    (
      "dataset: shapes", "dataset: imagenet",
      ":10: studies[0].dataset: unknown dataset 'imagenet'; expected one of shapes, "
        + "table-of-shapes"
    ),
    (
      "reference-gpu-seconds: 60", "gpu-seconds: 60",
      ":19: studies[0].budget.search: unknown key 'gpu-seconds'; expected one of "
        + "reference-gpu-hours, reference-gpu-seconds, gigaflops, trials, epochs, "
        + "wall-clock-hours"
    ),
    (
      "    budget:", "    trial-time-limit-seconds: 0\n    budget:",
      ":18: studies[0].trial-time-limit-seconds: found '0'; expected a number from 0.001 to "
        + "1000000000"
    ),
  ])
  func refusesInOneLine(old: String, new: String, message: String) throws {
    let text = Self.good.replacingOccurrences(of: old, with: new)
    #expect(text != Self.good)
    #expect(throws: SuiteError("toy.yaml\(message)")) { try read(text) }
  }
}
