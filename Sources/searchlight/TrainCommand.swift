import ArgumentParser
import Experiments
import Foundation
import SearchCore
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
        searchlight train wide-resnet-28-10 --dataset cifar10 --on training-and-validation
        searchlight train darts-v2 --dataset cifar10 --recipe darts-eval

      The recipes are those of suites; --set changes one of their fields, as often as needed. The
      training is journaled as a suite's run is: Ctrl-C stops it and the same command continues,
      also after a kill. The folder reports/trained/<name>/ then holds learning.csv, the weights
      (safetensors), the records and, of images, predictions.csv: each test image's class and the
      likeliest one.
      """)

  @Argument(help: "A name of 'searchlight architecture list', 'lstm', or SPACE:TEXT.")
  var network: String

  @Option(help: "Name of the dataset, as 'searchlight data list' shows it.")
  var dataset: String

  @Option(help: "Name of the recipe; by default that of the network's paper.")
  var recipe: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A field of the recipe or of its scale, as epochs=5.", valueName: "key=value"))
  var changes: [String] = []

  @Option(
    help: ArgumentHelp(
      "What it trains on: training, or training-and-validation, as papers do before they test.",
      valueName: "splits"))
  var on = Study.Judgement.training.rawValue

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
    if judgement == nil {
      throw ValidationError(
        "--on is '\(on)'; expected training or training-and-validation")
    }
    if let bad = changes.first(where: { !$0.contains("=") }) {
      throw ValidationError("--set is '\(bad)'; expected key=value, as epochs=5")
    }
  }

  func run() async throws {
    Output.outliveReaders()
    try await CommandFailure.reporting {
      let signals = StopSignals()
      let training = try NetworkTraining(request, in: ProjectFolder.find())
      let charge = try training.forecast()
      if !json {
        let hours = 1e-9 * Double(charge.referenceNanoseconds) / 3_600
        Output.line("\(TableText.decimals(hours, 4)) GPU-hours of updates, modelled for \(device)")
      }
      let display = TrainingDisplay(
        training.suite.name, objective: training.evaluator.objective, isQuiet: json)
      var observer = RunObserver()
      observer.onProgress = display.show
      observer.onLearning = display.show
      let end = try training.execute(fresh: fresh, stop: signals.flag, observer: observer)
      display.end()
      guard end != .interrupted else {
        if !json { Output.line("stopped; the same command continues") }
        throw ExitCode(WorkerExit.interruptedCode)
      }
      try show(training)
    }
  }

  private var judgement: Study.Judgement? {
    [.training, .trainingAndValidation].first { $0.rawValue == on }
  }

  private var request: NetworkTraining.Request {
    NetworkTraining.Request(
      network: network, dataset: dataset, recipe: recipe, fields: fields,
      judgement: judgement ?? .training, gpuHours: gpuHours, device: device, seed: seed,
      name: name, threads: threads, blas: blas)
  }

  private func show(_ training: NetworkTraining) throws {
    let root = training.folder.root
    guard let run = try training.recorded(), let final = run.final else {
      throw CommandFailure("\(root.relativePath): holds no finished training")
    }
    try RecordFile.write(
      Data(csv(run.finalLearning ?? []).utf8), to: root.appending(path: "learning.csv"))
    let predictions = try training.predictions(of: run)
    if let predictions {
      try RecordFile.write(
        Data(predictions.csv.utf8), to: root.appending(path: "predictions.csv"))
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return Output.line(String(decoding: try encoder.encode(run), as: UTF8.self))
    }
    let (objective, found) = (training.evaluator.objective, final.measurement)
    for (split, score) in [(Objective.Split.validation, found.validation), (.test, found.test)] {
      if let score { Output.line("\(objective.name(on: split)) \(objective.plainText(score))") }
    }
    Output.line(
      "\(final.status.rawValue) after \(TableText.decimals(found.epochs ?? 0, 2)) epochs in "
        + "\(TableText.decimals((run.wallClockSeconds ?? 0) / 60, 1)) minutes here; "
        + "\(ArchitectureSheet.grouped(found.parameters ?? 0)) parameters")
    Output.line(
      "\(root.relativePath): learning.csv\(predictions == nil ? "" : ", predictions.csv"); weights "
        + "in \(training.weights.relativePath)")
  }

  private func csv(_ curve: [LearningPoint]) -> String {
    let rows = curve.map { point in
      "\(point.epochs),\(point.trainingLoss),\(point.learningRate),"
        + (point.validation.map { "\($0)" } ?? "")
    }
    return (["epochs,training_loss,learning_rate,validation"] + rows).joined(separator: "\n") + "\n"
  }

  /// Fields as they were typed.
  private var fields: [(key: String, value: String)] {
    changes.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), String(parts[1]))
    }
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
