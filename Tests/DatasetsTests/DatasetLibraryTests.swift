import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct DatasetLibraryTests {
  private let folder: TemporaryFolder
  private let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    let manifests = folder.url.appending(path: "datasets")
    try FileManager.default.createDirectory(at: manifests, withIntermediateDirectories: true)
    library = DatasetLibrary(
      manifestFolder: manifests, cache: folder.url.appending(path: "cache"))
  }

  /// Puts the tiny dataset among the manifests, with its archive beside it.
  private func embed() throws {
    let archive = library.manifestFolder.appending(path: "tiny.tar")
    TestArchive.write(TinyDataset.entries, to: archive)
    let yaml = TinyDataset.yaml(archive: (Array(try Data(contentsOf: archive)), ["tiny.tar"]))
    try Data(yaml.utf8).write(to: library.manifestFolder.appending(path: "tiny.yaml"))
  }

  @Test func embeddedDatasetUnpacksItselfOnFirstUse() throws {
    try embed()
    #expect(library.state(of: try library.manifest("tiny")) == .absent)
    let dataset = try library.images("tiny")
    #expect(library.state(of: try library.manifest("tiny")) == .present)
    // From planes to pixels: red, green and blue of the first pixel are 1, 5 and 9.
    #expect(
      dataset.training.pixels.prefix(12) == [1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12])
    #expect(dataset.training.labels == [0, 1])
    // By hand: red is 1, 2, 3, 4, 21, 22, 23, 24: mean 12.5, variance 101.25.
    #expect(abs(dataset.channelMeans[0] - 12.5 / 255) < 1e-15)
    #expect(abs(dataset.channelStandardDeviations[0] - 101.25.squareRoot() / 255) < 1e-15)
    #expect(
      dataset.checksums.map { $0.checksum.value } == [
        TinyDataset.sha256(TinyDataset.training), TinyDataset.sha256(TinyDataset.test),
      ])
  }

  @Test func testSplitIsReadOnlyWhenAskedForAndEachReadIsRecorded() throws {
    try embed()
    _ = try library.images("tiny")
    // A test file that is gone stops nothing until someone asks for it.
    let dataset = try library.images("tiny")
    let home = library.home(of: try library.manifest("tiny"))
    try FileManager.default.removeItem(at: home.appending(path: "tiny/test.bin"))
    let error = #expect(throws: DatasetError.self) { try dataset.openTest(reason: "final") }
    #expect(
      error?.description
        == "dataset 'tiny' is damaged: tiny/test.bin: is missing; "
        + "run `searchlight data fetch tiny`")
    #expect(dataset.testReads.isEmpty)
    try Data(TinyDataset.test).write(to: home.appending(path: "tiny/test.bin"))
    #expect(try dataset.openTest(reason: "final").labels == [1, 0])
    _ = try dataset.openTest(reason: "again")
    #expect(dataset.drainTestReads().map { $0.reason } == ["final", "again"])
    #expect(dataset.testReads.isEmpty)
  }

  @Test func damagedTrainingFileIsRefused() throws {
    try embed()
    _ = try library.images("tiny")
    let manifest = try library.manifest("tiny")
    let file = library.home(of: manifest).appending(path: "tiny/train.bin")
    var bytes = TinyDataset.training
    bytes[5] ^= 1
    try Data(bytes).write(to: file)
    let problem =
      "has sha256 \(TinyDataset.sha256(bytes)), expected "
      + TinyDataset.sha256(TinyDataset.training)
    let error = #expect(throws: DatasetError.self) { try library.images("tiny") }
    #expect(
      error?.description
        == "dataset 'tiny' is damaged: tiny/train.bin: \(problem); "
        + "run `searchlight data fetch tiny`")
    #expect(try library.check(manifest).map { $0.problem } == [problem, nil])
    try Data([1]).write(to: file)
    #expect(
      library.state(of: manifest)
        == .damaged(file: "tiny/train.bin", problem: "has 1 bytes, expected 26"))
  }

  @Test func importedManifestIsFoundByItsName() throws {
    let manifest = try TinyDataset.manifest()
    let archive = folder.url.appending(path: "some.tar")
    TestArchive.write(TinyDataset.entries, to: archive)
    try library.importing(manifest, from: [archive])
    #expect(try library.manifests().map { $0.name } == ["tiny"])
    #expect(try library.images("tiny").training.count == 2)
  }

  @Test func unknownNameOffersTheNearest() throws {
    try embed()
    let near = #expect(throws: DatasetError.self) { try library.images("tinny") }
    #expect(near?.description == "unknown dataset 'tinny'; did you mean 'tiny'?")
    let far = #expect(throws: DatasetError.self) { try library.images("imagenet") }
    #expect(far?.description == "unknown dataset 'imagenet'; there are: tiny")
  }

  @Test func userManifestCannotTakeAnOwnName() throws {
    try embed()
    let file = folder.url.appending(path: "mine.yaml")
    try Data(TinyDataset.yaml().utf8).write(to: file)
    let error = #expect(throws: DatasetError.self) { try library.userManifest(file) }
    #expect(
      error.map { folder.text($0) }
        == "mine.yaml: name: 'tiny' is a dataset of the program; choose another name")
  }

  @Test func absentDatasetNamesTheNextCommand() throws {
    let own = SharedFolder.repository.appending(path: "datasets")
    let library = DatasetLibrary(manifestFolder: own, cache: library.cache)
    let images = #expect(throws: DatasetError.self) { try library.images("cifar10") }
    #expect(
      images?.description
        == "dataset 'cifar10' is not here; run `searchlight data fetch cifar10`")
    let table = #expect(throws: DatasetError.self) { try library.table("nasbench201") }
    #expect(
      table?.description == "dataset 'nasbench201' is not here; "
        + "run `searchlight data import nasbench201 PATH...` with its files")
  }

  @Test func tableIsNotOpenedAsImages() throws {
    try embed()
    let error = #expect(throws: DatasetError.self) { try library.table("tiny") }
    #expect(
      error?.description == "dataset 'tiny' has decoder cifar-binary, expected recorded-table")
  }
}
