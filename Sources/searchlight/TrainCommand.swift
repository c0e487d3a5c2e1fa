import ArgumentParser
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

/// `searchlight train`: trains one network under a recipe.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains one network under a recipe, and keeps its learning curve and weights.",
    discussion: """
      Examples:
        searchlight train lstm --dataset grammar --recipe zaremba-small
        searchlight train resnet-20 --dataset shapes10 --recipe budgeted --set epochs=5
        searchlight train darts-v2 --dataset cifar10 --recipe darts-eval

      The recipes are those of suites; --set changes one of their fields, as often as needed. The
      training is journaled as a suite's run is: Ctrl-C stops it and the same command continues,
      also after a kill. The folder reports/trained/<name>/ then holds learning.csv, weights.safetensors
      and the records.
      """)

  @Argument(help: "A name of 'searchlight architecture list', 'lstm', or SPACE:TEXT.")
  var network: String

  @Option(help: "Name of the dataset, as 'searchlight data list' shows it.")
  var dataset: String

  @Option(help: "Name of the recipe.")
  var recipe: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A field of the recipe or of its scale, as epochs=5.", valueName: "key=value"))
  var changes: [String] = []

  @Option(help: "GPU-hours, modelled for --device, that the training may take; else its epochs.")
  var gpuHours: Double?

  @Option(help: "Device profile that GPU-hours are modelled for.")
  var device = "gtx-1080-ti"

  @Option(help: "Seed of the split, the first weights and the order.")
  var seed: UInt64 = 1

  @Option(help: "Name of the results' folder; by default of network, dataset, recipe and seed.")
  var name: String?

  @Option(help: "Threads; never changes a result.")
  var threads: Int?

  @Option(
    help: "Code that multiplies matrices: native, openblas or openblas-all; decides the last bits.")
  var blas: BLASBackend = .standard

  @Flag(help: "Move earlier results of this name aside and start anew.")
  var fresh = false

  @Flag(help: "Print the result as JSON.")
  var json = false

  func validate() throws {
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads is \(threads); expected 1 to 256")
    }
    if let gpuHours, !(gpuHours > 0 && gpuHours < 1e9) {
      throw ValidationError("--gpu-hours is \(gpuHours); expected more than 0")
    }
    if let name, name.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,119}/) == nil {
      throw ValidationError(
        "--name is '\(name)'; expected at most 120 lower-case letters, digits and hyphens")
    }
    if let bad = changes.first(where: { !$0.contains("=") }) {
      throw ValidationError("--set is '\(bad)'; expected key=value, as epochs=5")
    }
  }

  func run() async throws {
    Output.outliveReaders()
    try await CommandFailure.reporting {
      let signals = StopSignals()
      let training = try NetworkTrainingRun(self)
      let charge = try training.forecast()
      if !json {
        let hours = 1e-9 * Double(charge.referenceNanoseconds) / 3_600
        Output.line("\(TableText.decimals(hours, 4)) GPU-hours of updates, modelled for \(device)")
      }
      let taken = try training.folder.lockForRunning()
      defer { withExtendedLifetime(taken) {} }
      let end = try training.execute(fresh: fresh, stop: signals.flag, isQuiet: json)
      guard end != .interrupted else {
        if !json { Output.line("stopped; the same command continues") }
        throw ExitCode(WorkerExit.interruptedCode)
      }
      try training.show(asJSON: json)
    }
  }

  /// Fields as they were typed.
  fileprivate var fields: [(key: String, value: String)] {
    changes.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), String(parts[1]))
    }
  }
}

/// The training that a command line asks for, as a suite of one run.
private struct NetworkTrainingRun {
  let folder: ResultsFolder
  private let workbench: SuiteWorkbench
  private let suite: Suite
  private let evaluator: any Evaluator
  private let architecture: String
  private let threads: Int

  init(_ command: TrainCommand) throws {
    let project = try ProjectFolder.find()
    workbench = try SuiteWorkbench(project: project, blas: command.blas)
    guard workbench.datasetNames.contains(command.dataset) else {
      throw CommandFailure(
        "there is no dataset '\(command.dataset)'; expected one of "
          + workbench.datasetNames.joined(separator: ", "))
    }
    let (space, text, scale) = try Self.network(command.network)
    var recipe = try RecipeReader.recipe(named: command.recipe, with: command.fields)
    if let scale, recipe.text == nil {
      let typed = Set(command.fields.map(\.key))
      if !typed.contains("channels") { recipe.scale.channels = scale.channels }
      if !typed.contains("cells") { recipe.scale.cells = scale.cells }
    }
    architecture = text
    threads = command.threads ?? JobLimits.current.processors
    let budget =
      command.gpuHours.map { Budget($0, .referenceGPUHours) }
      ?? Budget(Double(recipe.epochs), .epochs)
    let study = Study(
      name: command.dataset, kind: .ownSpace, dataset: command.dataset,
      space: type(of: space).name, evaluator: "training", training: recipe,
      methods: [
        MethodChoice(name: GivenArchitecture.name, settings: MethodSettings(of: []))
      ], searchBudget: Budget(1, .trials), finalBudget: budget)
    let plain = "\(command.network)-\(command.dataset)-\(recipe.recipe)-\(command.seed)"
    let folded = plain.lowercased().map { character -> Character in
      character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
    }
    suite = Suite(
      name: command.name ?? String(folded.prefix(120)),
      version: 1, summary: "\(text) trained by \(recipe.recipe) on \(command.dataset).",
      seed: command.seed, seeds: 1, device: command.device, studies: [study])
    // Apart from the suites, whose names people choose as well.
    folder = ResultsFolder(root: project.reports.appending(path: "trained/\(suite.name)"))
    let keys = RunKeys(suite: suite, run: suite.runs[0])
    evaluator = try EvaluatorCatalog.training(
      EvaluatorRequest(
        study: study, space: type(of: space).name,
        device: try workbench.device(named: command.device), splitKey: keys.split,
        threads: threads),
      in: space,
      EvaluatorCatalog.Surroundings(
        library: project.library, dataset: command.dataset, blas: command.blas))
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

  /// Refuses what cannot be trained, and says what it will cost, before anything is written.
  func forecast() throws -> Charge {
    try evaluator.forecastFinalTraining(
      of: evaluator.space.parse(architecture), budget: suite.studies[0].finalBudget
    ).charge
  }

  func execute(fresh: Bool, stop: StopFlag, isQuiet: Bool) throws -> RunExecutor.End {
    let lock = SuiteLock(
      suite: suite, dataChecksums: [suite.studies[0].name: evaluator.dataChecksums],
      code: try workbench.codeFacts(of: suite))
    for line in try folder.prepare(for: lock, fresh: fresh) { Output.say("note: \(line)") }
    let display = TrainingDisplay(suite.name, objective: evaluator.objective, isQuiet: isQuiet)
    var observer = RunObserver()
    observer.keepsWeights = true
    observer.onProgress = display.show
    observer.onLearning = display.show
    let run = suite.runs[0]
    let end = try RunExecutor(
      suite: suite, run: run, method: GivenArchitecture.self, evaluator: evaluator,
      folder: folder.folder(of: run), given: architecture,
      environment: workbench.environmentFacts()
        + [EnvironmentFact(name: "threads a run", value: "\(threads)")],
      observer: observer, stop: stop
    ).execute()
    display.end()
    return end
  }

  func show(asJSON: Bool) throws {
    let device = try workbench.device(named: suite.device)
    let results = try SuiteRecords(in: folder).collect(
      SuiteResults(
        suite: suite, deviceTitle: device.title, deviceError: device.heldOutError, lock: "",
        tasks: [(evaluator.objective, evaluator.costLabel)]),
      spaces: [])
    guard let run = results.studies.first?.runs.first, let final = run.final else {
      throw CommandFailure("\(folder.root.relativePath): holds no finished training")
    }
    let curve = run.finalLearning ?? []
    try RecordFile.write(
      Data(csv(curve).utf8), to: folder.root.appending(path: "learning.csv"))
    if asJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      Output.line(String(decoding: try encoder.encode(run), as: UTF8.self))
      return
    }
    let (objective, found) = (evaluator.objective, final.measurement)
    for (split, score) in [(Objective.Split.validation, found.validation), (.test, found.test)] {
      if let score { Output.line("\(objective.name(on: split)) \(objective.plainText(score))") }
    }
    let seconds = run.wallClockSeconds ?? 0
    Output.line(
      "\(final.status.rawValue) after \(TableText.decimals(found.epochs ?? 0, 2)) epochs in "
        + "\(TableText.decimals(seconds / 60, 1)) minutes here; "
        + "\(ArchitectureSheet.grouped(found.parameters ?? 0)) parameters")
    Output.line(
      "\(folder.root.relativePath): learning.csv; weights in "
        + folder.folder(of: suite.runs[0]).appending(path: "weights.safetensors").relativePath)
  }

  private func csv(_ curve: [LearningPoint]) -> String {
    let rows = curve.map { point in
      "\(point.epochs),\(point.trainingLoss),\(point.learningRate),"
        + (point.validation.map { "\($0)" } ?? "")
    }
    return (["epochs,training_loss,learning_rate,validation"] + rows).joined(separator: "\n") + "\n"
  }
}

/// What somebody sees of a training: a bar, and a line an epoch.
private final class TrainingDisplay {
  private let objective: Objective
  private let isQuiet: Bool
  private var bar: ProgressBar

  init(_ name: String, objective: Objective, isQuiet: Bool) {
    self.objective = objective
    self.isQuiet = isQuiet
    bar = ProgressBar(name, unit: .count("‰"))
  }

  func show(_ progress: RunProgress) {
    guard !isQuiet else { return }
    bar.update(done: Int(1_000 * min(1, progress.budgetFraction)), total: 1_000)
  }

  func show(_ point: LearningPoint) {
    guard !isQuiet else { return }
    bar.interrupt()
    let score = point.validation.map {
      ", \(objective.name(on: .validation)) \(objective.plainText($0))"
    }
    Output.line(
      "epoch \(TableText.decimals(point.epochs, 2)): training loss "
        + "\(TableText.decimals(point.trainingLoss, 4)), learning rate "
        + "\(point.learningRate.shortText)\(score ?? "")")
  }

  func end() { bar.interrupt() }
}
