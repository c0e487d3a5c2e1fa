import Claims
import Datasets
import Foundation
import NeuralNetworks
import TensorCore

/// Scores the test images with archived weights.
public struct CheckpointCheck: ClaimCheck {
  /// The images on which weights are scored.
  public struct TestImages {
    /// Name of the dataset.
    public var dataset: String
    /// Images with their classes.
    public var images: LabeledImages
    /// Means and deviations of the training images.
    public var ownNormalization: NetworkEvaluation.Normalization
    /// Images that are not those of the claim's dataset to the byte.
    public var inexact: [Int]

    /// Takes the images as they are here.
    public init(
      dataset: String, images: LabeledImages,
      ownNormalization: NetworkEvaluation.Normalization, inexact: [Int]
    ) {
      (self.dataset, self.images) = (dataset, images)
      (self.ownNormalization, self.inexact) = (ownNormalization, inexact)
    }
  }

  public let seconds: Double
  private let network: any Network
  private let test: TestImages
  private let context: ComputeContext
  private let keep: (NetworkEvaluation) throws -> Void

  /// Loads the weights, and times the first images.
  ///
  /// - Parameters:
  ///   - file: The archived weights.
  ///   - sha256: Of the file as it is here.
  ///   - keep: Takes the predictions.
  /// - Throws: `CheckFailure` if the file is not the archived one; `CheckpointError` if it does not
  ///   fit the network.
  public init(
    _ claim: PublishedResult, file: URL, sha256: String, test: TestImages, context: ComputeContext,
    keep: @escaping (NetworkEvaluation) throws -> Void = { _ in }
  ) throws {
    if let expected = claim.setting("sha256"), expected != sha256 {
      throw CheckFailure(
        "\(file.lastPathComponent) is another file than the archived one: its SHA-256 is "
          + "\(sha256), expected \(expected)")
    }
    guard
      let network = NamedNetworks.named(claim.network ?? "")?.network(
        classes: test.images.classCount)
    else {
      throw CheckFailure("there is no network '\(claim.network ?? "")' to load the weights into")
    }
    network.parameters.allocate(in: context, key: .init(seed: 0))
    let weights = try PyTorchCheckpoint(contentsOf: file)
    do {
      try weights.load(into: network.parameters)
    } catch {
      throw CheckFailure(
        "\(file.lastPathComponent) does not fit '\(claim.network ?? "")': \(error)")
    }
    (self.network, self.test, self.context, self.keep) = (network, test, context, keep)
    let probe = test.images.prefix(100)
    let start = ContinuousClock.now
    _ = NetworkEvaluation(
      of: network, on: probe, normalization: test.ownNormalization, context: context)
    let taken = start.duration(to: .now) / .seconds(1)
    seconds = taken * Double(test.images.count) / Double(max(1, probe.count))
  }

  public func judge(_ claim: PublishedResult, by rule: VerdictRule) throws -> Judgement {
    let wanted = claim.setting("normalization") ?? "own"
    guard let normalization = normalization(wanted) else {
      throw CheckFailure("the claim's normalization is '\(wanted)'; expected own or imagenet")
    }
    let found = evaluation(normalization)
    try keep(found)
    var judgement = rule.judge(claim, count: Double(found.wrong))
    guard !test.inexact.isEmpty else { return named(judgement, claim, rule, wanted) }
    let doubtful = test.inexact.count { found.predictions[$0] != found.labels[$0] }
    let low = found.wrong - doubtful
    let high = low + test.inexact.count
    judgement.reason +=
      "; \(doubtful) of them among the \(test.inexact.count) inexact images of \(test.dataset), so "
      + "between \(low) and \(high) on \(claim.dataset)"
    // What these images could mend must not be held against anyone.
    let nearest = min(max(claim.value, Double(low)), Double(high))
    if judgement.verdict == .notReproduced,
      rule.judge(claim, count: nearest).verdict == .reproduced
    {
      judgement.verdict = .cannotTell
    }
    return named(judgement, claim, rule, wanted)
  }

  /// Says so if another normalisation of the images gives the published figure.
  private func named(
    _ judgement: Judgement, _ claim: PublishedResult, _ rule: VerdictRule, _ used: String
  ) -> Judgement {
    guard judgement.verdict != .reproduced else { return judgement }
    var judgement = judgement
    for other in ["own", "imagenet"] where other != used {
      guard let normalization = normalization(other) else { continue }
      let wrong = evaluation(normalization).wrong
      if rule.judge(claim, count: Double(wrong)).verdict == .reproduced {
        judgement.reason +=
          "; normalised as '\(other)' rather than '\(used)' it is \(wrong): the normalisation is "
          + "the cause"
      }
    }
    return judgement
  }

  private func evaluation(_ normalization: NetworkEvaluation.Normalization) -> NetworkEvaluation {
    NetworkEvaluation(
      of: network, on: test.images, normalization: normalization, context: context)
  }

  private func normalization(_ name: String) -> NetworkEvaluation.Normalization? {
    switch name {
    case "own": test.ownNormalization
    case "imagenet": .imageNet
    default: nil
    }
  }
}

extension LabeledImages {
  /// The first images, at most so many.
  func prefix(_ count: Int) -> LabeledImages {
    let count = min(count, self.count)
    return LabeledImages(
      height: height, width: width, channels: channels, classCount: classCount,
      pixels: Array(pixels[..<(count * imageBytes)]), labels: Array(labels[..<count]))
  }
}
