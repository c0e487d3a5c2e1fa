import Experiments
import SearchCore

extension SuiteResults {
  /// What a suite says of itself, before there are runs.
  ///
  /// - Parameters:
  ///   - deviceTitle: Name to print of the reference device.
  ///   - lock: The resolved suite as YAML.
  ///   - tasks: For each study in order, what its scores mean and whether its costs are modelled or
  ///     recorded, in words.
  ///   - deviceError: How far modelled hours can be trusted, in words.
  public init(
    suite: Suite, deviceTitle: String, deviceError: String? = nil, lock: String,
    tasks: [(objective: Objective, costLabel: String)]
  ) {
    self.init(
      suite: suite.name, version: suite.version, summary: suite.summary, seed: suite.seed,
      seeds: suite.seeds, referenceDevice: deviceTitle, lock: lock, canonicalChecksum: "",
      environment: [],
      studies: zip(suite.studies, tasks).map { study, task in
        var results = StudyResults(
          name: study.name, kind: study.kind, dataset: study.dataset, space: study.space,
          evaluator: study.evaluator, protocolFacts: Self.facts(of: study),
          searchBudget: study.searchBudget, finalBudget: study.finalBudget,
          objective: task.objective, costLabel: task.costLabel,
          methods: study.methods.map(\.label), runs: [])
        let own = study.methods.compactMap { method in method.space.map { (method.label, $0) } }
        if !own.isEmpty { results.ownSpaces = Dictionary(uniqueKeysWithValues: own) }
        return results
      })
    referenceDeviceError = deviceError
  }

  /// How trials are trained, then how final training differs.
  private static func facts(of study: Study) -> [Fact] {
    guard let training = study.training else { return [] }
    let facts = facts(of: training)
    let final = study.finalTraining.map(Self.facts(of:)) ?? facts
    let differences = final.filter { !facts.contains($0) }
    return facts + differences.map { Fact(name: "final training: \($0.name)", value: $0.value) }
      + facts.filter { fact in !final.contains { $0.name == fact.name } }
      .map { Fact(name: "final training: \($0.name)", value: "none") }
  }

  private static func facts(of training: TrainingProtocol) -> [Fact] {
    var facts: [Fact] = []
    func add(_ name: String, _ value: String) { facts.append(Fact(name: name, value: value)) }
    add("recipe", training.recipe)
    add("epochs", "\(training.epochs)")
    add("batch size", "\(training.batchSize)")
    add(
      "learning rate",
      "\(training.learningRate), cosine to \(training.finalLearningRate)"
        + (training.restarts.map {
          ", restarts after \($0.firstPeriod) epochs, periods times \($0.growth)"
        } ?? ""))
    add("momentum", "\(training.momentum)\(training.nesterov ? ", Nesterov" : "")")
    add("weight decay", "\(training.weightDecay)")
    if let clip = training.gradientClip { add("gradient clipping", "norm \(clip)") }
    if training.labelSmoothing > 0 { add("label smoothing", "\(training.labelSmoothing)") }
    if training.auxiliaryWeight > 0 { add("auxiliary head", "weight \(training.auxiliaryWeight)") }
    if training.dropPath > 0 {
      let growth = training.dropPathSchedule.rawValue.replacing("-", with: " ")
      add("drop-path", "up to \(training.dropPath), by \(growth)")
    }
    if training.dropout > 0 { add("dropout", "\(training.dropout)") }
    var augmentation: [String] = []
    if training.cropPadding > 0 {
      augmentation.append("random crop after \(training.cropPadding)-pixel padding")
    }
    if training.horizontalFlip { augmentation.append("horizontal flip") }
    if training.cutoutLength > 0 { augmentation.append("cutout \(training.cutoutLength)") }
    add("augmentation", augmentation.isEmpty ? "none" : augmentation.joined(separator: ", "))
    add("channels", "\(training.scale.channels)")
    add("cells a stage", "\(training.scale.cells)")
    add("training images", training.scale.trainingImages.map { "\($0)" } ?? "all")
    add("validation images", training.scale.validationImages.map { "\($0)" } ?? "all")
    return facts
  }
}
