import Foundation
import Testing

/// Which file a suite's name stands for, as it is typed.
@Suite(.enabled(if: ProgramRun.isThere, "needs the built program")) struct SuiteNameTests {
  private let project: ProgramRun
  private let working: URL

  init() throws {
    project = try ProgramRun(suite: .training)
    working = project.home.appending(path: "elsewhere")
    try FileManager.default.createDirectory(
      at: working.appending(path: "small"), withIntermediateDirectories: true)
  }

  @Test func aFolderOfThatNameHidesNoSuite() throws {
    let end = try project(["status", "small"], in: working)
    #expect(end.code == 0, "\(end.errors)")
    let elsewhere = try project(["status", "small"], in: project.home)
    #expect(end.output == elsewhere.output && !end.output.isEmpty)
  }

  @Test func aFileIsTakenBeforeASuiteOfThatName() throws {
    try Data("suite".utf8).write(to: working.appending(path: "small/small"))
    let end = try project(["status", "small"], in: working.appending(path: "small"))
    #expect(
      end.errors == "searchlight: small:1: found 'suite'; expected a mapping with suite, version, "
        + "summary, seed, seeds, device, openblas-kernel, studies, lock\n")
  }

  @Test func aFolderIsNoSuite() throws {
    let folder = working.appending(path: "small").path
    let end = try project(["status", folder])
    #expect(end.code == 1)
    #expect(
      end.errors == "searchlight: there is no suite '\(folder)'; expected the path of a YAML file "
        + "or one of small\n")
  }
}
