import SearchCore
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct DatasetManifestTests {
  @Test func limitsFollowFromTheFilesUnlessGiven() throws {
    let usual = try TinyDataset.manifest()
    #expect(usual.limits == DatasetManifest.Limits(entries: 20, unpackedBytes: 1_048_641))
    let given = try TinyDataset.manifest(
      TinyDataset.yaml(limits: "limits: {entries: 5, unpacked-bytes: 100}"))
    #expect(given.limits == DatasetManifest.Limits(entries: 5, unpackedBytes: 100))
  }

  @Test(arguments: ["cifar10", "shapes10", "shapes10-cells", "nasbench201", "ptb", "grammar"])
  func ownManifestsAreRead(_ name: String) throws {
    let folder = SharedFolder.repository.appending(path: "datasets")
    let manifest = try DatasetManifest(contentsOf: folder.appending(path: "\(name).yaml"))
    #expect(manifest.name == name)
  }

  @Test func rebuiltImagesHaveANameOfTheirOwn() throws {
    let file = SharedFolder.repository.appending(
      path: "Benchmarks/manifests/cifar10-rebuilt.yaml")
    let manifest = try DatasetManifest(contentsOf: file)
    #expect(manifest.name == "cifar10-rebuilt")
    #expect(!manifest.isFetchable)
    #expect(manifest.note?.hasPrefix("not the official files") == true)
    #expect(manifest.original == "cifar10")
    #expect(manifest.inexactTestImages.count == 20)
  }

  // The edit distances of the textbook example (Wagner & Fischer) and of a swap of two letters.
  @Test(arguments: [("kitten", "sitting", 3), ("test", "tset", 2), ("", "abc", 3)])
  func editDistance(_ first: String, _ second: String, _ edits: Int) {
    #expect(NearestName.editDistance(first, second) == edits)
  }

  @Test func farNamesAreNotOffered() {
    #expect(NearestName.of("imagenet", among: ["cifar10", "shapes10"]) == nil)
    #expect(NearestName.of("shapes", among: ["cifar10", "shapes10"]) == "shapes10")
  }
}
