import Foundation
import TestSupport
import Testing

/// Processes that fetch one dataset for the first time, all at once.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct TwoFetchesTests {
  @Test(arguments: [2, 4])
  func allEndWell(count: Int) throws {
    let project = try ProgramRun(suite: SmallSuite.training, ownFiles: true)
    let archive = project.home.appending(path: "tiny.tar")
    TestArchive.write(TinyDataset.entries, to: archive)
    let bytes = [UInt8](try Data(contentsOf: archive))
    let manifest = project.home.appending(path: "tiny.yaml")
    try Data(TinyDataset.yaml(archive: (bytes, [archive.absoluteString])).utf8).write(to: manifest)
    for _ in 0..<5 {
      let fetches = try (0..<count).map { _ in
        try project.start(["data", "fetch", "tiny", "--manifest", manifest.path])
      }
      for fetch in fetches {
        fetch.waitUntilExit()
        #expect(fetch.terminationReason == .exit && fetch.terminationStatus == 0)
      }
      #expect(try project(["data", "check", "tiny"]).code == 0)
      try FileManager.default.removeItem(at: project.home.appending(path: "data/tiny"))
    }
  }
}
