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
        results.seeds = study.seeds
        results.evaluatorProgram = study.evaluatorProgram?.line
        if !own.isEmpty { results.ownSpaces = Dictionary(uniqueKeysWithValues: own) }
        return results
      })
    referenceDeviceError = deviceError
  }

  /// How trials are trained, then how final training differs.
  private static func facts(of study: Study) -> [Fact] {
    guard let training = study.training else { return [] }
    let facts = facts(of: training)
    switch study.judgement {
    case .training: break
    case .trainingAndValidation:
      return Self.facts(ofTraining: study, facts)
        + [Fact(name: "final training: on", value: "training and validation images")]
    case .table:
      return facts + [Fact(name: "final scores", value: "looked up in the recorded table")]
    }
    return Self.facts(ofTraining: study, facts)
  }

  /// With how final training differs from trials, whose facts are given.
  private static func facts(ofTraining study: Study, _ facts: [Fact]) -> [Fact] {
    let final = study.finalTraining.map(Self.facts(of:)) ?? facts
    let differences = final.filter { !facts.contains($0) }
    return facts + differences.map { Fact(name: "final training: \($0.name)", value: $0.value) }
      + facts.filter { fact in !final.contains { $0.name == fact.name } }
      .map { Fact(name: "final training: \($0.name)", value: "none") }
  }

  /// What the recipe does, by the table of its fields: what it leaves out is not named.
  private static func facts(of recipe: TrainingProtocol) -> [Fact] {
    [Fact(name: "recipe", value: recipe.recipe)]
      + RecipeField.all.filter { $0.objection(in: recipe) == nil && !$0.isOff(in: recipe) }
      .map { field in
        Fact(
          name: field.key.replacing("-", with: " "),
          value: [field.text(in: recipe), field.unit].compactMap(\.self).joined(separator: " "))
      }
  }
}
