import Foundation
import SearchCore
import Testing
import TestSupport

/// Records of the time when every score was a classification error become today's by renaming alone,
/// and by what a lock says of recipes since: the numbers of every method are the same to the last
/// bit.
///
/// `Tests/Records` holds the canonical results of the small suite as the program of commit 3f4056f
/// wrote them; random sampling came later. A change of numbers that is wanted makes the file useless:
/// remove it then.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct RecordFormTests {
  @Test func renamingMakesTodaysRecords() throws {
    let suite = SmallSuite.training.without("random-sampling")
    let project = try ProgramRun(suite: suite)
    let end = try project(["run", suite.name])
    #expect(end.code == 0, "\(end.errors)")
    let today = try String(
      contentsOf: project.home.appending(path: "reports/\(suite.name)/results.canonical.json"),
      encoding: .utf8)
    let records = SharedFolder.repository.appending(path: "Tests/Records/\(suite.name).errors.json")
    let mapped = try mapped(String(contentsOf: records, encoding: .utf8))
    #expect(withoutFacts(mapped) == withoutFacts(today))
  }

  /// Without the recipe as reports print it, which follows from the lock, and without learning
  /// curves, for which final training validates each of its epochs.
  private func withoutFacts(_ text: String) -> String {
    text.replacing(/"protocolFacts":\[[^\]]*\]/, with: "")
      .replacing(/"finalLearning":\[[^\]]*\],/, with: "")
      .replacing(/"scheduled-evaluation":{[^}]*}/, with: "")
  }

  /// The lock's recipes with all of today's fields, in today's order.
  private func withTodaysRecipes(_ text: String) -> String {
    text.replacing(/recipe:\\n(?:      [a-z0-9-]+: [^\\]*\\n)+/) { match in
      var values: [String: String] = [:]
      for line in match.output.split(separator: "\\n").dropFirst() {
        let parts = line.split(separator: ": ").map(String.init)
        values[parts[0].replacing(" ", with: "")] = parts[1]
      }
      let recipe = TrainingProtocol(recipe: "", epochs: 1)
      let fields = RecipeField.all(in: .recipe).filter { $0.objection(in: recipe) == nil }
      let lines =
        ["recipe:", "      name: \(values["name"] ?? "")"]
        + fields.map { "      \($0.key): \(values[$0.key] ?? $0.text(in: recipe))" }
      return lines.joined(separator: "\\n") + "\\n"
    }
  }

  /// The earlier form with today's names, and with the objective that it took for granted and the number of
  /// seeds, which stood in the text of the lock alone.
  private func mapped(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let objective = String(
      decoding: try encoder.encode(Objective.classificationError), as: UTF8.self)
    return withTodaysRecipes(text).replacing("\"validationError\":", with: "\"validation\":")
      .replacing("\"testError\":", with: "\"test\":")
      .replacing("\"searchValidationError\":", with: "\"searchValidation\":")
      .replacing("\"seed\":5,\"studies\":", with: "\"seed\":5,\"seeds\":1,\"studies\":")
      .replacing("\"protocolFacts\":", with: "\"objective\":\(objective),\"protocolFacts\":")
  }
}
