import Foundation
import SearchCore
import Testing

/// `searchlight recipes` as it is typed.
@Suite(.enabled(if: ProgramRun.isThere)) struct RecipesCommandTests {
  private func run(_ arguments: String...) throws -> ProgramRun.End {
    try ProgramRun(suite: .table)(["recipes"] + arguments)
  }

  @Test func helpHasEveryField() throws {
    let help = try ProgramRun(suite: .table)(["help", "recipes"]).output
    for field in RecipeField.all { #expect(help.contains("\(field.key): "), "\(field.key)") }
  }

  @Test func listsAndShows() throws {
    let list = try run()
    for recipe in TrainingProtocol.presets { #expect(list.output.contains(recipe.recipe)) }
    let end = try run("darts-eval", "--json")
    let values = try #require(
      try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [String: String])
    // Liu et al., arXiv 1806.09055, section 3.2.
    #expect(values["epochs"] == "600" && values["auxiliary-weight"] == "0.4")
    #expect(values["cutout-length"] == "16" && values["hidden"] == nil)
    #expect(try run("zaremba-small").output.contains("hidden "))
  }

  @Test func unknownNamesAreRefused() throws {
    let end = try run("darts-evla")
    #expect(end.code == 1)
    #expect(
      end.errors == "searchlight: there is no recipe 'darts-evla'; did you mean 'darts-eval'?\n")
  }

  /// Ranges of the schema are those that suites are held to.
  @Test func theSchemaHasEveryFieldWithItsRange() throws {
    let end = try run("--schema")
    let schema = try #require(
      try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [String: Any])
    let forms = try #require(schema["oneOf"] as? [[String: Any]])
    let properties = try #require(forms[1]["properties"] as? [String: [String: Any]])
    #expect(
      Set(properties.keys) == Set(["name"] + RecipeField.all(in: .recipe).map(\.key)))
    #expect(properties["momentum"]?["type"] as? String == "number")
    #expect(properties["scored-epochs"]?["maximum"] as? Int == 100)
    #expect(
      properties["schedule"]?["enum"] as? [String] == [
        "cosine", "constant", "stepwise", "milestones", "one-cycle",
      ])
  }
}
