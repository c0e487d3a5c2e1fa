/// The small suites of the end-to-end tests.
struct SmallSuite {
  let name: String
  /// Name of its only study.
  let study: String
  /// Its methods, in their order.
  let methods: [String]
  /// The suite as YAML, with `METHODS` in place of its methods.
  private let template: String
  /// Entries of the methods, by label.
  private let entries: [String: String]
  /// Epochs of the rungs of successive halving.
  private let rungs: ClosedRange<Int>

  init(
    name: String, study: String, methods: [String] = [], rungs: ClosedRange<Int> = 1...2,
    entries: [String: String] = imageEntries, text: String
  ) {
    self.name = name
    self.study = study
    self.methods = methods
    self.rungs = rungs
    self.entries = entries
    template = text
  }

  /// Every method, with settings that let it learn within few trials. Those that can have two
  /// workers have two, but for `nas`, which then needs more trials than a small suite makes.
  private static let trialEntries = [
    "asha":
      "{name: asha, reduction-factor: 2, minimum-epochs: FIRST, maximum-epochs: LAST, workers: 2}",
    "nas": "{name: nas, batch-size: 2}",
    "ppo": "{name: ppo, batch-size: 2}",
    "random-sampling": "random-sampling",
    "random-search": "random-search",
    "regularized-evolution":
      "{name: regularized-evolution, population-size: 2, sample-size: 2, workers: 2}",
    "reinforce": "{name: reinforce, learning-rate: 0.5}",
  ]
  static let methodNames = trialEntries.keys.sorted()

  /// Every one-shot method, with counts for 80 images.
  private static let oneShotEntries = [
    "darts": "{name: darts, searches: 2, selection-epochs: 1, order: 1, batch-size: 40}",
    "enas":
      "{name: enas, preset: released-micro, batch-size: 40, controller-updates: 1, "
      + "samples-per-update: 2, selection-samples: 2}",
    "gdas": "{name: gdas, space: nas-bench-201, batch-size: 40}",
    "random-search-weight-sharing":
      "{name: random-search-weight-sharing, batch-size: 40, candidates: 3, "
      + "candidate-batches: 1, finalists: 1}",
  ]
  static let oneShotNames = oneShotEntries.keys.sorted()
  private static let imageEntries = trialEntries.merging(oneShotEntries) { one, _ in one }
    .merging([plugin: pluginEntry]) { one, _ in one }

  /// A method that is a program of its own.
  static let plugin = "hill-climbing"
  private static let pluginEntry =
    "{name: hill-climbing, command: [python3, Benchmarks/plugins/hill_climbing.py], "
    + "settings: {restart: 0.2}}"

  /// Searches of recurrent cells, with counts for some 960 words.
  private static let languageEntries = [
    "darts":
      "{name: darts, preset: released-rnn, order: 1, searches: 2, selection-epochs: 1, "
      + "batch-size: 8}",
    "darts-second":
      "{name: darts, label: darts-second, preset: released-rnn, searches: 1, batch-size: 8}",
    "enas-lm":
      "{name: enas, label: enas-lm, preset: released-lm, space: enas-lm, batch-size: 8, "
      + "controller-updates: 1, samples-per-update: 2, selection-samples: 2}",
    "enas-paper":
      "{name: enas, label: enas-paper, preset: paper-rnn, space: enas-recurrent, batch-size: 8, "
      + "controller-updates: 1, samples-per-update: 2, selection-samples: 2}",
    "nas": "{name: nas, space: nas-recurrent, batch-size: 2, reward-power: 1}",
    "random-search-weight-sharing":
      "{name: random-search-weight-sharing, preset: released-rnn, batch-size: 8, "
      + "score-batch-size: 6, candidates: 3, candidate-batches: 2, finalists: 1}",
  ]
  static let languageNames = languageEntries.keys.sorted()

  /// The suite as YAML.
  var text: String {
    let list = methods.compactMap { entries[$0] }
      .joined(separator: ", ")
    return template.replacing("METHODS", with: "[\(list)]")
      .replacing("FIRST", with: "\(rungs.lowerBound)")
      .replacing("LAST", with: "\(rungs.upperBound)")
  }

  /// The same suite without one of its methods.
  func without(_ method: String) -> SmallSuite {
    SmallSuite(
      name: name, study: study, methods: methods.filter { $0 != method }, rungs: rungs,
      entries: entries, text: template)
  }

  /// The same suite with one of its methods.
  func only(_ method: String) -> SmallSuite {
    SmallSuite(
      name: name, study: study, methods: [method], rungs: rungs, entries: entries, text: template)
  }

  /// Every method, with tiny networks on the embedded images.
  static let training = SmallSuite(
    name: "small", study: "shapes10", methods: methodNames,
    text: """
      suite: small
      summary: Every method trains tiny networks.
      seed: 5
      seeds: 1
      studies:
        - name: shapes10
          dataset: shapes10
          space: nas-bench-201
          evaluator: training
          recipe:
            {name: nasbench201-12, batch-size: 40, learning-rate: 0.05, anneal-by-epoch: false}
          scale: {channels: 2, cells: 1, training-images: 160, validation-images: 80, epochs: 1}
          methods: METHODS
          budget: {search: {trials: 5}, final: {epochs: 3}}
      """)

  /// Every one-shot method, with tiny shared weights on the embedded images.
  static let oneShot = SmallSuite(
    name: "small-one-shot", study: "shapes10", methods: oneShotNames,
    text: """
      suite: small-one-shot
      summary: Every one-shot method trains tiny shared weights.
      seed: 5
      seeds: 1
      studies:
        - name: shapes10
          dataset: shapes10
          space: darts-cells
          evaluator: training
          recipe:
            {name: nasbench201-12, batch-size: 40, learning-rate: 0.05, anneal-by-epoch: false}
          scale: {channels: 2, cells: 1, training-images: 80, validation-images: 40, epochs: 1}
          methods: METHODS
          budget: {search: {epochs: 4}, final: {epochs: 2}}
      """)

  /// Searches of recurrent cells, with tiny language models on the embedded text.
  static let language = SmallSuite(
    name: "small-language", study: "grammar", methods: languageNames, entries: languageEntries,
    text: """
      suite: small-language
      summary: Searches of recurrent cells train tiny language models.
      seed: 5
      seeds: 1
      studies:
        - name: grammar
          dataset: grammar
          space: darts-recurrent
          evaluator: training
          recipe:
            name: darts-rnn-search
            batch-size: 8
            unrolled-steps: 20
            evaluation-batch: 4
            test-batch: 32
          scale: {hidden: 8, embedding: 8, training-words: 961, validation-words: 241, epochs: 1}
          methods: METHODS
          budget: {search: {epochs: 4}, final: {epochs: 2}}
      """)

  /// Every method on the recorded table.
  static let table = SmallSuite(
    name: "small-table", study: "cifar10", methods: methodNames, rungs: 12...12,
    text: """
      suite: small-table
      summary: Every method on a recorded table.
      seed: 5
      seeds: 1
      studies:
        - name: cifar10
          dataset: nasbench201
          space: nas-bench-201
          evaluator: table
          methods: METHODS
          budget: {search: {reference-gpu-seconds: 3000}}
      """)
}
