import SearchCore

extension SuiteLock {
  /// A study's recipes and scales, every number spelled out: `none` where a preset's is taken away.
  static func lines(ofTraining study: Study) -> [String] {
    guard let training = study.training, let final = study.finalTraining else { return [] }
    let search =
      ["    recipe:", "      name: \(training.recipe)"] + lines(of: training, .recipe)
      + ["    scale:"] + lines(of: training, .size) + lines(of: training, .data)
    guard study.judgement != .table else { return search }
    return search + ["    final-recipe:", "      name: \(final.recipe)"] + lines(of: final, .recipe)
      + ["    final-scale:"] + lines(of: final, .size)
  }

  private static func lines(
    of recipe: TrainingProtocol, _ place: RecipeField.Place
  ) -> [String] {
    RecipeField.all(in: place).filter { $0.objection(in: recipe) == nil }
      .filter { place != .data || !$0.isOff(in: recipe) }
      .map { "      \($0.key): \($0.text(in: recipe))" }
  }
}
