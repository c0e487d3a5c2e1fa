import Experiments
import Foundation
import TestSupport
import Testing

/// Text that somebody saved with another editor, or that a system turned into its own line ends.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct EditedFilesTests {
  private static let run = "shapes10/random-search/0"

  /// A project of its own in which a small suite was run.
  private func project() throws -> ProgramRun {
    let project = try ProgramRun(suite: SmallSuite.training.only("random-search"), ownFiles: true)
    let end = try project(["run", "small"])
    #expect(end.code == 0, "\(end.errors)")
    return project
  }

  /// Every text of a project that people may edit.
  private func texts(_ project: ProgramRun) throws -> [URL] {
    let known: Set<String> = ["yaml", "csv", "jsonl"]
    let places = ["Benchmarks", "reports/small"].flatMap { folder -> [URL] in
      let root = project.home.appending(path: folder)
      let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
      return (paths ?? []).sorted().map { root.appending(path: $0) }
    }
    // Tables of the report are written by the program alone.
    return places.filter {
      let name = $0.lastPathComponent
      return name == "suite.json" || known.contains($0.pathExtension) && name != "results.csv"
    }
  }

  private func edit(_ file: URL, _ change: (String) throws -> String) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    try Data(try change(text).utf8).write(to: file)
  }

  private static let commands = [
    ["plan", "small"], ["status", "small"], ["explain", "small"], ["explain", "small/\(run)"],
    ["report", "small"], ["run", "small"], ["compare", "small", "small"], ["data", "list"],
  ]

  @Test(arguments: Edit.allCases)
  func everyTextIsReadTheSame(edit: Edit) throws {
    let project = try project()
    func answers() throws -> [ProgramRun.End] { try Self.commands.map { try project($0) } }
    let before = try answers()
    let files = try texts(project)
    let names = Set(files.map(\.lastPathComponent))
    #expect(
      names.isSuperset(of: [
        "small.yaml", "suite.lock.yaml", "journal.jsonl", "gtx-1080-ti.yaml", "nas-bench-201.csv",
        "cifar10-rebuilt.yaml", "suite.json",
      ]))
    for file in files { try self.edit(file) { edit($0) } }
    for (command, (old, new)) in zip(Self.commands, zip(before, try answers())) {
      #expect(new.code == 0 && new.errors == "", "\(command): \(new.errors)")
      // How fast this machine is was measured twice.
      if command[0] != "plan" { #expect(new.output == old.output, "\(command)") }
    }
    let (rebuilt, place) = ("Benchmarks/manifests/cifar10-rebuilt.yaml", project.home)
    let end = try project(
      ["data", "import", "cifar10-rebuilt", "--manifest", place.appending(path: rebuilt).path, "x"])
    #expect(end.errors == "searchlight: x: there is no such file or folder\n")
  }

  // MARK: Locks

  private func lock(_ project: ProgramRun) throws -> (file: URL, text: String) {
    let lock = project.home.appending(path: "reports/small/suite.lock.yaml")
    return (lock, try String(contentsOf: lock, encoding: .utf8))
  }

  @Test(arguments: Edit.allCases)
  func falsifiedDataAreFoundInEveryForm(edit: Edit) throws {
    let project = try project()
    let text = try lock(project).text
    let line = try #require(text.split(separator: "\n").first { $0.contains("sha256:") })
    let file = project.home.appending(path: "given.yaml")
    try Data(edit(text).utf8).write(to: file)
    #expect(try project(["run", file.path]).code == 0)
    let falsified = text.replacing(line, with: line.replacing("sha256:", with: "sha256:0"))
    try Data(edit(falsified).utf8).write(to: file)
    let end = try project(["run", file.path])
    #expect(end.code == 1)
    #expect(
      end.errors.hasPrefix(
        "searchlight: \(file.path): the data have changed since this lock was written (lock.studies"
          + "[0].data."), "\(end.errors)")
    #expect(end.errors.split(separator: "\n").count == 1)
  }

  /// Comments, empty lines, quotes and the order of keys decide nothing.
  @Test func aLockMayBeTidied() throws {
    let project = try project()
    let (file, text) = try lock(project)
    let tidied =
      "# Mine.\n\n"
      + text.replacing("seed: 5\n", with: "seed:   5 # five\n\n")
      .replacing("suite: small\n", with: "suite: \"small\"\n")
      .replacing("\nlock:\n", with: "\n# What it was run on.\nlock:  # of data\n")
    for place in [file, project.home.appending(path: "given.yaml")] {
      try Data(tidied.utf8).write(to: place)
      let end = try project(["run", place.path])
      #expect(end.code == 0 && end.errors == "", "\(end.errors)")
    }
  }

  @Test func anEditedSuiteInALockIsSaidAsThat() throws {
    let project = try project()
    let file = project.home.appending(path: "given.yaml")
    let text = try lock(project).text.replacing("\nseed: 5\n", with: "\nseed: 6\n")
    try Data(text.utf8).write(to: file)
    let end = try project(["run", file.path])
    #expect(end.code == 1)
    #expect(
      end.errors.hasPrefix(
        "searchlight: \(file.path): the suite has been edited since this lock was written (lock."
          + "studies[0].split-key: was '"), "\(end.errors)")
    #expect(end.errors.split(separator: "\n").count == 1)
  }

  @Test func aDamagedLockIsNotWrittenOver() throws {
    let project = try project()
    let file = try lock(project).file
    for bytes in [Array("suite: [\n".utf8), [0xFF, 0xFE]] {
      try Data(bytes).write(to: file)
      let end = try project(["run", "small"])
      #expect(end.code == 1 && end.errors.split(separator: "\n").count == 1)
      #expect(try Data(contentsOf: file) == Data(bytes))
    }
  }

  // MARK: Refusals

  /// Whatever a quoted text holds, its refusal has one line and moves no cursor.
  @Test(arguments: ["\\n", "\\r\\n", "\\e[31m", "\\L", "\\N", "\\0", "\\u202e"])
  func everyRefusalIsOneLine(escape: String) throws {
    let project = try ProgramRun(suite: SmallSuite.training, ownFiles: true)
    let file = project.home.appending(path: "bad.yaml")
    let text = "a\(escape)b"
    for suite in [
      SmallSuite.training.text.replacing("space: nas-bench-201", with: "space: \"\(text)\""),
      SmallSuite.training.text.replacing("dataset: shapes10", with: "\"\(text)\": 1"),
      SmallSuite.training.text.replacing("dataset: shapes10", with: "dataset: \"/\(text).yaml\""),
    ] {
      try Data(suite.utf8).write(to: file)
      let end = try project(["run", file.path])
      #expect(end.code == 1)
      #expect(end.errors.last == "\n")
      let line = end.errors.dropLast().unicodeScalars
      #expect(
        line.allSatisfy {
          $0.value >= 32 && ![0x85, 0x2028, 0x2029, 0x202E].contains($0.value)
        }, "\(end.errors)")
    }
  }

  @Test func everyTypedTextIsRefusedInOneLine() throws {
    let project = try ProgramRun(suite: SmallSuite.training)
    let text = "a\nb\u{1B}[2J\r\nc"
    for command in [
      ["plan", text], ["status", text], ["explain", text], ["compare", text, "small"],
      ["data", "fetch", text], ["data", "check", text], ["data", "import", "shapes10", text],
      ["architecture", "show", text], ["architecture", "show", "enas-micro:\(text)"],
      ["architecture", "show", "darts-cells:\(text)"], ["plan", "small", "--device", text],
    ] {
      let end = try project(command)
      #expect(end.code == 1, "\(command)")
      #expect(
        end.errors.hasPrefix("searchlight: ")
          && end.errors.unicodeScalars.count { $0.value < 32 } == 1, "\(command): \(end.errors)")
    }
  }
}
