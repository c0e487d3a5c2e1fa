import SearchCore
import StrictYAML

/// Reads a study's recipes and scales into training protocols, field by field of their table.
package enum RecipeReader {
  /// The entries of a study that say how networks are trained.
  static let studyKeys = ["recipe", "scale", "final-recipe", "final-scale"]

  /// Reads the protocols of trials and of final training.
  ///
  /// Final training is by default as a trial's; with a recipe of its own, it still has the search's
  /// scale and data unless `final-scale` says otherwise.
  static func read(
    _ study: YAMLMapping
  ) throws(YAMLError) -> (search: TrainingProtocol, final: TrainingProtocol) {
    var search = try recipe(study.required("recipe"))
    if let value = study["scale"] {
      try scale(value, [.size, .data], into: &search)
    }
    var final = search
    if let value = study["final-recipe"] {
      final = try recipe(value)
      guard (final.text == nil) == (search.text == nil) else {
        throw value.error(
          "recipe '\(final.recipe)' trains another kind of network than '\(search.recipe)'")
      }
      final.takeScale(of: search)
      final.scoredEpochs = min(final.scoredEpochs, final.epochs)
      if let conflict = final.conflict { throw value.error(conflict) }
    }
    if let value = study["final-scale"] {
      try scale(value, [.size], into: &final)
    }
    // Epochs may be the scale's.
    if let conflict = search.conflict { throw try study.required("recipe").error(conflict) }
    return (search, final)
  }

  /// Completes a recipe by fields of whatever place, as they are typed one by one.
  ///
  /// - Parameter fields: Keys with their values as YAML.
  /// - Throws: `SuiteError`, one line.
  package static func recipe(
    named name: String, with fields: [(key: String, value: String)]
  ) throws(SuiteError) -> TrainingProtocol {
    try SuiteError.reading { () throws(YAMLError) in
      let sizes = Set(RecipeField.all.filter { $0.place != .recipe }.map(\.key)).union(["epochs"])
      func text(_ fields: [(key: String, value: String)]) -> [String] {
        fields.map { "\($0.key): \($0.value)" }
      }
      let first = ["name: \(name)"] + text(fields.filter { !sizes.contains($0.key) })
      let file = "recipe '\(name)'"
      let value = try YAMLText(first.joined(separator: "\n"), file: file).parsed()
      var recipe = try recipe(value)
      let last = text(fields.filter { sizes.contains($0.key) })
      if !last.isEmpty {
        try scale(
          YAMLText(last.joined(separator: "\n"), file: file).parsed(), [.size, .data],
          into: &recipe)
      }
      if let conflict = recipe.conflict { throw value.error(conflict) }
      return recipe
    }
  }

  private static func recipe(_ value: YAMLValue) throws(YAMLError) -> TrainingProtocol {
    guard value.isMapping else { return try preset(value) }
    let fields = RecipeField.all(in: .recipe)
    let entries = try value.mapping(keys: ["name"] + fields.map(\.key))
    var recipe = try preset(entries.required("name"))
    try read(entries, fields, into: &recipe)
    return recipe
  }

  private static func preset(_ value: YAMLValue) throws(YAMLError) -> TrainingProtocol {
    let presets = TrainingProtocol.presets
    let name = try value.name("recipe", among: presets.map(\.recipe))
    return presets.first { $0.recipe == name } ?? .nasBench201Short
  }

  /// Reads what is made smaller or larger; with the data goes how long trials are.
  private static func scale(
    _ value: YAMLValue, _ places: [RecipeField.Place], into recipe: inout TrainingProtocol
  ) throws(YAMLError) {
    let fields = RecipeField.all.filter { field in
      places.contains(field.place) && field.objection(in: recipe) == nil
    }
    let epochs = places.contains(.data) ? RecipeField.all.filter { $0.key == "epochs" } : []
    try read(
      value.mapping(keys: (fields + epochs).map(\.key)), fields + epochs, into: &recipe)
  }

  /// A list without doubles, smallest first.
  private static func ascending(
    _ value: YAMLValue, in range: ClosedRange<Int>
  ) throws(YAMLError) -> [Int] {
    var numbers: [Int] = []
    for item in try value.list(counts: 0...100) {
      let number = try item.integer(in: range)
      if let last = numbers.last, number <= last {
        throw item.error("found \(number) after \(last); expected a larger one")
      }
      numbers.append(number)
    }
    return numbers
  }

  private static func read(
    _ entries: YAMLMapping, _ fields: [RecipeField], into recipe: inout TrainingProtocol
  ) throws(YAMLError) {
    for field in fields {
      guard let entry = entries[field.key] else { continue }
      if let objection = field.objection(in: recipe) { throw entry.error(objection) }
      switch field.value {
      case .integer(let path, let range): recipe[keyPath: path] = try entry.integer(in: range)
      case .number(let path, let range): recipe[keyPath: path] = try entry.number(in: range)
      case .boolean(let path): recipe[keyPath: path] = try entry.boolean()
      case .optionalInteger(let path, let range):
        recipe[keyPath: path] = try entry.isNone ? nil : entry.integer(in: range)
      case .optionalNumber(let path, let range):
        recipe[keyPath: path] = try entry.isNone ? nil : entry.number(in: range)
      case .integers(let path, let range):
        recipe[keyPath: path] = try ascending(entry, in: range)
      case .choice(let names, _, let write):
        write(&recipe, try entry.name(field.key, among: names))
      }
    }
  }
}
