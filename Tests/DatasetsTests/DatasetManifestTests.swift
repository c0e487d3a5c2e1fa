import SearchCore
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct DatasetManifestTests {
  /// A change to the tiny manifest, and what is said of it.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let from: String
    let to: String
    let message: String
    var testDescription: String { message }
  }

  static let mistakes = [
    Mistake(
      from: "licence: none", to: "license: none",
      message: "tiny.yaml:5: unknown key 'license'; did you mean 'licence'?"),
    Mistake(
      from: "  height: 2", to: "  height: tall",
      message: "tiny.yaml:8: images.height: found 'tall', expected a whole number"),
    Mistake(
      from: "  height: 2", to: "  height: 0",
      message: "tiny.yaml:8: images.height: found 0, expected from 1 to 1024"),
    Mistake(
      from: "title: Tiny", to: "title: [a]",
      message: "tiny.yaml:3: title: found a list, expected a text"),
    Mistake(
      from: "citation: nobody\n", to: "", message: "tiny.yaml:1: citation is missing"),
    Mistake(
      from: "decoder: cifar-binary", to: "decoder: cifar-binari",
      message: "tiny.yaml:6: decoder: found 'cifar-binari'; did you mean 'cifar-binary'?"),
    Mistake(
      from: "split: test", to: "split: tset",
      message: "tiny.yaml:28: files[2].split: found 'tset'; did you mean 'test'?"),
    Mistake(
      from: "split: test", to: "split: training",
      message: "tiny.yaml:18: files: none has split test"),
    Mistake(
      from: "path: tiny/test.bin", to: "path: ../test.bin",
      message: "tiny.yaml:24: files[2].path: found '../test.bin', expected a relative path "
        + "without '..'"),
    Mistake(
      from: "path: tiny/test.bin", to: "path: tiny/train.bin",
      message: "tiny.yaml:24: files[2].path: 'tiny/train.bin' is there twice"),
    Mistake(
      from: "name: tiny", to: "name: ../tiny",
      message: "tiny.yaml:1: name: found '../tiny', expected at most 64 letters, digits, '.', "
        + "'_' and '-'"),
    Mistake(
      from: "validation: 1", to: "validation: 2",
      message: "tiny.yaml:13: images.validation: found 2, expected from 1 to 1"),
    Mistake(
      from: "title: Tiny", to: "title: Tiny\ntitle: Again",
      message: "tiny.yaml:3: found twice: key 'title'"),
    Mistake(
      from: "version: \"1\"", to: "version: \"1",
      message: "tiny.yaml:29: cannot be read as YAML: found unexpected end of stream"),
  ]

  @Test(arguments: mistakes)
  func mistakeIsNamedWithItsLine(_ mistake: Mistake) throws {
    let yaml = TinyDataset.yaml().replacingOccurrences(of: mistake.from, with: mistake.to)
    let error = #expect(throws: DatasetError.self) { try TinyDataset.manifest(yaml) }
    #expect(error?.description == mistake.message)
  }

  @Test func fileWithoutChecksumIsRefused() throws {
    let line = "    sha256: \(TinyDataset.sha256(TinyDataset.test))\n"
    let yaml = TinyDataset.yaml().replacingOccurrences(of: line, with: "")
    let error = #expect(throws: DatasetError.self) { try TinyDataset.manifest(yaml) }
    #expect(
      error?.description
        == "tiny.yaml:24: files[2] has no checksum; give sha256, git-blob-sha1 or md5")
  }

  @Test func limitsFollowFromTheFilesUnlessGiven() throws {
    let usual = try TinyDataset.manifest()
    #expect(usual.limits == DatasetManifest.Limits(entries: 20, unpackedBytes: 1_048_641))
    let given = try TinyDataset.manifest(
      TinyDataset.yaml(limits: "limits: {entries: 5, unpacked-bytes: 100}"))
    #expect(given.limits == DatasetManifest.Limits(entries: 5, unpackedBytes: 100))
  }

  @Test(arguments: ["cifar10", "shapes10", "nasbench201"])
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
