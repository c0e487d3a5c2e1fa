import Datasets
import Evaluators
import Experiments
import Foundation
import NeuralNetworks
import OperationCosts
import ResultsStore
import SearchCore
import SearchSpaces
import TensorCore
import Verification

/// The training of one named network, as a suite of one run: what `train` does, and what `verify`
/// trains claims by.
struct NetworkTraining {
  /// What is asked for.
  struct Request {
    /// A name of `architecture list`, `lstm`, or SPACE:TEXT.
    var network: String
    /// Name of the dataset.
    var dataset: String
    /// Name of the recipe; `nil` for that of the network's paper.
    var recipe: String?
    /// Fields of the recipe that are replaced, as they are typed.
    var fields: [(key: String, value: String)] = []
    /// What it trains on; `table` makes no sense here.
    var judgement = Study.Judgement.training
    /// GPU-hours that it may take; `nil` for the recipe's epochs.
    var gpuHours: Double?
    /// Id of the device profile.
    var device = "gtx-1080-ti"
    /// Seed of everything.
    var seed: UInt64 = 1
    /// Name of the results' folder; `nil` for one made of the rest.
    var name: String?
    /// Threads; `nil` for what this job may use.
    var threads: Int?
    var blas: BLASBackend = .standard
  }

  /// Where its records are.
  let folder: ResultsFolder
  let evaluator: any Evaluator
  let suite: Suite
  private let workbench: SuiteWorkbench
  private let library: DatasetLibrary
  private let architecture: String
  private let threads: Int

  /// Prepares a training; nothing is written.
  ///
  /// - Throws: One line for what there is not, or what does not fit.
  init(_ request: Request, in project: ProjectFolder) throws {
    library = project.library
    workbench = try SuiteWorkbench(project: project, blas: request.blas)
    guard workbench.datasetNames.contains(request.dataset) else {
      throw CommandFailure(
        "there is no dataset '\(request.dataset)'; expected one of "
          + workbench.datasetNames.joined(separator: ", "))
    }
    let (space, text, scale) = try Self.network(request.network)
    let recipe = try Self.recipe(request, scale: scale)
    if request.judgement == .trainingAndValidation, recipe.text != nil {
      throw CommandFailure(
        "language models have a validation text of their own; leave --on training-and-validation "
          + "out")
    }
    architecture = text
    threads = request.threads ?? JobLimits.current.processors
    suite = Self.suite(request, recipe, space: type(of: space).name, text: text)
    // Apart from the suites, whose names people choose as well.
    folder = ResultsFolder(root: project.reports.appending(path: "trained/\(suite.name)"))
    let keys = RunKeys(suite: suite, run: suite.runs[0])
    evaluator = try EvaluatorCatalog.training(
      EvaluatorRequest(
        study: suite.studies[0], space: type(of: space).name,
        device: try workbench.device(named: request.device), splitKey: keys.split,
        threads: threads),
      in: space,
      EvaluatorCatalog.Surroundings(
        library: project.library, dataset: request.dataset, blas: request.blas, standsIn: false))
  }

  private static func suite(
    _ request: Request, _ recipe: TrainingProtocol, space: String, text: String
  ) -> Suite {
    let budget =
      request.gpuHours.map { Budget($0, .referenceGPUHours) }
      ?? Budget(Double(recipe.epochs), .epochs)
    var study = Study(
      name: request.dataset, kind: .ownSpace, dataset: request.dataset, space: space,
      evaluator: "training", training: recipe,
      methods: [MethodChoice(name: GivenArchitecture.name, settings: MethodSettings(of: []))],
      searchBudget: Budget(1, .trials), finalBudget: budget)
    study.judgement = request.judgement
    let onAll = request.judgement == .trainingAndValidation ? ["all"] : []
    let parts = [request.network, request.dataset, recipe.recipe] + onAll + ["\(request.seed)"]
    let folded = parts.joined(separator: "-").lowercased().map { character -> Character in
      character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
    }
    return Suite(
      name: request.name ?? String(folded.prefix(120)), version: 1,
      summary: "\(text) trained by \(recipe.recipe) on \(request.dataset).", seed: request.seed,
      seeds: 1, device: request.device, studies: [study])
  }

  private static func recipe(
    _ request: Request, scale: TrainingProtocol.Scale?
  ) throws -> TrainingProtocol {
    guard let name = request.recipe ?? NamedNetworks.named(request.network)?.recipe else {
      throw CommandFailure(
        "'\(request.network)' has no recipe of its own here; name one with --recipe, of "
          + "'searchlight recipes'")
    }
    var recipe = try RecipeReader.recipe(named: name, with: request.fields)
    if let scale, recipe.text == nil {
      let typed = Set(request.fields.map(\.key))
      if !typed.contains("channels") { recipe.scale.channels = scale.channels }
      if !typed.contains("cells") { recipe.scale.cells = scale.cells }
    }
    return recipe
  }

  /// The space, the text in its notation, and the published scale, if any, of a network's name.
  private static func network(
    _ name: String
  ) throws -> (any SearchSpace, String, TrainingProtocol.Scale?) {
    if name == LSTMModel.name { return (LSTMModel(), name, nil) }
    if let designed = NamedNetworks.named(name) { return (DesignedNetwork(designed), name, nil) }
    let found = try ArchitectureShow.find(name)
    guard let space = SearchSpaceCatalog.named(found.space) else {
      throw CommandFailure("'\(name)' is of a space that cannot be trained here")
    }
    return (space, found.text, (found as? PublishedArchitecture)?.scale)
  }

  // MARK: Training

  /// Refuses what cannot be trained, and says what it will cost, before anything is written.
  func forecast() throws -> Charge {
    try evaluator.forecastFinalTraining(
      of: evaluator.space.parse(architecture), budget: suite.studies[0].finalBudget
    ).charge
  }

  /// Trains, or continues, until it is done or stopped; every step is on record.
  func execute(fresh: Bool, stop: StopFlag, observer: RunObserver) throws -> RunExecutor.End {
    let taken = try folder.lockForRunning()
    defer { withExtendedLifetime(taken) {} }
    let lock = SuiteLock(
      suite: suite, dataChecksums: [suite.studies[0].name: evaluator.dataChecksums],
      code: try workbench.codeFacts(of: suite))
    for line in try folder.prepare(for: lock, fresh: fresh) { Output.say("note: \(line)") }
    var observer = observer
    observer.keepsWeights = true
    let run = suite.runs[0]
    return try RunExecutor(
      suite: suite, run: run, procedure: .none, evaluator: evaluator,
      folder: folder.folder(of: run), given: architecture,
      environment: workbench.environmentFacts()
        + [EnvironmentFact(name: "threads a run", value: "\(threads)")],
      observer: observer, stop: stop
    ).execute()
  }

  /// What its records say; `nil` unless it was begun.
  func recorded() throws -> RunResults? {
    let device = try workbench.device(named: suite.device)
    guard RecordFile.size(of: folder.journal(of: suite.runs[0])) != nil else { return nil }
    return try SuiteRecords(in: folder).collect(
      SuiteResults(
        suite: suite, deviceTitle: device.title, deviceError: device.heldOutError, lock: "",
        tasks: [(evaluator.objective, evaluator.costLabel)]),
      spaces: []
    ).studies.first?.runs.first
  }

  /// The file of the trained weights.
  var weights: URL { folder.folder(of: suite.runs[0]).appending(path: "weights.safetensors") }

  /// Scores the test images with the weights that were kept; `nil` for a language model.
  ///
  /// - Throws: One line if the weights no longer give the score on record.
  func predictions(of run: RunResults) throws -> NetworkEvaluation? {
    guard let recipe = suite.studies[0].training, let test = run.final?.measurement.test,
      let space = evaluator.space as? any TrainableSearchSpace
    else { return nil }
    let data = try library.images(suite.studies[0].dataset)
    let images = data.training
    let network = space.network(
      of: try space.parse(architecture), scale: recipe.scale, classes: images.classCount,
      options: NetworkOptions(recipe, imageSize: images.height, imageChannels: images.channels))
    let context = try ComputeContext(threads: threads)
    network.parameters.allocate(in: context, key: .init(seed: 0))
    try PyTorchCheckpoint(contentsOf: weights).load(into: network.parameters)
    let found = NetworkEvaluation(
      of: network, on: try data.openTest(reason: "predictions of \(architecture)"),
      normalization: .init(of: data), context: context)
    let score = Double(found.wrong) / Double(max(1, found.labels.count))
    guard abs(score - test) < 1e-12 else {
      throw CommandFailure(
        "\(weights.relativePath): gives \(evaluator.objective.plainText(score)) on the test split, "
          + "where \(evaluator.objective.plainText(test)) is on record; type the command with "
          + "--fresh to train anew")
    }
    return found
  }
}
