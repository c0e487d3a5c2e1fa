import Foundation
import SearchCore
import StrictYAML

/// Reads suites and checks every name and number against what there is.
public struct SuiteReader {
  let workbench: any Workbench

  static let keys = [
    "suite", "version", "summary", "seed", "seeds", "device", "openblas-kernel", "studies", "lock",
  ]
  static let studyKeys = [
    "name", "kind", "dataset", "space", "evaluator", "recipe", "scale", "final-recipe",
    "final-scale", "methods", "budget", "trial-time-limit-seconds",
    "published-cost", "learning-curves", "final", "seeds",
  ]

  /// Whose learning curves are recorded: of final training, or of trials as well.
  static let curves = ["final", "trials"]

  private static let seedCounts = 1...10_000

  /// Makes a reader that knows the workbench's names.
  public init(workbench: any Workbench) { self.workbench = workbench }

  /// Reads a suite or a lock file.
  ///
  /// - Throws: `SuiteError`, one line with file and line.
  public func read(_ url: URL, shownAs name: String) throws(SuiteError) -> Suite {
    try SuiteError.reading { () throws(YAMLError) in
      try suite(YAMLText(contentsOf: url, shownAs: name).parsed())
    }
  }

  /// Reads a suite from a text.
  public func read(text: String, file: String) throws(SuiteError) -> Suite {
    try SuiteError.reading { () throws(YAMLError) in
      try suite(YAMLText(text, file: file).parsed())
    }
  }

  private func suite(_ value: YAMLValue) throws(YAMLError) -> Suite {
    let entries = try value.mapping(keys: Self.keys)
    var studies: [Study] = []
    let list = try entries.required("studies").list(counts: 1...50)
    for item in list {
      let study = try self.study(item)
      guard !studies.contains(where: { $0.name == study.name }) else {
        throw item.error("study '\(study.name)' is given twice; expected unique names")
      }
      studies.append(study)
    }
    let device = entries["device"]
    return Suite(
      name: try entries.required("suite").identifier(),
      version: try entries["version"]?.integer(in: 1...1_000_000) ?? 1,
      summary: try entries.required("summary").text(longest: 2_000),
      seed: UInt64(try entries.required("seed").integer(in: 0...Int.max)),
      seeds: try entries.required("seeds").integer(in: Self.seedCounts),
      device: try device?.name("device profile", among: workbench.deviceNames) ?? "gtx-1080-ti",
      studies: studies,
      openBLASKernel: try entries["openblas-kernel"]?
        .name("OpenBLAS kernel", among: OpenBLASKernel.names))
  }

  private func study(_ value: YAMLValue) throws(YAMLError) -> Study {
    let entries = try value.mapping(keys: Self.studyKeys)
    let (evaluator, program) = try evaluator(entries.required("evaluator"))
    let trains = evaluator.trains
    let budget = try entries.required("budget")
    let budgets = try budget.mapping(keys: ["search", "final"])
    let judgement = try entries["final"].map { value throws(YAMLError) in
      try Self.judgement(value)
    }
    let hasFinal = trains && judgement != .table
    if hasFinal, budgets["final"] == nil { throw budget.error("key 'final' is missing") }
    if trains, !hasFinal {
      let surplus = entries["final-recipe"] ?? entries["final-scale"] ?? budgets["final"]
      if let surplus {
        throw surplus.error("does not go with 'final: table', which trains nothing")
      }
    }
    if !trains {
      let surplus =
        (RecipeReader.studyKeys + ["final"]).lazy.compactMap { entries[$0] }.first
        ?? budgets["final"]
      if let surplus {
        throw surplus.error("does not go with evaluator '\(evaluator.name)', which trains nothing")
      }
    }
    let training = trains ? try RecipeReader.read(entries) : nil
    let kind = try entries["kind"]?.name("kind", among: Study.Kind.allCases.map(\.rawValue))
    var study = Study(
      name: try entries.required("name").identifier(),
      kind: kind.flatMap(Study.Kind.init(rawValue:)) ?? .commonSpace,
      dataset: try dataset(entries.required("dataset")),
      space: try space(entries.required("space"), of: evaluator), evaluator: evaluator.name,
      training: training?.search, finalTraining: training?.final,
      methods: try methods(entries.required("methods"), of: evaluator),
      searchBudget: try Self.budget(budgets.required("search")),
      finalBudget: try budgets["final"].map { value throws(YAMLError) in
        try Self.budget(value)
      },
      trialTimeLimitSeconds: try entries["trial-time-limit-seconds"]?.number(in: 1e-3...1e9))
    study.evaluatorProgram = program
    try Self.check(study, budget)
    if let recipe = study.training {
      // The final recipe is for the same kind of network.
      for space in study.spaces {
        guard let objection = evaluator.objection(to: recipe, inSpace: space) else { continue }
        throw try entries.required("recipe").error(objection)
      }
    }
    if let judgement { try judge(&study, by: judgement, entries.required("final")) }
    let curves = try entries["learning-curves"]?.name("kind of training", among: Self.curves)
    study.recordsTrialCurves = curves == "trials"
    study.seeds = try entries["seeds"]?.integer(in: Self.seedCounts)
    study.publishedCost = try entries["published-cost"].map { value throws(YAMLError) in
      try Self.publishedCost(value)
    }
    return study
  }

  /// `table`, or a mapping that says which images final training is on.
  private static func judgement(_ value: YAMLValue) throws(YAMLError) -> Study.Judgement {
    let named =
      value.isMapping ? try value.mapping(keys: ["on"]).required("on") : value
    let known: [Study.Judgement] =
      value.isMapping ? [.training, .trainingAndValidation] : [.table]
    let name = try named.name("final score", among: known.map(\.rawValue))
    return known.first { $0.rawValue == name } ?? .training
  }

  /// Takes a judgement that the study's spaces and data allow.
  private func judge(
    _ study: inout Study, by judgement: Study.Judgement, _ value: YAMLValue
  ) throws(YAMLError) {
    if judgement == .table {
      let tables = workbench.evaluators.first { !$0.trains }
      for space in study.spaces {
        guard let tables else { throw value.error("there are no recorded tables") }
        if let objection = tables.objection(toSpace: space) { throw value.error(objection) }
      }
    }
    if judgement == .trainingAndValidation, study.training?.text != nil {
      throw value.error("language models have a validation text of their own; expected none")
    }
    if judgement == .trainingAndValidation, study.evaluatorProgram != nil {
      throw value.error("a program that evaluates is not told to train on validation images")
    }
    study.judgement = judgement
  }

  private static func publishedCost(_ value: YAMLValue) throws(YAMLError) -> PublishedCost {
    let entries = try value.mapping(keys: ["gpu-days", "device", "source"])
    return PublishedCost(
      gpuDays: try entries.required("gpu-days").number(in: 1e-6...1e9),
      device: try entries.required("device").text(longest: 100),
      source: try entries.required("source").text(longest: 500))
  }

  private func dataset(_ value: YAMLValue) throws(YAMLError) -> String {
    let name = try value.text()
    if name.hasSuffix(".yaml") { return name }
    return try value.name("dataset", among: workbench.datasetNames)
  }

  private func evaluator(
    _ value: YAMLValue
  ) throws(YAMLError) -> (EvaluatorKind, PluginCommand?) {
    if value.isMapping { return try program(evaluator: value) }
    let name = try value.name("evaluator", among: workbench.evaluators.map(\.name))
    guard let kind = workbench.evaluators.first(where: { $0.name == name }) else {
      throw value.error("unknown evaluator '\(name)'")
    }
    return (kind, nil)
  }

  /// A space whose architectures the study's evaluator can score: another's would be searched and
  /// then recorded under the wrong name.
  func space(
    _ value: YAMLValue, of evaluator: EvaluatorKind
  ) throws(YAMLError) -> String {
    let known = workbench.spaces.map { type(of: $0).name }
    let name = try value.name("search space", among: known)
    if let objection = evaluator.objection(toSpace: name) { throw value.error(objection) }
    return name
  }

  private func methods(
    _ value: YAMLValue, of evaluator: EvaluatorKind
  ) throws(YAMLError) -> [MethodChoice] {
    var methods: [MethodChoice] = []
    for item in try value.list(counts: 1...100) {
      let method = try method(item, of: evaluator)
      guard !methods.contains(where: { $0.label == method.label }) else {
        throw item.error(
          "method '\(method.label)' is given twice; expected once a study, or another 'label'")
      }
      methods.append(method)
    }
    return methods
  }

  private func method(
    _ value: YAMLValue, of evaluator: EvaluatorKind
  ) throws(YAMLError) -> MethodChoice {
    if value.isMapping, try value.mapping()["command"] != nil {
      return try plugin(value, of: evaluator)
    }
    // A key path to a static member of an existential metatype crashes the compiler.
    let known = workbench.methods.map { $0.name }
    let named = value.isMapping ? try value.mapping().required("name") : value
    let name = try named.name("method", among: known)
    let method = workbench.methods.first { $0.name == name }
    let settings = method?.settings ?? []
    guard value.isMapping else {
      return MethodChoice(name: name, settings: MethodSettings(of: settings))
    }
    let presets = method?.presets ?? []
    let keys = ["name", "label", "space"] + (presets.isEmpty ? [] : ["preset"])
    let entries = try value.mapping(keys: keys + settings.map(\.name))
    let preset = try entries["preset"]?.name("preset", among: presets.map(\.name))
    var changes = presets.first { $0.name == preset }?.values ?? [:]
    for setting in settings {
      guard let entry = entries[setting.name] else { continue }
      changes[setting.name] =
        setting.isInteger
        ? Double(
          try entry.integer(in: Int(setting.range.lowerBound)...Int(setting.range.upperBound)))
        : try entry.number(in: setting.range)
    }
    return MethodChoice(
      name: name, settings: MethodSettings(of: settings, replacing: changes),
      label: try entries["label"]?.identifier(),
      space: try entries["space"].map { value throws(YAMLError) in
        try space(value, of: evaluator)
      })
  }

  private static func budget(_ value: YAMLValue) throws(YAMLError) -> Budget {
    let units = BudgetUnit.allCases.map(\.rawValue)
    let entries = try value.mapping(keys: units).entries
    guard let entry = entries.first, entries.count == 1, let unit = BudgetUnit(rawValue: entry.key)
    else {
      throw value.error("found \(entries.count) amounts; expected one, in \(units[0]) or another")
    }
    return Budget(try entry.value.number(in: 1e-9...1e12), unit)
  }
}
