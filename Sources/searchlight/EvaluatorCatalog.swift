import Datasets
import Evaluators
import Experiments
import Plugins
import SearchCore
import SearchSpaces
import TensorCore
import Training

/// The evaluators that a suite can name, each with what makes it.
enum EvaluatorCatalog {
  /// One kind of evaluator.
  struct Entry: Sendable {
    let kind: EvaluatorKind
    /// Loads a study's data and prepares the scoring of its architectures.
    let make: @Sendable (EvaluatorRequest, Surroundings) throws -> any Evaluator
  }

  /// What evaluators are made in, beyond what the suite says.
  struct Surroundings: Sendable {
    let library: DatasetLibrary
    /// Name of the study's dataset, or where its manifest lies.
    let dataset: String
    /// Which code multiplies matrices.
    let blas: BLASBackend
    /// Whether images and text that are absent are made up, which costs the same.
    let standsIn: Bool

    func images() throws -> ImageDataset {
      standsIn ? try library.imagesOrStandIns(dataset) : try library.images(dataset)
    }

    func text() throws -> TextDataset {
      standsIn ? try library.textOrStandIn(dataset) : try library.text(dataset)
    }
  }

  /// Every kind, sorted by name.
  static let all = [table, training]

  /// What a suite may name where there are these datasets: a table serves the spaces that it is of.
  static func kinds(with manifests: [DatasetManifest]) -> [EvaluatorKind] {
    let recorded = manifests.compactMap { manifest -> String? in
      if case .scores(let facts) = manifest.content { facts.space } else { nil }
    }
    return all.map { entry in
      entry.kind.trains
        ? entry.kind
        : EvaluatorKind(
          name: entry.kind.name, trains: false,
          spaces: Set(entry.kind.spaces + recorded).sorted())
    }
  }

  /// The entry of a name, or `nil` if there is none.
  static func named(_ name: String) -> Entry? { all.first { $0.kind.name == name } }

  private static let table = Entry(
    kind: EvaluatorKind(name: "table", trains: false, spaces: [NASBench201.name])
  ) { request, surroundings in
    try table(surroundings.dataset, space: request.space, in: surroundings.library)
  }

  /// What a dataset of recorded scores says of a space.
  private static func table(
    _ dataset: String, space name: String, in library: DatasetLibrary
  ) throws -> TableEvaluator {
    guard let space = SearchSpaceCatalog.named(name) else {
      throw CommandFailure("there is no search space '\(name)'")
    }
    if try library.manifest(dataset).decoder == .recordedScores {
      return try TableEvaluator(library.scores(dataset), space: space)
    }
    let table = try TableEvaluator(nasBench201: library.table(dataset))
    guard name == NASBench201.name else {
      throw CommandFailure(
        "dataset '\(dataset)' is of space '\(NASBench201.name)'; found '\(name)'; write 'space: "
          + "\(NASBench201.name)'")
    }
    return table
  }

  private static let training = Entry(
    kind: EvaluatorKind(
      name: "training", trains: true,
      spaces: SearchSpaceCatalog.all.filter { $0 is any TrainableSearchSpace || isLanguage($0) }
        .map { type(of: $0).name },
      languageSpaces: Set(SearchSpaceCatalog.all.filter(isLanguage).map { type(of: $0).name }))
  ) { request, surroundings in
    guard let space = SearchSpaceCatalog.named(request.space) else {
      throw CommandFailure("there is no search space '\(request.space)'")
    }
    return try training(request, in: space, surroundings)
  }

  /// What trains architectures of a space, be it in the catalogue or not.
  static func training(
    _ request: EvaluatorRequest, in space: any SearchSpace, _ surroundings: Surroundings
  ) throws -> any Evaluator {
    guard let recipe = request.study.training else {
      throw CommandFailure("study '\(request.study.name)' has no recipe; expected one")
    }
    let task = try task(request, space, recipe, surroundings)
    let onAll = request.study.judgement == .trainingAndValidation
    let evaluator = TrainingEvaluator(
      task, training: recipe, finalTraining: request.study.finalTraining,
      finalTask: onAll ? (task as? ImageTask)?.withValidationImages : nil, device: request.device,
      context: try ComputeContext(threads: request.threads, blas: surroundings.blas))
    return try judged(evaluator, request, surroundings)
  }

  /// Looks final scores up, where the study says so.
  private static func judged(
    _ evaluator: any Evaluator, _ request: EvaluatorRequest, _ surroundings: Surroundings
  ) throws -> any Evaluator {
    guard request.study.judgement == .table else { return evaluator }
    if surroundings.standsIn, try surroundings.library.isAbsent(tableOfFinals) {
      return LookedUpFinals(
        of: evaluator, in: .blank(of: evaluator.space, objective: evaluator.objective))
    }
    return LookedUpFinals(
      of: evaluator,
      in: try TableEvaluator(nasBench201: surroundings.library.table(tableOfFinals)))
  }

  /// What a program of its own can score: it is given images.
  static let programs = EvaluatorKind(
    name: "program", trains: true,
    spaces: training.kind.spaces.filter { !training.kind.languageSpaces.contains($0) })

  /// A program that scores architectures; nothing is started yet.
  ///
  /// - Parameter isAllowed: Asked before it is started; throws if it may not be.
  static func program(
    _ command: PluginCommand, arguments: [String], _ request: EvaluatorRequest,
    _ surroundings: Surroundings, isAllowed: @escaping () throws -> Void
  ) throws -> any Evaluator {
    guard let space = SearchSpaceCatalog.named(request.space), let recipe = request.study.training
    else {
      throw CommandFailure("study '\(request.study.name)' has no space or no recipe")
    }
    let data = try surroundings.images()
    return try judged(
      PluginEvaluator(
        command, name: request.study.evaluator, arguments: arguments, space: space,
        images: EvaluatedImages(data, split: try split(of: data, by: recipe, request)),
        training: recipe, finalTraining: request.study.finalTraining ?? recipe,
        isAllowed: isAllowed),
      request, surroundings)
  }

  private static func split(
    of data: ImageDataset, by recipe: TrainingProtocol, _ request: EvaluatorRequest
  ) throws -> DataSplit {
    try DataSplit.make(
      trainingCount: data.training.count, validationCount: data.validationCount,
      limit: DataSplit.Limit(
        training: recipe.scale.trainingImages, validation: recipe.scale.validationImages),
      key: request.splitKey)
  }

  /// The dataset of recorded tables in which final scores are looked up.
  private static let tableOfFinals = "nasbench201"

  private static func isLanguage(_ space: any SearchSpace) -> Bool {
    space is any LanguageSearchSpace
  }

  private static func task(
    _ request: EvaluatorRequest, _ space: any SearchSpace, _ recipe: TrainingProtocol,
    _ surroundings: Surroundings
  ) throws -> any TrainingTask {
    switch space {
    case let space as any TrainableSearchSpace:
      let data = try surroundings.images()
      return ImageTask(
        space: space, data: data, split: try split(of: data, by: recipe, request))
    case let space as any LanguageSearchSpace:
      let data = try surroundings.text()
      let split = TextSplit(
        data, trainingWords: recipe.scale.trainingWords,
        validationWords: recipe.scale.validationWords)
      return TextTask(space: space, data: data, split: split, batchSize: recipe.batchSize)
    default:
      throw CommandFailure(
        "search space '\(request.space)' has no networks; expected one that trains")
    }
  }
}
