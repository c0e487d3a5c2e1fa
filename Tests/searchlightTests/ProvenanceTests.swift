import Experiments
import Foundation
import Testing

/// From figures back to records, through the program.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct ProvenanceTests {
  /// A project in which the small suite was run.
  private static let done = Result {
    let project = try ProgramRun(suite: SmallSuite.training)
    let end = try project(["run", "small"])
    #expect(end.code == 0, "\(end.errors)")
    return project
  }

  private static func folder(_ project: ProgramRun) -> ResultsFolder {
    ResultsFolder(root: project.home.appending(path: "reports/small"))
  }

  private func lock() throws -> String {
    try String(contentsOf: Self.folder(Self.done.get()).lock, encoding: .utf8)
  }

  /// Runs a lock in a project of its own.
  private func run(_ lock: String) throws -> (end: ProgramRun.End, project: ProgramRun) {
    let project = try ProgramRun(suite: SmallSuite.training)
    let file = project.home.appending(path: "given.lock.yaml")
    try Data(lock.utf8).write(to: file)
    return (try project(["run", file.path]), project)
  }

  @Test func aLockReproducesItsResults() throws {
    let (end, project) = try run(lock())
    #expect(end.code == 0 && end.errors == "", "\(end.errors)")
    #expect(
      try Data(contentsOf: Self.folder(project).canonicalResults)
        == Data(contentsOf: Self.folder(Self.done.get()).canonicalResults))
  }

  @Test func aLockSpellsOutProgramBLASAndEveryKey() throws {
    let text = try lock()
    for part in ["\"program\": \"sha256:", "\"BLAS\": \"", "\"BLAS core type\": \"", "  keys:"] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(text.contains("    shapes10/reinforce/0: [\""))
  }

  @Test func changedDataAreNamedAndRefused() throws {
    let text = try lock()
    let line = try #require(text.split(separator: "\n").first { $0.contains("sha256:") })
    let (end, _) = try run(text.replacing(line, with: line.replacing("sha256:", with: "sha256:0")))
    #expect(end.code == 1)
    #expect(end.errors.contains("the data have changed since this lock was written (lock."))
    #expect(end.errors.split(separator: "\n").count == 1)
  }

  @Test func anotherProgramIsNamed() throws {
    let text = try lock()
    let line = try #require(text.split(separator: "\n").first { $0.contains("\"program\"") })
    let (end, _) = try run(text.replacing(line, with: "    \"program\": \"sha256:00\""))
    #expect(end.code == 0)
    #expect(
      end.errors.hasPrefix(
        "searchlight: note: program has changed: was \"sha256:00\", is \"sha256:"))
  }

  @Test func simulatedWorkersAreExplained() throws {
    let project = try Self.done.get()
    let two = try project(["explain", "small/shapes10/regularized-evolution/0"])
    #expect(two.output.contains("  workers: "))
    #expect(two.output.contains(" simulated reference seconds; between proposing a trial and "))
    let one = try project(["explain", "small/shapes10/reinforce/0"])
    #expect(one.code == 0)
    #expect(!one.output.contains("  workers: "))
  }

  @Test func everyIdIsExplainedDownToItsRecords() throws {
    let project = try Self.done.get()
    let all = try project(["explain", "small"])
    #expect(all.code == 0, "\(all.errors)")
    let ids = all.output.split(separator: "\n").compactMap { line in
      line.hasPrefix("small/") ? line.prefix { $0 != " " } : nil
    }
    #expect(ids.count > 3)
    for id in ids {
      let end = try project(["explain", String(id)])
      #expect(end.code == 0, "\(id): \(end.errors)")
      #expect(end.output.contains("/journal.jsonl"), "\(id)")
      #expect(end.output.contains("canonical results: SHA-256 "), "\(id)")
    }
    let run = try project(["explain", "small/shapes10/regularized-evolution/0"])
    for part in [
      "seeds: suite 5, run key ", "settings: aging 1, population-size 2, sample-size 2",
      "selected trial ", "weights SHA-256 ", "phase", "wasted", "total",
    ] { #expect(run.output.contains(part), "\(part)") }
  }

  @Test func anUnknownIdIsRefusedInOneLine() throws {
    let end = try Self.done.get()(["explain", "small/shapes10-score"])
    #expect(end.code == 1)
    #expect(
      end.errors == "searchlight: there is no 'shapes10-score' in small; did you mean "
        + "'small/shapes10-scores'?\n")
  }

  @Test func recordsAnswerForThemselvesWhateverTheSuiteSaysToday() throws {
    let project = try ProgramRun(suite: SmallSuite.training.only("random-search"))
    #expect(try project(["run", "small"]).code == 0)
    let file = project.home.appending(path: "Benchmarks/suites/small.yaml")
    let edited = try String(contentsOf: file, encoding: .utf8)
      .replacing("seed: 5", with: "seed: 6").replacing("trials: 5", with: "trials: 9")
    let asked = [
      ["explain", "small/shapes10/random-search/0"], ["status", "small"],
      ["report", "small", "--json"],
    ]
    let before = try asked.map { try project($0) }
    #expect(before[0].output.contains("seeds: suite 5, run key "))
    for text in [edited, "no suite any more"] {
      try Data(text.utf8).write(to: file)
      for (arguments, answer) in zip(asked, before) {
        let end = try project(arguments)
        #expect(end.code == 0 && end.output == answer.output, "\(arguments) \(end.errors)")
      }
    }
  }

  @Test func resultsAreComparedWithThemselves() throws {
    let project = try Self.done.get()
    let end = try project(["compare", "small", Self.folder(project).root.path])
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.output.hasSuffix("The canonical results are the same, byte for byte.\n"))
    #expect(end.output.split(separator: "\n").count == 2 + SmallSuite.methodNames.count)
    let none = try project(["compare", "small", "nothing"])
    #expect(
      none.errors == "searchlight: 'nothing' has no results; expected a suite that was run, or a "
        + "folder of results such as reports/quick\n")
  }
}
