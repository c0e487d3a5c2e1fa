import Foundation
import TestSupport
import Testing

/// Files and folders as people name them.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct GivenPathTests {
  private let project: ProgramRun
  private var home: URL { project.home }

  init() throws { project = try ProgramRun(suite: SmallSuite.training.only("random-search")) }

  /// The commands that write a file which somebody names.
  private static let outputs: [(command: String, ending: String)] = [
    ("architecture show darts-v2 --draw", "pdf"), ("architecture show darts-v2 --draw", "svg"),
    ("architecture show darts-v2 --draw", "png"), ("data generate shapes10 --output", "tar.xz"),
  ]

  @Test(arguments: outputs.indices)
  func aPipeGetsTheBytesAndStays(index: Int) throws {
    let (command, ending) = Self.outputs[index]
    let (pipe, file) = (home.appending(path: "pipe.\(ending)"), home.appending(path: "f.\(ending)"))
    let words = command.split(separator: " ").map(String.init)
    #expect(mkfifo(pipe.path, 0o600) == 0)
    let writer = try project.start(words + [pipe.path])
    try project.shell("timeout 60 cat \(pipe.path) > \(home.path)/got")
    writer.waitUntilExit()
    #expect(writer.terminationStatus == 0)
    var status = stat()
    #expect(stat(pipe.path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    #expect(try project(words + [file.path]).code == 0)
    #expect(try Data(contentsOf: home.appending(path: "got")) == Data(contentsOf: file))
  }

  @Test(arguments: outputs.indices)
  func aLinkIsFollowedAndStays(index: Int) throws {
    let (command, ending) = Self.outputs[index]
    let (link, file) = (home.appending(path: "link.\(ending)"), home.appending(path: "f.\(ending)"))
    try Data("old".utf8).write(to: file)
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
    #expect(try project(command.split(separator: " ").map(String.init) + [link.path]).code == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == file.path)
    #expect(try Data(contentsOf: file).count > 1_000)
  }

  /// Nobody reading what is printed takes no file from those who asked for one.
  @Test(arguments: outputs.indices)
  func theFileIsWrittenWhateverIsRead(index: Int) throws {
    let (command, ending) = Self.outputs[index]
    let file = home.appending(path: "f.\(ending)")
    for outputs in ["| :", "> /dev/full", ">&- 2>&-"] {
      try project.shell("\"$SEARCHLIGHT\" \(command) \(file.path) \(outputs)")
      #expect(try Data(contentsOf: file).count > 1_000, "\(outputs)")
      try FileManager.default.removeItem(at: file)
    }
  }

  @Test(arguments: outputs.indices)
  func noFolderIsMadeUnasked(index: Int) throws {
    let (command, ending) = Self.outputs[index]
    let folder = home.appending(path: "no/such")
    let end = try project(
      command.split(separator: " ").map(String.init) + [folder.path + "/f.\(ending)"])
    #expect(end.code == 1)
    #expect(
      end.errors
        == "searchlight: \(folder.path)/f.\(ending): there is no folder \(folder.path); make it first\n"
    )
    #expect(!FileManager.default.fileExists(atPath: home.appending(path: "no").path))
  }

  @Test(arguments: outputs.indices)
  func aFolderIsNoFile(index: Int) throws {
    let (command, ending) = Self.outputs[index]
    let folder = home.appending(path: "folder.\(ending)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let end = try project(command.split(separator: " ").map(String.init) + [folder.path])
    #expect(end.code == 1)
    #expect(
      end.errors == "searchlight: \(folder.path): is a folder; expected the name of a file\n")
  }

  @Test func aFullDeviceIsSaidAndStays() throws {
    let end = try project(["data", "generate", "shapes10", "--output", "/dev/full"])
    #expect(end.code == 1)
    #expect(
      end.errors
        == "searchlight: /dev/full: could not write this file (No space left on device)\n")
    var status = stat()
    #expect(stat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  /// The report prints ids below the suite's name, wherever its file lies.
  @Test func aSuiteThatWasRunByItsPathIsExplained() throws {
    let file = home.appending(path: "my folder/elsewhere.yaml")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let suite = SmallSuite.training.only("random-search").text
    try Data(suite.replacing("suite: small", with: "suite: mine").utf8).write(to: file)
    #expect(try project(["run", file.path]).code == 0)
    let named = try project(["explain", "mine"])
    #expect(named.code == 0, "\(named.errors)")
    #expect(try project(["explain", file.path]).output == named.output)
    let ids = named.output.split(separator: "\n").compactMap {
      $0.hasPrefix("mine/") ? $0.split(separator: " ").first.map(String.init) : nil
    }
    #expect(ids.count > 3)
    for id in ids { #expect(try project(["explain", id]).code == 0, "\(id)") }
    for command in ["status", "report"] {
      #expect(try project([command, "mine"]).output == project([command, file.path]).output)
    }
    #expect(try project(["compare", "mine", file.path]).code == 0)
    // Without its file the records still answer.
    try FileManager.default.removeItem(at: file)
    #expect(try project(["explain", "mine"]).output == named.output)
  }

  @Test func aFolderNamedLikeASuiteHidesNothing() throws {
    let folder = home.appending(path: "elsewhere/small")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let working = folder.deletingLastPathComponent()
    for command in [
      ["plan", "small"], ["run", "small"], ["status", "small"], ["report", "small"],
      ["explain", "small"], ["compare", "small", "small"],
    ] {
      let end = try project(command, in: working)
      #expect(end.code == 0, "\(command): \(end.errors)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }
}
