import Foundation
import TestSupport
import Testing

/// Suites whose networks are trained by a program of their own.
@Suite(.enabled(if: ProgramRun.isThere && ProgramRun.hasPython, "needs the program and python3"))
struct EvaluatorProgramTests {
  /// Says of every image that it is of the class that the architecture's choices and the seed come to.
  private static let script = """
    from searchlight_plugin import serve_evaluator

    class Guess:
        def __init__(self, task):
            self.count = task.data["validation"]["count"]

        def evaluate(self, work):
            guess = (sum(work.choices) + work.seed) % 10
            result = {"status": "ok", "seconds": 0.5, "validation": [guess] * self.count}
            if work.test:
                result["test"] = [guess] * work.test["count"]
            return result

    serve_evaluator(Guess, name="guess")
    """

  private static func suite(_ search: String) -> String {
    SmallSuite.training.only("random-search").text
      .replacing(
        "evaluator: training",
        with: "evaluator: {name: guess, command: [python3, Benchmarks/plugins/guess.py]}"
      )
      .replacing("search: {trials: 5}", with: "search: \(search)")
  }

  private func project(_ search: String = "{trials: 5}") throws -> ProgramRun {
    let project = try ProgramRun(suite: .training.only("random-search"), ownFiles: true)
    try Data(Self.script.utf8).write(
      to: project.home.appending(path: "Benchmarks/plugins/guess.py"))
    try Data(Self.suite(search).utf8).write(
      to: project.home.appending(path: "Benchmarks/suites/small.yaml"))
    return project
  }

  private func events(_ project: ProgramRun, of kind: String) throws -> [Substring] {
    let journal = project.home.appending(
      path: "reports/small/runs/shapes10/random-search/0/journal.jsonl")
    return try String(contentsOf: journal, encoding: .utf8).split(separator: "\n")
      .filter { $0.contains("\"\(kind)\"") }
  }

  @Test func aSuiteRunsItOnlyWhereItIsAllowed() throws {
    let project = try project()
    let refused = try project(["run", "small"])
    #expect(refused.code == 1)
    #expect(
      refused.errors.contains("the suite would start 'python3 Benchmarks/plugins/guess.py'"),
      "\(refused.errors)")
    let plan = try project(["plan", "small"])
    #expect(plan.code == 0, "\(plan.errors)")
    #expect(plan.output.contains("costs: seconds as guess measures them"), "\(plan.output)")
    #expect(plan.output.contains("all runs: unknown on the reference device"), "\(plan.output)")
    let end = try project(["run", "small", "--allow-commands"])
    #expect(end.code == 0, "\(end.output)\(end.errors)")
    #expect(try events(project, of: "trial-finished").count == 5)
    #expect(try events(project, of: "test-split-read").count == 1)
    let report = try String(
      contentsOf: project.home.appending(path: "reports/small/report.html"), encoding: .utf8)
    #expect(report.contains("GPU-hours are measured by the program that trained."))
    #expect(!report.contains("Computed on CPU"))
    let lock = try String(
      contentsOf: project.home.appending(path: "reports/small/suite.lock.yaml"), encoding: .utf8)
    #expect(lock.contains("files: {\"Benchmarks/plugins/guess.py\": \""))
  }

  @Test func aTrialPastTheBudgetIsLeftUnfinished() throws {
    // Three trials of half a second; the fourth ends past 1.7 s.
    let project = try project("{reference-gpu-seconds: 1.7}")
    let end = try project(["run", "small", "--allow-commands"])
    #expect(end.code == 0, "\(end.output)\(end.errors)")
    let trials = try events(project, of: "trial-finished")
    #expect(trials.count == 4)
    #expect(trials.last?.contains("\"budget-spent\"") == true, "\(trials.last ?? "")")
  }

  @Test func aRunGoesOnWhereItWasKilled() throws {
    let project = try project()
    #expect(try project(["run", "small", "--allow-commands"]).code == 0)
    let results = project.home.appending(path: "reports/small/results.canonical.json")
    let whole = try Data(contentsOf: results)
    let journal = project.home.appending(
      path: "reports/small/runs/shapes10/random-search/0/journal.jsonl")
    let lines = try String(contentsOf: journal, encoding: .utf8).split(separator: "\n")
    let third = lines.indices.filter { lines[$0].contains("trial-finished") }[2]
    try Data(lines[...third].map { $0 + "\n" }.joined().utf8).write(to: journal)
    #expect(try project(["run", "small", "--allow-commands"]).code == 0)
    #expect(try Data(contentsOf: results) == whole)
  }

  @Test func anEvaluatorThatFailsIsNamed() throws {
    let project = try project()
    try Data("raise SystemExit('no GPU here')\n".utf8).write(
      to: project.home.appending(path: "Benchmarks/plugins/guess.py"))
    let end = try project(["run", "small", "--allow-commands"])
    #expect(end.code == 1)
    #expect(
      end.output.contains("initialize: ended with code 1 without an answer; it last said: no GPU"),
      "\(end.output)")
  }
}
