import Foundation
import TestSupport
import Testing

/// Suites that name programs: nothing is started that was not allowed, and what ran is on record.
@Suite(.enabled(if: ProgramRun.isThere && ProgramRun.hasPython, "needs the program and python3"))
struct PluginCommandTests {
  private static let suite = SmallSuite.training.only(SmallSuite.plugin)

  /// A project whose plug-ins are its own, with the user's settings in it.
  private func project() throws -> (ProgramRun, [String: String]) {
    let project = try ProgramRun(suite: Self.suite)
    let plugins = project.home.appending(path: "Benchmarks/plugins")
    let source = plugins.resolvingSymlinksInPath()
    try FileManager.default.removeItem(at: plugins)
    try FileManager.default.copyItem(at: source, to: plugins)
    return (project, ["XDG_CONFIG_HOME": project.home.appending(path: "settings").path])
  }

  private func edit(_ project: ProgramRun) throws {
    let file = project.home.appending(path: "Benchmarks/plugins/hill_climbing.py")
    try Data((String(contentsOf: file, encoding: .utf8) + "# changed\n").utf8).write(to: file)
  }

  @Test func nothingIsStartedThatIsNotAllowed() throws {
    let (project, settings) = try project()
    let end = try project(["run", "small"], environment: settings)
    #expect(end.code == 1)
    #expect(
      end.errors.contains(
        "the suite would start 'python3 Benchmarks/plugins/hill_climbing.py'; if you trust it, add "
          + "--allow-commands"), "\(end.errors)")
    #expect(end.errors.split(separator: "\n").count == 1)
    let reports = project.home.appending(path: "reports")
    #expect(!FileManager.default.fileExists(atPath: reports.path))
  }

  @Test func whatOnlyReadsStartsNothing() throws {
    let (project, settings) = try project()
    #expect(try project(["plan", "small"], environment: settings).code == 0)
    let allowed = try project(["run", "small", "--allow-commands"], environment: settings)
    #expect(allowed.code == 0, "\(allowed.errors)")
    // A command that was started would leave its mark.
    let file = project.home.appending(path: "Benchmarks/plugins/hill_climbing.py")
    let mark = project.home.appending(path: "mark")
    try Data("open('\(mark.path)', 'w')\n".utf8).write(to: file)
    for command in ["status", "report", "explain", "plan"] {
      let end = try project([command, "small"], environment: settings)
      #expect(end.code == 0, "\(command): \(end.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: mark.path))
  }

  @Test func anAllowedCommandRunsUntilItsFileChanges() throws {
    let (project, settings) = try project()
    let allowed = try project(["plugin", "allow", "small"], environment: settings)
    #expect(allowed.output.contains("allowed: python3 Benchmarks/plugins/hill_climbing.py"))
    let run = try project(["run", "small"], environment: settings)
    #expect(run.code == 0, "\(run.errors)")
    try edit(project)
    let again = try project(["run", "small"], environment: settings)
    #expect(again.code == 1)
    #expect(again.errors.contains("the suite would start"), "\(again.errors)")
  }

  @Test func aLockHoldsTheFilesOfACommand() throws {
    let (project, settings) = try project()
    let run = try project(["run", "small", "--allow-commands"], environment: settings)
    #expect(run.code == 0, "\(run.errors)")
    let lock = project.home.appending(path: "reports/small/suite.lock.yaml")
    let text = try String(contentsOf: lock, encoding: .utf8)
    #expect(text.contains("command: [\"python3\", \"Benchmarks/plugins/hill_climbing.py\"]"))
    #expect(text.contains("files: {\"Benchmarks/plugins/hill_climbing.py\": \""))
    let copy = project.home.appending(path: "copy.yaml")
    try FileManager.default.copyItem(at: lock, to: copy)
    try edit(project)
    for place in ["small", copy.path] {
      let again = try project(["run", place, "--allow-commands"], environment: settings)
      #expect(again.code == 1)
      #expect(again.errors.contains("hill_climbing.py"), "\(again.errors)")
      #expect(again.errors.split(separator: "\n").count == 1, "\(again.errors)")
    }
  }

  @Test func aProgramThatFailsEndsItsRunOnly() throws {
    let (project, settings) = try project()
    let text = Self.suite.text.replacing(
      "settings: {restart: 0.2}}",
      with: "settings: {restart: 0.2}}, {name: broken, command: [sh, -c, 'echo sorry >&2; exit 4']}"
    )
    try Data(text.utf8).write(to: project.home.appending(path: "Benchmarks/suites/small.yaml"))
    let end = try project(["run", "small", "--allow-commands"], environment: settings)
    #expect(end.code == 1)
    #expect(
      end.output.contains("initialize: ended with code 4 without an answer; it last said: sorry"),
      "\(end.output)")
    #expect(end.output.contains("1 of 2 runs done, 1 failed"), "\(end.output)")
  }

  @Test func aDifferentProposalAfterAKillIsNamed() throws {
    let (project, settings) = try project()
    // Draws from the system instead of the key that it is given.
    let file = project.home.appending(path: "Benchmarks/plugins/hill_climbing.py")
    let text = try String(contentsOf: file, encoding: .utf8)
    let faulty = text.replacing(
      "def ask(self, trial, draw):",
      with: "def ask(self, trial, draw):\n        draw = __import__('random').SystemRandom()")
    try Data(faulty.utf8).write(to: file)
    let run = try project(["run", "small", "--allow-commands"], environment: settings)
    #expect(run.code == 0, "\(run.errors)")
    // As a kill leaves it: without the lines after the last trial.
    let journal = project.home.appending(
      path: "reports/small/runs/shapes10/hill-climbing/0/journal.jsonl")
    let lines = try String(contentsOf: journal, encoding: .utf8).split(separator: "\n")
    let trials = try #require(lines.lastIndex { $0.contains("\"trial-finished\"") })
    let kept = lines[...trials].map { $0 + "\n" }.joined()
    try Data(kept.utf8).write(to: journal)
    let again = try project(["run", "small", "--allow-commands"], environment: settings)
    #expect(again.code == 1)
    #expect(
      again.output.contains(/recorded: trial \d proposed .* then and .* now/), "\(again.output)")
  }
}
