import Experiments
import Foundation
import Testing

/// Terminals that go away under a run, and what that means to it.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct HangUpTests {
  private static let suite = SmallSuite.training
  private static let whole = Result {
    let project = try ProgramRun(suite: suite)
    let end = try project(["run", "small"])
    #expect(end.code == 0, "\(end.errors)")
    return try canonical(project)
  }

  private static func canonical(_ project: ProgramRun) throws -> Data {
    try Data(contentsOf: project.home.appending(path: "reports/small/results.canonical.json"))
  }

  /// Writing to a terminal that is gone fails; the run has records to keep and goes on.
  @Test(arguments: [["run", "small"], ["run", "small", "--json"]])
  func aRunOutlivesItsTerminal(command: [String]) throws {
    let project = try ProgramRun(suite: Self.suite)
    let terminal = try #require(PseudoTerminal(columns: 80, rows: 24))
    var environment = ProcessInfo.processInfo.environment
    environment["SEARCHLIGHT_HOME"] = project.home.path
    environment["TERM"] = "xterm"
    var isGone = false
    let code = try terminal.run(ProgramRun.program, command, environment) { terminal in
      guard !isGone, !terminal.printed.isEmpty else { return }
      isGone = true
      terminal.hangUp()
    }
    #expect(isGone && code == 0)
    #expect(try Self.canonical(project) == Self.whole.get())
  }

  /// The system tells a program whose terminal goes, as a batch system tells a job whose time is
  /// over: it stops at a step, says so by its code, and continues when it is asked to.
  @Test(arguments: [SIGHUP, SIGTERM, SIGINT])
  func aPoliteKillStopsAtAStep(signal: Int32) throws {
    let project = try ProgramRun(suite: Self.suite)
    let process = try project.start(["run", "small", "--jobs", "1"])
    let runs = project.home.appending(path: "reports/small/runs")
    while process.isRunning, !FileManager.default.fileExists(atPath: runs.path) {
      Thread.sleep(forTimeInterval: 0.01)
    }
    #expect(kill(process.processIdentifier, signal) == 0)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == WorkerExit.interruptedCode)
    let end = try project(["run", "small"])
    #expect(end.code == 0, "\(end.errors)")
    #expect(try Self.canonical(project) == Self.whole.get())
  }

  /// `nohup` asks that the end of the terminal be none of the run.
  @Test func nohupIsHeard() throws {
    let project = try ProgramRun(suite: Self.suite.only("random-search"))
    let end = try project.shell(
      """
      trap '' HUP
      (until [ -d "$SEARCHLIGHT_HOME/reports/small/runs" ]; do sleep 0.01; done; kill -HUP $$) &
      exec "$SEARCHLIGHT" run small --jobs 1
      """)
    #expect(end.code == 0 && !end.wasKilled)
  }
}
