import Experiments
import Foundation
import Testing

@Suite struct ResultsFolderTests {
  private let temporary = TemporaryFolder()
  private var folder: ResultsFolder { ResultsFolder(root: temporary.url.appending(path: "toy")) }

  private func lock(seeds: Int) -> SuiteLock {
    SuiteLock(suite: .fake(seeds: seeds), dataChecksums: [:])
  }

  private func addJournal() throws {
    try RecordFile.write(Data("x".utf8), to: folder.journal(of: Suite.fake().runs[0]))
  }

  @Test func theSameSuiteGoesOn() throws {
    try folder.prepare(for: lock(seeds: 2), fresh: false)
    try addJournal()
    try folder.prepare(for: lock(seeds: 2), fresh: false)
  }

  @Test func aChangedSuiteWithRecordsIsRefused() throws {
    try folder.prepare(for: lock(seeds: 2), fresh: false)
    try addJournal()
    #expect(
      throws: SuiteError(
        "\(folder.root.path): holds results of another form of this suite (seeds: was "
          + "'2', is '3'); type 'searchlight run SUITE --fresh' to move them aside "
          + "and start anew")
    ) { try folder.prepare(for: lock(seeds: 3), fresh: false) }
  }

  @Test func withoutRecordsAChangedSuiteReplacesTheLock() throws {
    try folder.prepare(for: lock(seeds: 2), fresh: false)
    try folder.prepare(for: lock(seeds: 3), fresh: false)
    #expect(try String(contentsOf: folder.lock, encoding: .utf8) == lock(seeds: 3).file)
  }

  @Test func freshMovesAsideAndDeletesNothing() throws {
    for number in 1...2 {
      try folder.prepare(for: lock(seeds: 2), fresh: true)
      try addJournal()
      try folder.prepare(for: lock(seeds: 3), fresh: true)
      let aside = ResultsFolder(root: temporary.url.appending(path: "toy.\(2 * number - 1)"))
      #expect(
        FileManager.default.fileExists(atPath: aside.journal(of: Suite.fake().runs[0]).path))
    }
  }
}
