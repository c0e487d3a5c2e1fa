import Experiments
import Foundation
import Testing

/// One suite, done in different ways, through the program.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct SuiteInvarianceTests {
  private func canonical(
    _ arguments: [String], of suite: SmallSuite = .training
  ) throws -> Data {
    let project = try ProgramRun(suite: suite)
    let end = try project(["run", suite.name] + arguments)
    #expect(end.code == 0, "\(end.errors)")
    return try Data(
      contentsOf: project.home.appending(path: "reports/\(suite.name)/results.canonical.json"))
  }

  private static let plain = Result {
    try SuiteInvarianceTests().canonical(["--jobs", "1", "--threads", "1"])
  }

  @Test(arguments: [
    ["--jobs", "1", "--threads", "2"], ["--jobs", "2", "--threads", "1"],
    ["--jobs", "2", "--threads", "2", "--order-seed", "7"],
    ["--jobs", "1", "--order-seed", "8", "--checkpoint-steps", "1"],
  ])
  func threadsJobsAndOrderChangeNoResult(arguments: [String]) throws {
    #expect(try canonical(arguments) == Self.plain.get())
  }

  @Test func threadsAndCheckpointsChangeNoSearchOfRecurrentCells() throws {
    let plain = try canonical(["--jobs", "1", "--threads", "1"], of: .language)
    #expect(
      try canonical(
        ["--jobs", "2", "--threads", "2", "--order-seed", "7", "--checkpoint-steps", "1"],
        of: .language) == plain)
  }

  @Test func ifOnlyTheParentIsKilledAnImmediateRunGoesOn() throws {
    let project = try ProgramRun(suite: SmallSuite.training)
    let folder = ResultsFolder(root: project.home.appending(path: "reports/small"))
    let parent = try project.start(["run", "small", "--jobs", "2"])
    let journals = ["nas", "ppo"].map {
      folder.root.appending(path: "runs/shapes10/\($0)/0/journal.jsonl")
    }
    let start = ContinuousClock.now
    while !journals.allSatisfy({ Journal.isLocked($0) }), parent.isRunning,
      ContinuousClock.now - start < .seconds(60)
    { Thread.sleep(forTimeInterval: 0.002) }
    kill(parent.processIdentifier, SIGKILL)
    parent.waitUntilExit()
    let end = try project(["run", "small", "--jobs", "2"])
    #expect(end.code == 0, "\(end.errors)")
    #expect(try Data(contentsOf: folder.canonicalResults) == Self.plain.get())
  }

  @Test func aSecondRunIsRefusedInOneLine() throws {
    let project = try ProgramRun(suite: SmallSuite.training)
    let folder = ResultsFolder(root: project.home.appending(path: "reports/small"))
    let lock = try folder.lockForRunning()
    let end = try project(["run", "small"])
    withExtendedLifetime(lock) {}
    #expect(end.code == 1)
    #expect(
      end.errors == "searchlight: \(folder.root.path): another 'searchlight run' works on this "
        + "suite; wait for it, or stop it first\n")
  }
}
