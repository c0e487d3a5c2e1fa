import Experiments
import Foundation
import Testing

/// A final training of its own, through the program.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct FinalRecipeTests {
  private static func suite(_ final: String) -> SmallSuite {
    SmallSuite(
      name: "small-final", study: "shapes10",
      text: """
        suite: small-final
        summary: Searches with one recipe, and trains what was found with another.
        seed: 5
        seeds: 1
        studies:
          - name: shapes10
            dataset: shapes10
            space: darts-cells
            evaluator: training
            recipe: {name: darts-search, batch-size: 40}
            scale: {channels: 1, cells: 1, training-images: 80, validation-images: 40, epochs: 1}
        \(final)
            methods: [random-search]
            budget: {search: {trials: 2}, final: {epochs: 2}}
        """)
  }

  /// The run's events of a kind, canonical parts only.
  private func journal(_ project: ProgramRun) throws -> [JournalEvent] {
    let end = try project(["run", "small-final", "--jobs", "1"])
    #expect(end.code == 0, "\(end.errors)")
    let journal = project.home.appending(
      path: "reports/small-final/runs/shapes10/random-search/0/journal.jsonl")
    return try Journal.read(journal).lines.map(\.event).filter(\.isCanonical)
  }

  @Test func aFinalRecipeChangesFinalTrainingAlone() throws {
    let plain = try journal(ProgramRun(suite: Self.suite("")))
    let project = try ProgramRun(
      suite: Self.suite(
        """
            final-recipe: {name: darts-eval, batch-size: 40}
            final-scale: {channels: 2}
        """))
    let own = try journal(project)
    let differing = zip(plain, own).filter { $0 != $1 }
    // The trials are the same; what was trained at last and the run's sums are not.
    #expect(plain.count == own.count)
    for (first, second) in differing {
      switch (first, second) {
      case (.finalFinished, .finalFinished), (.runFinished, .runFinished): break
      default: Issue.record("\(first) became \(second)")
      }
    }
    #expect(differing.count == 2)
    let lock = try String(
      contentsOf: project.home.appending(path: "reports/small-final/suite.lock.yaml"),
      encoding: .utf8)
    #expect(lock.contains("\n    final-recipe:\n      name: darts-eval\n"))
    #expect(lock.contains("\n    final-scale:\n      channels: 2\n      cells: 1\n"))
  }
}
