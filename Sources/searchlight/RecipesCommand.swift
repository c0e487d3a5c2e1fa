import ArgumentParser
import Foundation
import SearchCore

/// `searchlight recipes`: the recipes by name, their values, and what may be set.
struct RecipesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipes",
    abstract: "Lists the training recipes, or shows one; --schema is for editors.",
    discussion: """
      Examples:
        searchlight recipes
        searchlight recipes darts-eval
        searchlight recipes --schema > recipe.schema.json

      A suite names a recipe and may replace any of these fields:

      \(fields.joined(separator: "\n"))
      """)

  @Argument(help: "A recipe's name.")
  var recipe: String?

  @Flag(help: "Print the JSON schema of a recipe, for editors that complete YAML.")
  var schema = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      if schema { return Output.line(try Self.text(RecipeField.schema)) }
      guard let recipe else { return try list() }
      let names = TrainingProtocol.presets.map(\.recipe)
      guard let found = TrainingProtocol.presets.first(where: { $0.recipe == recipe }) else {
        throw CommandFailure(
          "there is no recipe '\(recipe)'; "
            + (NearestName.of(recipe, among: names).map { "did you mean '\($0)'?" }
              ?? "expected one of \(names.joined(separator: ", "))"))
      }
      try show(found)
    }
  }

  private func list() throws {
    if json { return Output.line(try Self.text(TrainingProtocol.presets.map(\.recipe))) }
    let rows =
      [["recipe", "for", "epochs", "batch size", "learning rate"]]
      + TrainingProtocol.presets.map { recipe in
        [
          recipe.recipe, recipe.text == nil ? "images" : "text", "\(recipe.epochs)",
          "\(recipe.batchSize)", recipe.learningRate.shortText,
        ]
      }
    for line in TableText.aligned(rows) { Output.line(line) }
  }

  private func show(_ recipe: TrainingProtocol) throws {
    let fields = RecipeField.all.filter { $0.objection(in: recipe) == nil }
    if json {
      let values = fields.map { ($0.key, $0.text(in: recipe)) }
      return Output.line(try Self.text(Dictionary(uniqueKeysWithValues: values)))
    }
    let rows =
      [("field", "value", "what it is")] + fields.map { ($0.key, $0.text(in: recipe), $0.help) }
    let widths = (rows.map { $0.0.count }.max() ?? 0, rows.map { $0.1.count }.max() ?? 0)
    for (key, value, words) in rows {
      Output.line(
        "\(TableText.pad(key, widths.0))  \(TableText.pad(value, widths.1))  \(words)")
    }
  }

  private static func text(_ value: Any) throws -> String {
    let options: JSONSerialization.WritingOptions = [
      .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
    ]
    return String(
      decoding: try JSONSerialization.data(withJSONObject: value, options: options),
      as: UTF8.self)
  }

  private static let fields = RecipeField.all.map { "\($0.key): \($0.help)" }
}
