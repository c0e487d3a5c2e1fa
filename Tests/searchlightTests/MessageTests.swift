import Foundation
import TestSupport
import Testing

/// Refusals that name what is wrong, and advice that can be typed as it stands.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct MessageTests {
  private let project: ProgramRun
  private var home: URL { project.home }

  init() throws { project = try ProgramRun(suite: SmallSuite.training, ownFiles: true) }

  /// The command in backquotes.
  private func advice(_ end: ProgramRun.End) throws -> String {
    let said = end.code == 0 ? end.output : end.errors
    let match = try #require(said.firstMatch(of: /run `searchlight (.*)`/), "\(said)")
    return String(match.1)
  }

  /// A dataset that only the user's manifest describes is unknown without it.
  @Test(arguments: ["tiny.yaml", "my tiny.yaml", "it's.yaml"])
  func adviceNamesTheManifest(name: String) throws {
    let manifest = home.appending(path: name)
    let archive = home.appending(path: "tiny.tar")
    TestArchive.write(TinyDataset.entries, to: archive)
    let bytes = [UInt8](try Data(contentsOf: archive))
    try Data(TinyDataset.yaml(archive: (bytes, ["file:///no/such.tar"])).utf8).write(to: manifest)
    let failed = try project(["data", "fetch", "tiny", "--manifest", manifest.path])
    #expect(failed.code == 1)
    let typed = try advice(failed)
    #expect(typed.hasPrefix("data import tiny --manifest "))
    let end = try project.shell("cd \"$SEARCHLIGHT_HOME\" && \"$SEARCHLIGHT\" \(typed)")
    #expect(end.code == 0, "\(end.errors)")
    // It is remembered now, and its name is enough.
    let file = home.appending(path: "data/tiny/1/tiny/test.bin")
    try Data([1]).write(to: file)
    #expect(try advice(project(["data", "check", "tiny"])) == "data fetch tiny")
  }

  /// A suite that names a manifest by its path.
  @Test func adviceOfASuiteNamesTheManifest() throws {
    let file = home.appending(path: "Benchmarks/suites/small.yaml")
    let manifest = "Benchmarks/manifests/cifar10-rebuilt.yaml"
    try Data(
      SmallSuite.training.text.replacing("dataset: shapes10", with: "dataset: \(manifest)").utf8
    ).write(to: file)
    for command in ["plan", "run"] {
      let end = try project([command, "small"])
      // A plan needs no data.
      #expect(end.code == (command == "plan" ? 0 : 1))
      #expect(
        try advice(end)
          == "data import cifar10-rebuilt --manifest \(home.path)/\(manifest) PATH...")
    }
  }

  /// What the system says is put in words of one line, with the place.
  @Test(arguments: ["Benchmarks/devices", "Benchmarks/manifests", "datasets"])
  func aMissingFolderIsNamed(folder: String) throws {
    let place = home.appending(path: folder)
    try FileManager.default.removeItem(at: place)
    let end = try project(["plan", "small"])
    guard folder != "Benchmarks/manifests" else { return #expect(end.code == 0) }
    #expect(end.code == 1)
    #expect(end.errors.split(separator: "\n").count == 1 && end.errors.hasPrefix("searchlight: "))
    #expect(!end.errors.contains("Error Domain") && !end.errors.contains("UserInfo"))
    #expect(end.errors.contains(folder.split(separator: "/").last ?? ""), "\(end.errors)")
  }

  private func importing(_ csv: String) throws -> ProgramRun.End {
    let (file, manifest) = (home.appending(path: "t.csv"), home.appending(path: "t.yaml"))
    try Data(csv.utf8).write(to: file)
    try Data(
      """
      name: t
      version: "1"
      title: T
      citation: n
      licence: n
      decoder: recorded-table
      table:
        rows: 2
        sources:
          - {file: t.csv, key: arch, numbers: {acc: cifar10-test-accuracy-200-epochs}}
      files:
        - {path: t.csv, bytes: \(csv.utf8.count), sha256: \(TinyDataset.sha256(Array(csv.utf8)))}
      """.utf8
    ).write(to: manifest)
    return try project(["data", "import", "t", "--manifest", manifest.path, file.path])
  }

  @Test(arguments: [
    ("arch,acc,acc\na,93.1,1\nb,94.2,2\n", "column 'acc' twice, expected each column once"),
    ("arch,arch,acc\na,a,93.1\nb,b,94\n", "column 'arch' twice, expected each column once"),
    (
      "arch,acc\na,0.931\nb,0.942\n",
      "at most 0.942 in column 'acc', as fractions are, expected accuracies in percent, from 0 to "
        + "100"
    ),
    ("ar\u{200E}ch,acc\na,93\nb,94\n", "columns ar\\u{200E}ch, acc, expected a column 'arch'"),
  ])
  func aTableIsRefusedByItsColumn(csv: String, message: String) throws {
    let end = try importing(csv)
    #expect(end.code == 1)
    #expect(end.errors == "searchlight: t.csv: found \(message)\n")
  }

  @Test(arguments: [
    "arch,acc\na,93.1\nb,94.2\n", "\u{FEFF}arch,acc\na,93.1\nb,94.2\n",
    "arch,acc,note,note\na,0.5,x,y\nb,94.2,x,y\n", "arch,acc\na,0\nb,0\n",
  ])
  func aTableThatSaysOneThingIsTaken(csv: String) throws {
    let end = try importing(csv)
    #expect(end.code == 0, "\(end.errors)")
  }

  @Test(arguments: ["# AT &T and R&D\n", "# a &b\n# *c\n", ""])
  func ampersandsInASuiteAreRead(comment: String) throws {
    let file = home.appending(path: "Benchmarks/suites/small.yaml")
    let text = SmallSuite.training.text.replacing(
      "summary: Every method trains tiny networks.", with: "summary: \"Ours &theirs, A&B\" # &c")
    try Data((comment + text).utf8).write(to: file)
    let end = try project(["plan", "small"])
    #expect(end.code == 0, "\(end.errors)")
  }
}
