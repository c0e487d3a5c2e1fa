import Experiments
import Foundation
import TestSupport
import Testing

/// A journal that another program saved anew holds the same lines, and can be continued.
@Suite struct EditedJournalTests {
  private let folder = TemporaryFolder()

  private func append(_ count: Int, to url: URL) throws {
    let journal = try Journal(opening: url)
    for _ in 0..<count {
      try journal.append(
        .testSplitRead(.init(architecture: "a", reason: "line \(journal.lines.count)")),
        clock: .init(activeSeconds: 0, cpuSeconds: 0, unixSeconds: 0))
    }
  }

  @Test(arguments: Edit.allCases, [1, 2, 5])
  func itIsReadAndContinued(edit: Edit, count: Int) throws {
    let (plain, edited) = (folder.url.appending(path: "a"), folder.url.appending(path: "b"))
    try append(count, to: plain)
    try append(count, to: edited)
    try Data(edit([UInt8](Data(contentsOf: edited)))).write(to: edited)
    #expect(try Journal.read(edited).lines == Journal.read(plain).lines)
    #expect(try Journal.read(edited).hashes == Journal.read(plain).hashes)
    try append(2, to: plain)
    try append(2, to: edited)
    #expect(try Journal.read(edited).lines == Journal.read(plain).lines)
    #expect(try Journal.read(edited).lines.count == count + 2)
  }

  /// All but the end of a line is a line; anything less is torn.
  @Test func aTornLineIsNoLine() throws {
    let url = folder.url.appending(path: "a")
    try append(3, to: url)
    let whole = try Data(contentsOf: url)
    for lost in 2...20 {
      try whole.dropLast(lost).write(to: url)
      #expect(try Journal.read(url).lines.count == 2)
    }
    try append(1, to: url)
    #expect(try Data(contentsOf: url) == whole)
  }
}
