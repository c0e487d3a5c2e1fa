import Datasets
import Foundation
import TestSupport
import Testing

/// Several processes that want one dataset at the same time; each has file descriptors, and so
/// locks, of its own.
@Suite struct TwoAtOnceTests {
  private let folder: TemporaryFolder
  private let manifest: DatasetManifest
  private var library: DatasetLibrary {
    DatasetLibrary(manifestFolder: folder.url, cache: folder.url.appending(path: "cache"))
  }

  init() throws {
    folder = try TemporaryFolder()
    let archive = folder.url.appending(path: "tiny.tar")
    TestArchive.write(TinyDataset.entries, to: archive)
    let bytes = [UInt8](try Data(contentsOf: archive))
    manifest = try TinyDataset.manifest(
      TinyDataset.yaml(archive: (bytes, [archive.absoluteString])))
  }

  @Test(arguments: [2, 3, 8])
  func firstFetchesAllSucceed(count: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        group.addTask { [library, manifest] in
          try await library.fetching(manifest) { _ in }
        }
      }
      try await group.waitForAll()
    }
    #expect(try library.check(manifest).allSatisfy { $0.problem == nil })
    #expect(
      !FileManager.default.fileExists(
        atPath: folder.url.appending(path: "cache/tiny/downloads").path))
  }

  /// The second must not put away what the first reads.
  @Test func embeddedDataAreUnpackedOnce() async throws {
    let url = folder.url.appending(path: "tiny.yaml")
    try Data(manifest.yaml.utf8).write(to: url)
    let embedded = try DatasetManifest(contentsOf: url)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { [library] in
          let checks = try library.check(embedded)
          #expect(checks.allSatisfy { $0.problem == nil })
          let images = try library.images("tiny")
          #expect(images.training.count == 2)
        }
      }
      try await group.waitForAll()
    }
  }

  /// A lock whose file somebody removed keeps nobody out, so it is taken anew.
  @Test func aRemovedLockIsTakenAnew() async throws {
    let file = folder.url.appending(path: "deep/lock")
    var first: FileLock? = try FileLock(file)
    let second = Task.detached { try FileLock(file) }
    try await Task.sleep(for: .milliseconds(100))
    try FileManager.default.removeItem(at: file.deletingLastPathComponent())
    first = nil
    let taken = try await second.value
    #expect(FileManager.default.fileExists(atPath: file.path))
    withExtendedLifetime((first, taken)) {}
  }
}
