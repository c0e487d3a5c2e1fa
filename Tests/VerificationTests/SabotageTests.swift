import Claims
import Datasets
import Foundation
import NeuralNetworks
import Randomness
import TensorCore
import TestSupport
import Testing
import Verification

/// Each thing that can be wrong turns a verdict, and is named where that can be known.
///
/// Skipped where the shared folder's data is not there.
@Suite(.serialized, .enabled(if: SharedFolder.path("data/checkpoints") != nil))
struct SabotageTests {
  // MARK: The good case

  /// Real data in a place of its own, imported once.
  static let project = Result { try VerifiedProject() }

  /// Published counts, weights and searches, all as expected, with the data of others.
  @Test func publishedFiguresHold() throws {
    let report = try Self.project.get().report(of: try Self.claims())
    for item in report.items { #expect(item.counted == .reproduced, "\(item.message)") }
    #expect(report.exitCode == 0 && report.items.count >= 38)
    let reasons = report.items.filter { $0.claim.level == .checkpoint }.map(\.judgement.reason)
    #expect(
      reasons == [
        "827 wrong images against 827 wrong images, margin 0; 2 of them among the 20 inexact "
          + "images of cifar10-rebuilt, so between 825 and 845 on cifar10",
        "737 wrong images against 737 wrong images, margin 0; 1 of them among the 20 inexact "
          + "images of cifar10-rebuilt, so between 736 and 756 on cifar10",
        "25 wrong images against 25 wrong images, margin 0",
      ])
  }

  static func claims() throws -> [PublishedResult] {
    let folder = SharedFolder.repository.appending(path: "Benchmarks/claims")
    var filter = ClaimsFilter()
    filter.levels = Verification.cheapLevels
    return try ClaimsRegistry(folder: folder).filtered(by: filter)
  }

  static func claim(_ id: String) throws -> PublishedResult {
    try #require(try claims().first { $0.id == id })
  }

  // MARK: Weights, labels, normalisation and claims, on 500 images

  /// ResNet-20's claim for the first 500 test images, with the weights' own count.
  private struct Part {
    var claim: PublishedResult
    var test: CheckpointCheck.TestImages
    var weights: [UInt8]

    init() throws {
      let project = try SabotageTests.project.get()
      let images = try project.testImages(500)
      test = CheckpointCheck.TestImages(
        dataset: "part", images: images,
        ownNormalization: .init(
          mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616]),
        inexact: [])
      weights = [UInt8](try Data(contentsOf: project.weights))
      claim = try SabotageTests.claim("resnet-reimplementation/resnet-20/wrong-images")
      claim.check = "normalization=imagenet"
      let network = ResNet(depth: 20)
      let context = try ComputeContext(threads: 2)
      network.parameters.allocate(in: context, key: RandomKey(seed: 1))
      try PyTorchCheckpoint(bytes: weights).load(into: network.parameters)
      claim.value = Double(
        NetworkEvaluation(of: network, on: images, normalization: .imageNet, context: context)
          .wrong)
    }

    func judgement() throws -> Judgement {
      let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).th")
      defer { try? FileManager.default.removeItem(at: file) }
      try Data(weights).write(to: file)
      let context = try ComputeContext(threads: 2)
      return try CheckpointCheck(claim, file: file, sha256: "", test: test, context: context)
        .judge(claim, by: VerdictRule())
    }
  }

  @Test func theUntouchedPartIsReproduced() throws {
    let part = try Part()
    #expect((1..<100).contains(part.claim.value))
    #expect(try part.judgement().verdict == .reproduced)
  }

  @Test func oneWeightTurnsTheVerdict() throws {
    var part = try Part()
    // The last bytes are of the last storage's last float; of 1e30 nothing stays right.
    let end = part.weights.count
    part.weights.replaceSubrange(
      end - 4..<end, with: CheckpointBuilder.littleEndian(Int(Float(1e30).bitPattern)).prefix(4))
    #expect(try part.judgement().verdict == .notReproduced)
  }

  @Test func oneLabelTurnsTheVerdict() throws {
    var part = try Part()
    let images = part.test.images
    let context = try ComputeContext(threads: 2)
    let network = ResNet(depth: 20)
    network.parameters.allocate(in: context, key: RandomKey(seed: 1))
    try PyTorchCheckpoint(bytes: part.weights).load(into: network.parameters)
    let found = NetworkEvaluation(
      of: network, on: images, normalization: .imageNet, context: context)
    let right = try #require(
      found.labels.indices.first { found.predictions[$0] == found.labels[$0] })
    var labels = images.labels
    labels[right] = (labels[right] + 1) % 10
    part.test.images = LabeledImages(
      height: 32, width: 32, channels: 3, classCount: 10, pixels: images.pixels, labels: labels)
    #expect(try part.judgement().verdict == .notReproduced)
  }

  @Test func aWrongNormalisationIsNamed() throws {
    var part = try Part()
    part.claim.check = "normalization=own"
    let found = try part.judgement()
    #expect(found.verdict == .notReproduced)
    #expect(
      found.reason.hasSuffix("it is \(Int(part.claim.value)): the normalisation is the cause"))
  }

  @Test(arguments: [-1.0, 1])
  func aClaimShiftedBeyondItsMarginIsNotReproduced(shift: Double) throws {
    var part = try Part()
    part.claim.value += shift
    #expect(try part.judgement().verdict == .notReproduced)
    part.claim.margin = 1
    #expect(try part.judgement().verdict == .reproduced)
  }

  /// One wrong image more could be the fault of an inexact one that is wrong; two could not, nor one
  /// less.
  @Test func inexactImagesAreNotHeldAgainstAnyone() throws {
    var part = try Part()
    let context = try ComputeContext(threads: 2)
    let network = ResNet(depth: 20)
    network.parameters.allocate(in: context, key: RandomKey(seed: 1))
    try PyTorchCheckpoint(bytes: part.weights).load(into: network.parameters)
    let found = NetworkEvaluation(
      of: network, on: part.test.images, normalization: .imageNet, context: context)
    part.test.inexact = [
      try #require(found.labels.indices.first { found.predictions[$0] != found.labels[$0] })
    ]
    part.claim.value -= 1
    #expect(try part.judgement().verdict == .cannotTell)
    part.claim.value -= 1
    #expect(try part.judgement().verdict == .notReproduced)
    part.claim.value += 3
    #expect(try part.judgement().verdict == .notReproduced)
  }

  // MARK: Files

  @Test func anotherFileOfWeightsIsNamed() throws {
    let project = try Self.project.get()
    let claim = try Self.claim("resnet-reimplementation/resnet-20/wrong-images")
    var bytes = [UInt8](try Data(contentsOf: project.weights))
    bytes[bytes.count - 1] ^= 1
    let judgement = try project.replacing(project.weights, by: bytes) {
      try project.report(of: [claim]).items[0].judgement
    }
    #expect(judgement.verdict == .notMeasured)
    #expect(
      judgement.reason.hasPrefix(
        "resnet20-12fca82f.th is another file than the archived one: its SHA-256 is "))
  }

  @Test func aSwappedLabelInTheFileIsNamed() throws {
    let project = try Self.project.get()
    let claim = try Self.claim("resnet-reimplementation/resnet-20/wrong-images")
    let file = project.data("cifar10-rebuilt/1/cifar-10-batches-bin/test_batch.bin")
    var bytes = [UInt8](try Data(contentsOf: file))
    bytes[0] = (bytes[0] + 1) % 10
    let judgement = try project.replacing(file, by: bytes) {
      try project.report(of: [claim]).items[0].judgement
    }
    #expect(judgement.verdict == .notMeasured)
    #expect(judgement.reason.contains("test_batch.bin"), "\(judgement.reason)")
  }

  /// A digit of a cell, and a file of another version, which is shorter.
  @Test(arguments: [false, true])
  func anEditedTableIsNamed(isShort: Bool) throws {
    let project = try Self.project.get()
    let claim = try Self.claim("nas-bench-201/random-search/replay")
    let file = project.data("nasbench201/1/nasbench201_200epochs.csv")
    var bytes = [UInt8](try Data(contentsOf: file))
    let digit = try #require(bytes.indices.last { bytes[$0] == UInt8(ascii: "9") })
    bytes[digit] = UInt8(ascii: "1")
    if isShort { bytes.removeLast(100) }
    let judgement = try project.replacing(file, by: bytes) {
      try project.report(of: [claim]).items[0].judgement
    }
    #expect(judgement.verdict == .notMeasured)
    #expect(judgement.reason.contains("nasbench201_200epochs.csv"), "\(judgement.reason)")
  }

  @Test func aShiftedMeanOfSearchesIsNotReproduced() throws {
    let project = try Self.project.get()
    var claim = try Self.claim("nas-bench-201/random-search/replay")
    claim.value += 0.3
    #expect(try project.report(of: [claim]).exitCode == 1)
  }

  // MARK: What is missing

  @Test func missingThingsAreNotMeasuredAndNamed() throws {
    let project = try Self.project.get()
    var network = try Self.claim("resnet/resnet-20/parameters")
    network.network = "resnet-21"
    var weights = try Self.claim("resnet-reimplementation/resnet-20/wrong-images")
    weights.check = "file=none.th"
    var other = try Self.claim("resnet-reimplementation/resnet-20/wrong-images")
    other.network = "resnet-32"
    var method = try Self.claim("nas-bench-201/random-search/replay")
    method.method = "guessing"
    var setting = try Self.claim("nas-bench-201/regularized-evolution/replay")
    setting.check = "population-size=0"
    var budget = try Self.claim("nas-bench-201/random-search/replay")
    budget.measuredUnder = "12000 seconds"
    let report = try project.report(of: [network, weights, method, setting, budget, other])
    #expect(report.items.allSatisfy { $0.judgement.verdict == .notMeasured })
    #expect(report.exitCode == 3)
    let reasons = report.items.map(\.judgement.reason)
    #expect(reasons[0].hasPrefix("there is no network 'resnet-21'"))
    #expect(reasons[1].hasPrefix("there is no file none.th in "))
    #expect(reasons[2].hasPrefix("there is no method 'guessing'"))
    #expect(reasons[3] == "'population-size=0' is no setting of regularized-evolution")
    #expect(
      reasons[5]
        == "resnet20-12fca82f.th does not fit 'resnet-32': layer1.3.conv1.weight is missing")
    #expect(reasons[4].hasPrefix("the protocol '12000 seconds' ends in no budget"))
  }
}
