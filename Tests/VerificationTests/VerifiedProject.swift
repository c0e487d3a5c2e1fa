import Claims
import Datasets
import Foundation
import TensorCore
import TestSupport
import Verification

/// Real weights, test images and a recorded table in a folder of their own.
final class VerifiedProject: Sendable {
  /// It goes with the tests.
  private static let folder: URL = {
    atexit { try? FileManager.default.removeItem(at: VerifiedProject.folder) }
    return FileManager.default.temporaryDirectory.appending(path: "verify-\(UUID())")
  }()
  private let root = VerifiedProject.folder
  /// Weights that the project ships.
  private static let weights = SharedFolder.repository.appending(path: "Benchmarks/claims/weights")
  private let library: DatasetLibrary

  /// Archived weights of ResNet-20.
  var weights: URL { root.appending(path: "checkpoints/resnet20-12fca82f.th") }

  struct Missing: Error {}

  init() throws {
    let files = FileManager.default
    try files.createDirectory(at: root, withIntermediateDirectories: true)
    library = DatasetLibrary(
      manifestFolder: SharedFolder.repository.appending(path: "datasets"),
      cache: root.appending(path: "data"))
    guard let checkpoints = SharedFolder.path("data/checkpoints"),
      let images = SharedFolder.path("data/cifar10-rebuilt"),
      let table = SharedFolder.path("data/nasbench201")
    else { throw Missing() }
    try files.copyItem(at: checkpoints, to: root.appending(path: "checkpoints"))
    for name in try files.contentsOfDirectory(atPath: root.appending(path: "checkpoints").path) {
      try files.setAttributes(
        [.posixPermissions: 0o644],
        ofItemAtPath: root.appending(path: "checkpoints/\(name)").path)
    }
    try library.importing(try library.manifest("nasbench201"), from: [table])
    let manifest = root.appending(path: "one-batch.yaml")
    try Data(try Self.oneBatch().utf8).write(to: manifest)
    try library.importing(try library.userManifest(manifest), from: [images])
  }

  /// The manifest of the rebuilt images with one training batch, for its import takes long.
  private static func oneBatch() throws -> String {
    let file = SharedFolder.repository.appending(path: "Benchmarks/manifests/cifar10-rebuilt.yaml")
    var kept: [Substring] = []
    var isLeftOut = false
    for line in try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      if line.hasPrefix("  - ") { isLeftOut = line.contains(/data_batch_[2-5]/) }
      if !line.hasPrefix("  ") { isLeftOut = false }
      if !isLeftOut { kept.append(line) }
    }
    return kept.joined(separator: "\n")
  }

  /// A file of a dataset.
  func data(_ path: String) -> URL { root.appending(path: "data/\(path)") }

  /// The first test images.
  func testImages(_ count: Int) throws -> LabeledImages {
    let all = try library.images("cifar10-rebuilt").openTest(reason: "test")
    return LabeledImages(
      height: 32, width: 32, channels: 3, classCount: 10,
      pixels: Array(all.pixels[..<(count * all.imageBytes)]), labels: Array(all.labels[..<count]))
  }

  /// Verifies claims as the program does.
  func report(of claims: [PublishedResult]) throws -> VerificationReport {
    var verification = Verification(
      .init(
        library: library, checkpoints: [root.appending(path: "checkpoints"), Self.weights],
        context: try ComputeContext(threads: 2),
        sha256: { (try? Data(contentsOf: $0)).map { TinyDataset.sha256([UInt8]($0)) } }))
    return VerificationReport(
      claims.map { claim in
        let check = Result { try verification.check(for: claim) }
        return .init(
          claim: claim, judgement: verification.judgement(of: claim, by: check), seconds: 0)
      })
  }

  /// Puts other bytes into a file while something is done.
  func replacing<Value>(_ file: URL, by bytes: [UInt8], _ body: () throws -> Value) throws -> Value
  {
    let good = try Data(contentsOf: file)
    try Data(bytes).write(to: file)
    defer { try? good.write(to: file) }
    return try body()
  }
}
