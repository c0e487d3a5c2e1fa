import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct FetcherTests {
  typealias Answer = LoopbackServer.Answer

  /// Any bytes will do: the fetcher does not look inside.
  private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
  private let folder: TemporaryFolder
  private let fetcher = Fetcher(delays: [.zero, .zero], timeoutSeconds: 5)

  init() throws { folder = try TemporaryFolder() }

  private static func range(_ start: Int, _ label: String? = nil) -> Answer {
    let range = label ?? "bytes \(start)-\(content.count - 1)/\(content.count)"
    return Answer(
      status: "206 Partial Content", headers: ["Content-Range: \(range)"],
      body: Array(content[start...]))
  }

  /// Downloads, and gives the messages on the way.
  @discardableResult
  private func fetch(_ addresses: [String], content: [UInt8] = content) async throws -> [String] {
    let yaml = TinyDataset.yaml(archive: (content, addresses))
    let manifest = try TinyDataset.manifest(yaml)
    let archive = try #require(manifest.archives.first)
    var messages: [String] = []
    var last = 0
    let file = try await fetcher.fetch(
      archive, from: manifest.locations(of: archive), dataset: "tiny", into: folder.url
    ) { progress in
      if let message = progress.message { messages.append(message) }
      last = progress.doneBytes
    }
    #expect(try Data(contentsOf: file) == Data(content))
    #expect(last == content.count)
    #expect(folder.contents() == ["tiny.tar"])
    return messages
  }

  /// Downloads in vain, and gives what is said.
  private func failure(_ addresses: [String]) async throws -> String? {
    let error = await #expect(throws: DatasetError.self) { try await fetch(addresses) }
    return error.map { folder.text($0) }
  }

  private static func message(_ problems: String) -> String {
    "cannot fetch tiny.tar of 'tiny': \(problems); get it by other means and run "
      + "`searchlight data import tiny tiny.tar`"
  }

  @Test func wholeFileArrives() async throws {
    let server = try LoopbackServer { _, _ in Answer(body: Self.content) }
    #expect(try await fetch([server.url("a")]).isEmpty)
    #expect(server.requests.map { $0.rangeStart } == [nil])
  }

  @Test func fileAddressIsCopied() async throws {
    let other = try TemporaryFolder()
    let source = other.url.appending(path: "source.tar")
    try Data(Self.content).write(to: source)
    #expect(try await fetch([source.absoluteString]).isEmpty)
  }

  @Test func cutConnectionGoesOnWhereItStopped() async throws {
    let server = try LoopbackServer { request, _ in
      if let start = request.rangeStart { return Self.range(start) }
      return Answer(body: Self.content, cutAfter: 100_000)
    }
    #expect(try await fetch([server.url("a")]).count == 1)
    let starts = server.requests.map { $0.rangeStart }
    #expect(starts.count == 2)
    #expect(starts.last == 100_000)
  }

  @Test func partOfAnEarlierProcessIsContinued() async throws {
    try Data(Self.content[..<70_000]).write(
      to: folder.url.appending(path: "tiny.tar.partial"))
    let server = try LoopbackServer { request, _ in Self.range(request.rangeStart ?? 0) }
    #expect(try await fetch([server.url("a")]).isEmpty)
    #expect(server.requests.map { $0.rangeStart } == [70_000])
  }

  @Test func answer200ToARangeStartsAgain() async throws {
    try Data([9, 9, 9]).write(to: folder.url.appending(path: "tiny.tar.partial"))
    let server = try LoopbackServer { _, _ in Answer(body: Self.content) }
    #expect(try await fetch([server.url("a")]).isEmpty)
    #expect(server.requests.map { $0.rangeStart } == [3])
  }

  @Test func wrongContentRangeStartsAgain() async throws {
    try Data(Self.content[..<10]).write(to: folder.url.appending(path: "tiny.tar.partial"))
    let server = try LoopbackServer { request, _ in
      request.rangeStart == nil ? Answer(body: Self.content) : Self.range(11)
    }
    #expect(
      try await fetch([server.url("a")]) == [
        "sent Content-Range 'bytes 11-299999/300000', expected 'bytes 10-299999/300000'; "
          + "trying again in 0 s"
      ])
  }

  @Test func wrongOldPartIsThrownAwayOnce() async throws {
    try Data([9, 9, 9]).write(to: folder.url.appending(path: "tiny.tar.partial"))
    let server = try LoopbackServer { request, _ in
      request.rangeStart.map { Self.range($0) } ?? Answer(body: Self.content)
    }
    #expect(try await fetch([server.url("a")]).count == 1)
    #expect(server.requests.map { $0.rangeStart } == [3, nil])
  }

  @Test func busyServerIsAskedAgain() async throws {
    let server = try LoopbackServer { _, before in
      before == 0 ? Answer(status: "503 Service Unavailable") : Answer(body: Self.content)
    }
    #expect(
      try await fetch([server.url("a")]) == ["answered with status 503; trying again in 0 s"])
  }

  @Test func missingFileGoesToTheNextAddress() async throws {
    let server = try LoopbackServer { request, _ in
      request.path == "/a" ? Answer(status: "404 Not Found") : Answer(body: Self.content)
    }
    #expect(
      try await fetch([server.url("a"), server.url("b")]) == [
        "answered with status 404; going to the next address"
      ])
    #expect(server.requests.map { $0.path } == ["/a", "/b"])
  }

  @Test func redirectIsFollowed() async throws {
    let server = try LoopbackServer { request, _ in
      request.path == "/a"
        ? Answer(status: "302 Found", headers: ["Location: /b"]) : Answer(body: Self.content)
    }
    #expect(try await fetch([server.url("a")]).isEmpty)
    #expect(server.requests.map { $0.path } == ["/a", "/b"])
  }

  @Test func redirectLoopEnds() async throws {
    let server = try LoopbackServer { _, _ in
      Answer(status: "302 Found", headers: ["Location: /a"])
    }
    let a = server.url("a")
    #expect(
      try await failure([a])
        == Self.message("\(a): more than 8 redirects, the last to \(a)"))
    #expect(server.requests.count == 9)
    #expect(folder.contents().isEmpty)
  }

  @Test func redirectToAFileIsRefused() async throws {
    let server = try LoopbackServer { _, _ in
      Answer(status: "302 Found", headers: ["Location: file:///etc/passwd"])
    }
    let a = server.url("a")
    #expect(
      try await failure([a]) == Self.message("\(a): redirects to 'file:///etc/passwd'"))
  }

  @Test(arguments: [["Content-Type: text/html; charset=utf-8"], []])
  func webPageIsNamed(_ headers: [String]) async throws {
    // As long as the archive, so that only its being HTML gives it away.
    let page = Array("<!DOCTYPE html><html>".utf8)
    let body = page + [UInt8](repeating: 32, count: Self.content.count - page.count)
    let server = try LoopbackServer { _, _ in Answer(headers: headers, body: body) }
    let a = server.url("a")
    #expect(
      try await failure([a]) == Self.message("\(a): sent a web page (HTML), not an archive"))
    #expect(folder.contents().isEmpty)
  }

  @Test func wrongBytesAreRefused() async throws {
    var wrong = Self.content
    wrong[1234] ^= 1
    let body = wrong
    let server = try LoopbackServer { _, _ in Answer(body: body) }
    let a = server.url("a")
    #expect(
      try await failure([a])
        == Self.message(
          "\(a): has sha256 \(TinyDataset.sha256(body)), expected "
            + TinyDataset.sha256(Self.content)))
    #expect(folder.contents().isEmpty)
  }

  @Test func otherLengthIsRefused() async throws {
    let server = try LoopbackServer { _, _ in Answer(body: Self.content + [1]) }
    let a = server.url("a")
    #expect(
      try await failure([a]) == Self.message("\(a): offers 300001 bytes, expected 300000"))
  }

  @Test func nothingListeningIsSaid() async throws {
    var server: LoopbackServer? = try LoopbackServer { _, _ in Answer() }
    let address = try #require(server?.url("a"))
    server = nil
    let text = try await failure([address])
    #expect(text?.hasPrefix("cannot fetch tiny.tar of 'tiny': \(address): ") == true)
    #expect(text?.contains("\n") == false)
  }

  @Test func fetchedDatasetIsUnpackedAndItsArchiveRemoved() async throws {
    let archive = folder.url.appending(path: "served.tar")
    TestArchive.write(TinyDataset.entries, to: archive)
    let bytes = Array(try Data(contentsOf: archive))
    let server = try LoopbackServer { _, _ in Answer(body: bytes) }
    let manifest = try TinyDataset.manifest(
      TinyDataset.yaml(archive: (bytes, [server.url("tiny.tar")])))
    let cache = folder.url.appending(path: "cache")
    let library = DatasetLibrary(manifestFolder: folder.url, cache: cache)
    try await library.fetching(manifest, with: fetcher) { _ in }
    #expect(library.state(of: manifest) == .present)
    #expect(try library.images("tiny").training.count == 2)
    #expect(!folder.contents().contains("cache/tiny/downloads"))
  }
}
