import Datasets
import Foundation
import TestSupport
import Testing

/// What stands in for absent data has its numbers and sizes.
@Suite struct StandInTests {
  private let folder: TemporaryFolder
  private let there: DatasetLibrary
  /// Manifests without their archives.
  private let absent: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    let datasets = SharedFolder.repository.appending(path: "datasets")
    let manifests = folder.url.appending(path: "manifests")
    try FileManager.default.createDirectory(at: manifests, withIntermediateDirectories: true)
    for name in ["shapes10", "grammar", "shapes10-cells"] {
      try FileManager.default.copyItem(
        at: datasets.appending(path: "\(name).yaml"),
        to: manifests.appending(path: "\(name).yaml"))
    }
    there = DatasetLibrary(
      manifestFolder: datasets, cache: folder.url.appending(path: "there"))
    absent = DatasetLibrary(
      manifestFolder: manifests, cache: folder.url.appending(path: "absent"))
  }

  @Test func images() throws {
    let (real, made) = (
      try there.imagesOrStandIns("shapes10"), try absent.imagesOrStandIns("shapes10")
    )
    #expect(try !there.isAbsent("shapes10"))
    #expect(try absent.isAbsent("shapes10"))
    #expect(real.checksums.count == 5 && made.checksums.isEmpty)
    #expect(made.training.count == real.training.count)
    #expect(made.training.imageBytes == real.training.imageBytes)
    #expect(made.classes == real.classes)
    #expect(made.validationCount == real.validationCount)
    #expect(made.testCount == real.testCount)
    #expect(made.channelStandardDeviations.allSatisfy { $0 > 0.1 })
    #expect(throws: DatasetError.self) { try made.openTest(reason: "a plan") }
  }

  @Test func text() throws {
    let (real, made) = (try there.textOrStandIn("grammar"), try absent.textOrStandIn("grammar"))
    #expect(made.training.count == real.training.count)
    #expect(made.validation.count == real.validation.count)
    #expect(made.words.count == real.words.count)
    #expect(made.testCount == real.testCount)
    #expect(throws: DatasetError.self) { try made.openTest(reason: "a plan") }
  }

  @Test func anotherKindIsRefusedAsEver() {
    #expect(throws: DatasetError.self) { try absent.imagesOrStandIns("grammar") }
    #expect(throws: DatasetError.self) { try absent.textOrStandIn("shapes10-cells") }
  }
}
