import Datasets
import Foundation
import TestSupport
import Testing

/// Skipped where the shared folder's data is not there; the figures are those of its README.
@Suite struct RebuiltDataTests {
  private let folder: TemporaryFolder
  private let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(
      manifestFolder: SharedFolder.repository.appending(path: "datasets"), cache: folder.url)
  }

  // Skips when `../shared/data/cifar10-rebuilt` is not there.
  @Test(.enabled(if: SharedFolder.path("data/cifar10-rebuilt") != nil))
  func rebuiltImagesHaveThePublishedMoments() throws {
    let source = try #require(SharedFolder.path("data/cifar10-rebuilt"))
    let file = SharedFolder.repository.appending(
      path: "Benchmarks/manifests/cifar10-rebuilt.yaml")
    try library.importing(try library.userManifest(file), from: [source])
    let dataset = try library.images("cifar10-rebuilt")
    #expect(dataset.training.count == 50_000)
    for (found, stated) in zip(dataset.channelMeans, [0.49140, 0.48216, 0.44653]) {
      #expect(abs(found - stated) < 0.000_005)
    }
    let deviations = zip(dataset.channelStandardDeviations, [0.24703, 0.24348, 0.26159])
    for (found, stated) in deviations { #expect(abs(found - stated) < 0.000_005) }
    #expect(dataset.testCount == 10_000)
    // CIFAR-10 has 1,000 test images of each class.
    let test = try dataset.openTest(reason: "count of classes")
    for label in 0..<10 { #expect(test.labels.count { $0 == label } == 1000) }
    #expect(dataset.testReads.count == 1)
  }

  // Skips when `../shared/data/nasbench201` is not there.
  @Test(.enabled(if: SharedFolder.path("data/nasbench201") != nil))
  func recordedTableIsJoined() throws {
    let source = try #require(SharedFolder.path("data/nasbench201"))
    try library.importing(try library.manifest("nasbench201"), from: [source])
    let table = try library.table("nasbench201")
    #expect(table.rows.count == 15_625)
    let test = try #require(table.column("cifar10-test-accuracy-200-epochs"))
    // The README: best test accuracy 94.3733, and 6,466 classes of isomorphic cells.
    let best = table.rows.map { $0.values[test] }.max() ?? 0
    #expect(abs(best - 94.3733) < 0.000_05)
    #expect(table.textColumns == ["isomorphism"])
    #expect(Set(table.rows.map { $0.texts[0] }).count == 6466)
    // The first line of each file.
    let key =
      "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|"
      + "skip_connect~2|"
    #expect(
      table.value(key, "cifar10-validation-accuracy-12-epochs") == 63.36399998046875)
    #expect(table.value(key, "cifar10-test-accuracy-200-epochs") == 85.86333333333334)
    #expect(table.checksums.map { $0.checksum.value.prefix(8) } == ["dd03f9c5", "cb5d777e"])
  }
}
