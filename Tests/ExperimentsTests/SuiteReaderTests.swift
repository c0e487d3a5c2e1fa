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

  /// A study may have more runs than the others, whose number is the suite's; its lock says so.
  @Test func aStudyMayHaveItsOwnSeeds() throws {
    let text = Self.good.replacing(
      "    evaluator: training", with: "    evaluator: training\n    seeds: 5")
    let suite = try read(text)
    #expect(suite.seeds == 2 && suite.runs.map(\.seedIndex) == [0, 1, 2, 3, 4])
    #expect(try read(SuiteLock(suite: suite, dataChecksums: ["one": [:]]).file) == suite)
    #expect(throws: SuiteError.self) {
      try read(text.replacing("seeds: 5", with: "seeds: 0"))
    }
  }

  /// Final scores of a table, or of training on all images; the lock of either is the same suite.
  @Test(arguments: [
    ("final: table", "", Study.Judgement.table),
    ("final: {on: training-and-validation}", "\n      final: {epochs: 12}", .trainingAndValidation),
    ("final: {on: training}", "\n      final: {epochs: 12}", .training),
  ])
  func finalScoresHaveASource(key: String, budget: String, judgement: Study.Judgement) throws {
    let text = Self.good.replacing(
      "    evaluator: training", with: "    evaluator: training\n    \(key)"
    )
    .replacing("\n      final: {epochs: 12}", with: budget)
    let suite = try read(text)
    #expect(suite.studies[0].judgement == judgement)
    #expect(suite.studies[0].finalBudget == (judgement == .table ? nil : Budget(12, .epochs)))
    let lock = SuiteLock(suite: suite, dataChecksums: ["one": [:]])
    #expect(try read(lock.file) == suite)
  }

  @Test(arguments: [
    (
      "final: table", "      final: {epochs: 12}",
      "toy.yaml:21: studies[0].budget.final: does not go with 'final: table', which trains nothing"
    ),
    ("final: tabel", "", "toy.yaml:13: studies[0].final: unknown final score 'tabel'"),
    ("final: {on: test}", "", "toy.yaml:13: studies[0].final.on: unknown final score 'test'"),
  ])
  func impossibleFinalScoresAreRefused(key: String, budget: String, error: String) {
    let text = Self.good.replacing(
      "    evaluator: training", with: "    evaluator: training\n    \(key)"
    )
    .replacing("      final: {epochs: 12}", with: budget)
    #expect {
      _ = try read(text)
    } throws: {
      "\($0)".hasPrefix(error)
    }
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

  /// With a line of the suite replaced, and its lock read again.
  private func finalTraining(_ lines: String) throws -> TrainingProtocol {
    let text = Self.good.replacing("    methods:", with: "\(lines)\n    methods:")
    let suite = try read(text)
    #expect(try read(SuiteLock(suite: suite, dataChecksums: [:]).yaml) == suite)
    #expect(suite.studies[0].training == (try read(Self.good)).studies[0].training)
    return try #require(suite.studies[0].finalTraining)
  }

  @Test func finalTrainingIsAsTheSearchsUnlessGiven() throws {
    let study = try read(Self.good).studies[0]
    #expect(study.finalTraining == study.training)
  }

  @Test func finalTrainingHasItsOwnRecipeAndTheSearchsScale() throws {
    let final = try finalTraining("    final-recipe: {name: darts-eval, drop-path: 0.3}")
    var expected = TrainingProtocol.dartsEvaluation
    expected.dropPath = 0.3
    expected.scale = .init(channels: 4, cells: 1, trainingImages: 100)
    #expect(final == expected)
  }

  @Test func finalTrainingHasItsOwnScaleAndTheSearchsImages() throws {
    let final = try finalTraining("    final-scale: {channels: 6}")
    #expect(final.recipe == "nasbench201-12" && final.batchSize == 64 && final.epochs == 2)
    #expect(final.scale == .init(channels: 6, cells: 1, trainingImages: 100))
  }

  @Test(arguments: TrainingProtocol.presets.filter { $0.text == nil }.map(\.recipe))
  func everyPresetIsReadAndLocked(name: String) throws {
    let preset = try #require(TrainingProtocol.presets.first { $0.recipe == name })
    var final = try finalTraining("    final-recipe: \(name)")
    final.scale = preset.scale
    #expect(final == preset)
  }

  /// A study of language models under a recipe, read again from its lock.
  private func language(_ recipe: String, evaluator: String = "reading") throws -> Study {
    let text = Self.good.replacing("evaluator: training", with: "evaluator: \(evaluator)")
      .replacing(/\ recipe: .*\n/, with: " recipe: \(recipe)\n")
      .replacing(/\ scale: .*\n/, with: " scale: {training-words: 500}\n")
    let suite = try read(text)
    let lock = SuiteLock(suite: suite, dataChecksums: [:]).file
    #expect(try read(lock) == suite)
    return suite.studies[0]
  }

  @Test(arguments: TrainingProtocol.presets.filter { $0.text != nil }.map(\.recipe))
  func everyPresetForTextIsReadAndLocked(name: String) throws {
    var preset = try #require(TrainingProtocol.presets.first { $0.recipe == name })
    preset.scale.trainingWords = 500
    let study = try language(name)
    #expect(study.training == preset && study.finalTraining == preset)
  }

  @Test func textHasItsOwnFields() throws {
    let recipe = try #require(
      try language("{name: awd-lstm, weight-dropout: 0.25, unrolled-steps: 9, schedule: stepwise}")
        .training)
    #expect(recipe.text?.weightDropout == 0.25 && recipe.text?.unrolledSteps == 9)
    #expect(recipe.schedule == .stepwise)
  }

  @Test(arguments: [
    (
      "{name: awd-lstm, crop-padding: 4}", "reading",
      ".recipe.crop-padding: does not go with recipe 'awd-lstm', which trains language models"
    ),
    (
      "{name: budgeted, hidden-dropout: 0.1}", "reading",
      ".recipe.hidden-dropout: does not go with recipe 'budgeted', which trains image networks"
    ),
    (
      "{name: zaremba-small, averaging-trigger: 5, momentum: 0.9}", "reading",
      ".recipe: averages the weights of sgd without momentum only; expected averaging-trigger: "
        + "none, or optimizer: sgd and momentum: 0"
    ),
    (
      "zaremba-small", "training",
      ".recipe: recipe 'zaremba-small' trains language models, and search space 'fake-space' has image "
        + "networks; expected one of all-cnn, amoebanet-eval, amoebanet-search, budgeted, darts-eval, "
        + "darts-search, densenet, enas-eval, enas-macro-eval, enas-macro-search, enas-search, "
        + "fractalnet, nas-search, nasbench201-12, nasbench201-200, nasnet-eval, nasnet-search, "
        + "one-cycle, preactivation-resnet, resnet, stochastic-depth, wide-resnet"
    ),
  ])
  func refusesWhatDoesNotGoWithText(recipe: String, evaluator: String, message: String) throws {
    #expect {
      _ = try language(recipe, evaluator: evaluator)
    } throws: { "\($0)".hasSuffix("studies[0]\(message)") }
  }

  @Test func aPresetsClippingAndRestartsCanBeTakenAway() throws {
    let final = try finalTraining("    final-recipe: {name: darts-eval, gradient-clip: none}")
    #expect(final.gradientClip == nil)
    let single = try finalTraining("    final-recipe: {name: enas-eval, restart-period: none}")
    #expect(single.restarts == nil)
    let other = try finalTraining("    final-recipe: {name: enas-eval, restart-period: 3}")
    #expect(other.restarts == .init(firstPeriod: 3, growth: 2))
  }

  @Test func everyFieldIsRead() throws {
    let final = try finalTraining(
      """
          final-recipe:
            name: budgeted
            restart-period: 4
            restart-growth: 3
            auxiliary-weight: 0.3
            drop-path: 0.25
            drop-path-schedule: depth-and-progress
            dropout: 0.125
            normalization-momentum: 0.01
            normalization-epsilon: 0.001
      """)
    #expect(final.restarts == .init(firstPeriod: 4, growth: 3))
    #expect(final.auxiliaryWeight == 0.3 && final.dropPath == 0.25 && final.dropout == 0.125)
    #expect(final.dropPathSchedule == .depthAndProgress)
    #expect(final.normalizationMomentum == 0.01 && final.normalizationEpsilon == 0.001)
  }

  @Test(arguments: [
    (
      "final-recipe: {name: darts-evil}",
      ".final-recipe.name: unknown recipe 'darts-evil'; did you mean 'darts-eval'?"
    ),
    (
      "final-recipe: {name: darts-eval, restart-growth: 2}",
      ".final-recipe.restart-growth: does not go without a restart-period"
    ),
    (
      "final-recipe: {name: darts-eval, drop-path: 1}",
      ".final-recipe.drop-path: found '1'; expected a number from 0 to 0.99"
    ),
    (
      "final-recipe: {name: darts-eval, drop-path-schedule: depth}",
      ".final-recipe.drop-path-schedule: unknown drop-path-schedule 'depth'; expected one of "
        + "progress, depth-and-progress"
    ),
    (
      "final-recipe: {name: darts-eval, dropout: none}",
      ".final-recipe.dropout: found 'none'; expected a number from 0 to 0.99"
    ),
    (
      "final-scale: {training-images: 3}",
      ".final-scale: unknown key 'training-images'; expected one of channels, cells"
    ),
  ])
  func refusesABadFinalRecipe(line: String, message: String) throws {
    let text = Self.good.replacing("    methods:", with: "    \(line)\n    methods:")
    #expect(throws: SuiteError("toy.yaml:15: studies[0]\(message)")) { try read(text) }
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

  /// What the training evaluator serves, and how a study in the fakes' space is refused.
  @Test(arguments: [
    ([], "it serves none"), (["other"], "expected other"),
    (["far", "other"], "expected one of far, other"),
  ])
  func refusesASpaceWithoutNetworks(spaces: [String], end: String) {
    var workbench = FakeWorkbench()
    workbench.evaluators = [EvaluatorKind(name: "training", trains: true, spaces: spaces)]
    #expect(
      throws: SuiteError(
        "toy.yaml:11: studies[0].space: evaluator 'training' has no networks for search space "
          + "'fake-space'; \(end)")
    ) { try SuiteReader(workbench: workbench).read(text: Self.good, file: "toy.yaml") }
  }
}
