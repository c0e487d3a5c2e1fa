import Claims
import Datasets
import Evaluators
import Foundation
import TensorCore

/// Checks claims, level by level, with what is on this machine.
public struct Verification {
  /// Where everything is.
  public struct Sources {
    /// Test images and recorded tables.
    public var library: DatasetLibrary
    /// Folders of archived weights; the first that has a file gives it.
    public var checkpoints: [URL]
    /// Where networks are computed.
    public var context: ComputeContext
    /// Searches of each replayed claim, trainings of each trained one; `nil` for as many searches as
    /// published and one training.
    public var runs: Int?
    /// Prepares trainings from scratch.
    public var prepare: (TrainingRequest) throws -> any PreparedTraining
    /// SHA-256 of a file; `nil` if it cannot be read.
    public var sha256: (URL) -> String?
    /// Takes the predictions behind a claim's score.
    public var keep: (PublishedResult, NetworkEvaluation) throws -> Void

    /// Names the places; predictions are not kept unless `keep` is given, and nothing is trained
    /// unless `prepare` is.
    public init(
      library: DatasetLibrary, checkpoints: [URL], context: ComputeContext, runs: Int? = nil,
      sha256: @escaping (URL) -> String?,
      keep: @escaping (PublishedResult, NetworkEvaluation) throws -> Void = { _, _ in },
      prepare: @escaping (TrainingRequest) throws -> any PreparedTraining = { _ in
        throw CheckFailure("nothing is trained here")
      }
    ) {
      (self.library, self.checkpoints, self.context) = (library, checkpoints, context)
      (self.runs, self.sha256, self.keep) = (runs, sha256, keep)
      self.prepare = prepare
    }
  }

  /// The levels that take minutes at most: those that are checked unless others are asked for.
  public static let cheapLevels: [PublishedResult.Level] = [.architecture, .checkpoint, .replay]

  private let sources: Sources
  private let rule: VerdictRule
  // Loaded once for all claims: by the dataset's name.
  private var tests: [String: Result<CheckpointCheck.TestImages, any Error>] = [:]
  private var trainings: [TrainingRequest: Result<any PreparedTraining, any Error>] = [:]
  private var tables: [String: Result<TableEvaluator, any Error>] = [:]

  /// Prepares a verification; nothing is loaded yet.
  public init(_ sources: Sources, rule: VerdictRule = VerdictRule()) {
    (self.sources, self.rule) = (sources, rule)
  }

  /// Prepares a claim's check.
  ///
  /// - Throws: What is missing, in one line.
  public mutating func check(for claim: PublishedResult) throws -> any ClaimCheck {
    switch claim.level {
    case .architecture: return try ParameterCheck(claim)
    case .checkpoint: return try checkpoint(claim)
    case .replay:
      return try ReplayCheck(claim, on: try table(claim.dataset), runs: sources.runs)
    case .training, .paper:
      return try TrainingCheck(
        claim, dataset: Self.present(claim.dataset, sources.library).name, runs: sources.runs,
        mayTrain: claim.level == .training
      ) { try training($0) }
    }
  }

  /// Runs a check; whatever is in its way makes the claim *not measured*.
  public func judgement(
    of claim: PublishedResult, by check: Result<any ClaimCheck, any Error>
  ) -> Judgement {
    do {
      return try check.get().judge(claim, by: rule)
    } catch { return Judgement(.notMeasured, "\(error)") }
  }

  // MARK: Parts

  private mutating func checkpoint(_ claim: PublishedResult) throws -> CheckpointCheck {
    guard let name = claim.setting("file") else {
      throw CheckFailure("the claim names no file of weights; expected check 'file=NAME'")
    }
    for folder in sources.checkpoints {
      let file = folder.appending(path: name)
      guard let sha256 = sources.sha256(file) else { continue }
      let keep = sources.keep
      return try CheckpointCheck(
        claim, file: file, sha256: sha256, test: try test(claim.dataset), context: sources.context
      ) { try keep(claim, $0) }
    }
    let folder = sources.checkpoints.first?.path ?? ""
    throw CheckFailure(
      "there is no file \(name) in \(folder); put it there or name its folder with --checkpoints")
  }

  private mutating func test(_ dataset: String) throws -> CheckpointCheck.TestImages {
    let library = sources.library
    let found = tests[dataset] ?? Result { try Self.test(dataset, library) }
    tests[dataset] = found
    return try found.get()
  }

  /// A dataset, or a copy of it if the dataset itself is not here.
  private static func present(
    _ dataset: String, _ library: DatasetLibrary
  ) throws -> DatasetManifest {
    let manifest = try library.manifest(dataset)
    if library.state(of: manifest) == .present { return manifest }
    let copies = try library.manifests().filter { copy in
      copy.original == dataset && library.state(of: copy) != .absent
    }
    return copies.first ?? manifest
  }

  private static func test(
    _ dataset: String, _ library: DatasetLibrary
  ) throws -> CheckpointCheck.TestImages {
    let manifest = try present(dataset, library)
    let data = try library.images(manifest.name)
    return CheckpointCheck.TestImages(
      dataset: manifest.name, images: try data.openTest(reason: "verification"),
      ownNormalization: NetworkEvaluation.Normalization(of: data),
      inexact: manifest.inexactTestImages)
  }

  private mutating func training(_ request: TrainingRequest) throws -> any PreparedTraining {
    let prepare = sources.prepare
    let found = trainings[request] ?? Result { try prepare(request) }
    trainings[request] = found
    return try found.get()
  }

  private mutating func table(_ dataset: String) throws -> TableEvaluator {
    let library = sources.library
    let found =
      tables[dataset] ?? Result { try TableEvaluator(nasBench201: library.table(dataset)) }
    tables[dataset] = found
    return try found.get()
  }
}

extension NetworkEvaluation.Normalization {
  /// The moments of a dataset's training images.
  public init(of data: ImageDataset) {
    self.init(
      mean: data.channelMeans.map { Float($0) },
      deviation: data.channelStandardDeviations.map { Float($0) })
  }
}
