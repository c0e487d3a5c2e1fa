import Foundation
import TestSupport
import Testing

/// Outputs that take nothing: full, closed, or read by nobody any more.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct OutputTests {
  private static let full =
    "standard output could not be written (No space left on device); "
    + "free some space and type the command again"

  /// A project in which the small suite was run.
  private static let done = Result {
    let project = try ProgramRun(suite: SmallSuite.training.only("random-search"))
    let end = try project(["run", "small"])
    #expect(end.code == 0, "\(end.errors)")
    return project
  }

  /// Every command, as it is typed; those that take minutes by their help.
  private static let commands = [
    "--help", "--version", "init --help", "run --help",
    "run small", "run small --json", "plan small",
    "plan small --json", "status small", "status small --json", "report small",
    "report small --json", "explain small", "explain small/shapes10/random-search/0",
    "compare small small", "compare small small --tsv", "data list", "data list --json",
    "data fetch shapes10", "data check shapes10", "data check shapes10 --json",
    "data generate shapes10 --output $SEARCHLIGHT_HOME/shapes.tar.xz",
    "data import shapes10 datasets/shapes10-binary.tar.xz", "architecture list",
    "architecture show darts-v2", "architecture show darts-v2 --json", "doctor", "doctor --json",
    "claims list", "claims list --json", "claims show pc-darts/pc-darts/cifar10-test-error",
    "verify --level architecture --claims darts/", "evaluate --help", "export small",
    "export small --output small.sqlite", "train --help", "recipes", "recipes darts-eval --json",
    "recipes --schema", "plugin --help", "plugin test --help", "plugin test -- true",
    "submit --help", "submit small --dry-run", "collect small",
    "bench list", "bench conv --help", "calibrate --help", "help plan",
  ]

  @Test func everyCommandIsTried() throws {
    let help = try Self.done.get()(["--help"]).output
    let names = help.split(separator: "\n").drop { !$0.hasPrefix("SUBCOMMANDS") }.dropFirst()
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(names.count >= 11)
    let tried = Set(Self.commands.compactMap { $0.split(separator: " ").first.map(String.init) })
    #expect(Set(names).subtracting(tried) == [])
  }

  /// What stands on standard error but for progress, which comes only where a command takes long.
  private static func said(_ end: ProgramRun.End) -> String {
    end.errors.replacing(/(?m)^[a-z]+: [0-9]+ %\n/, with: "")
  }

  private func shell(_ command: String, _ outputs: String) throws -> ProgramRun.End {
    try Self.done.get().shell(
      "cd \"$SEARCHLIGHT_HOME\"; \"$SEARCHLIGHT\" \(command) \(outputs)")
  }

  @Test(arguments: commands)
  func aFullOutputIsOneLineAndAFailure(command: String) throws {
    let normal = try shell(command, "")
    let end = try shell(command, "> /dev/full")
    #expect(end.code != 0 && !end.wasKilled)
    if normal.code == 0 {
      #expect(
        Self.said(end) == Self.said(normal) + "searchlight: \(Self.full)\n", "\(end.errors)")
    }
  }

  @Test(arguments: commands)
  func aClosedOutputChangesNothingElse(command: String) throws {
    let normal = try shell(command, "")
    for outputs in [">&-", "2>&-", "<&-", ">&- 2>&- <&-"] {
      let end = try shell(command, outputs)
      #expect(end.code == normal.code && !end.wasKilled, "\(outputs)")
      if !outputs.contains("2>") { #expect(Self.said(end) == Self.said(normal), "\(outputs)") }
    }
  }

  @Test(arguments: commands)
  func aReaderThatLeavesIsAQuietEnd(command: String) throws {
    // The reader is gone before the first word is written.
    let piped = try Self.done.get().shell(
      "cd \"$SEARCHLIGHT_HOME\"; { { sleep 0.1; \"$SEARCHLIGHT\" \(command); echo $? >&3; } | :; } "
        + "3>&1")
    let normal = try shell(command, "")
    #expect(piped.output == "\(normal.code)\n")
    #expect(Self.said(piped) == Self.said(normal))
  }

  @Test(arguments: [
    "> /dev/full", ">&-", "2> /dev/full", "| :", "--json > /dev/full", "--json | :",
  ])
  func aRunWithoutOutputIsDoneToItsEnd(outputs: String) throws {
    let project = try ProgramRun(suite: SmallSuite.training.only("random-search"))
    try project.shell("\"$SEARCHLIGHT\" run small \(outputs)")
    let results = "reports/small/results.canonical.json"
    #expect(
      try Data(contentsOf: project.home.appending(path: results))
        == Data(contentsOf: Self.done.get().home.appending(path: results)))
    #expect(
      FileManager.default.fileExists(
        atPath: project.home.appending(path: "reports/small/report.pdf").path))
  }

  @Test(arguments: ["plan nosuch", "nosuch", "run --jobs 0 small", "architecture show nosuch"])
  func aRefusalThatCannotBeSaidIsStillOne(command: String) throws {
    for outputs in ["2>&-", "2> /dev/full", ">&- 2>&-", "> /dev/full 2> /dev/full"] {
      let end = try shell(command, outputs)
      #expect(end.code != 0 && !end.wasKilled && end.output == "", "\(outputs)")
    }
  }

  /// A file that may not grow: a signal would end the program.
  @Test func aFileSizeLimitIsAFullOutput() throws {
    let list = "\"$SEARCHLIGHT\" data list > \"$SEARCHLIGHT_HOME/out\""
    let end = try Self.done.get().shell("{ (ulimit -f 0; \(list)); echo $?; } 2>&1 | cat")
    #expect(
      end.output
        == "searchlight: \(Self.full.replacing("No space left on device", with: "File too large"))\n1\n"
    )
  }

  /// What is printed never lands in a file that happens to get the number of a closed output.
  @Test func aClosedOutputIsNoFilesNumber() throws {
    let project = try ProgramRun(suite: SmallSuite.training.only("random-search"))
    let end = try project.shell("\"$SEARCHLIGHT\" run small >&- 2>&- <&-")
    #expect(end.code == 0)
    let results = "reports/small/results.canonical.json"
    #expect(
      try Data(contentsOf: project.home.appending(path: results))
        == Data(contentsOf: Self.done.get().home.appending(path: results)))
    #expect(try project(["explain", "small"]).code == 0)
  }
}
