import Datasets
import Foundation
import OperationCosts
import Randomness
import SearchCore

/// Scores architectures by a program of its own, in whatever language: it trains them with what it
/// likes, and says how long that took.
///
/// The program is told the space, the recipe and where the images of training and validation lie, and
/// is asked for one training after another. It answers with the classes that the trained network
/// gives to images; the errors are counted here, against labels of which it is given none of the test
/// split's. What it charges is what it says it took: seconds of its device, measured, and so not the same twice. A trial that ends past
/// the budget is left unfinished, since nothing stops a training on its way.
///
/// It is started with the first training, and again after one that was given up.
public final class PluginEvaluator: Evaluator {
  public let space: any SearchSpace
  public let objective = Objective.classificationError
  public let overrunRule = OverrunRule.leaveUnfinished
  public var examplesPerEpoch: Int { images.split.training.count }
  public var costLabel: String { "seconds as \(name) measures them" }
  public var dataChecksums: [String: String] { images.data.checksums.byPath }

  private let name: String
  private let images: EvaluatedImages
  private let training: (search: TrainingProtocol, final: TrainingProtocol)
  private let settings: [String: PluginCommand.Setting]
  private let start: () throws -> PluginProcess
  private var connection: PluginConnection?
  private var isIntroduced = false
  /// Whether the program works on a training that nobody waits for any more.
  private var isBusy = false

  /// Prepares an evaluator; starts nothing.
  ///
  /// - Parameters:
  ///   - name: What the suite calls it.
  ///   - arguments: The program and its arguments, every file by its full path.
  ///   - isAllowed: Asked before the program is started; throws if it may not be.
  public init(
    _ command: PluginCommand, name: String, arguments: [String], space: any SearchSpace,
    images: EvaluatedImages, training: TrainingProtocol, finalTraining: TrainingProtocol,
    isAllowed: @escaping () throws -> Void
  ) {
    self.space = space
    self.name = name
    self.images = images
    self.training = (training, finalTraining)
    settings = command.settings
    start = {
      try isAllowed()
      return try PluginProcess(
        arguments, shownAs: command.line, deadlineSeconds: command.deadlineSeconds)
    }
  }

  public func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey
  ) -> any Evaluation {
    PluginEvaluation(
      self, .search, architecture, epochs: epochs ?? training.search.epochs, key: key)
  }

  /// A budget in epochs is how long it trains, as everywhere; of another only the program could know
  /// what it pays for, so that it trains the recipe's epochs.
  public func finalTraining(
    of architecture: Architecture, budget: Budget?, key: RandomKey
  ) -> any Evaluation {
    let paid = budget.flatMap { $0.unit == .epochs ? max(1, Int($0.amount)) : nil }
    return PluginEvaluation(
      self, .finalTraining, architecture, epochs: paid ?? training.final.epochs, key: key)
  }

  /// Nothing is known of what a program takes.
  public func forecastTrial(of architecture: Architecture, epochs: Int?) -> EvaluationForecast {
    EvaluationForecast(charge: .zero, peakMemoryBytes: nil)
  }

  public func forecastFinalTraining(
    of architecture: Architecture, budget: Budget?
  ) -> EvaluationForecast {
    EvaluationForecast(charge: .zero, peakMemoryBytes: nil)
  }

  public func measureSecondsPerReferenceSecond() -> Double? { nil }

  // MARK: The program

  private static let testReason = "classes of the test images by the selected architecture"

  /// The program, once it has begun; `nil` if it has not within so many seconds.
  fileprivate func ready(within seconds: Double) throws -> PluginConnection? {
    if isBusy {
      connection?.process.kill()
      (connection, isIntroduced, isBusy) = (nil, false, false)
    }
    let connection = try self.connection ?? connect()
    self.connection = connection
    if !isIntroduced {
      isIntroduced =
        try connection.introduction(as: PluginEvaluatorIntroduction.self, within: seconds) != nil
    }
    return isIntroduced ? connection : nil
  }

  private func connect() throws -> PluginConnection {
    let connection = PluginConnection(to: try start())
    try connection.begin(
      "initialize",
      PluginEvaluatorInitialization(
        space: .init(id: type(of: space).name, decisions: space.decisions),
        objective: .init(metric: objective.id),
        data: images.describe(in: connection.process.folder),
        training: training.search.pluginValues, final: training.final.pluginValues,
        settings: settings))
    return connection
  }

  /// Asks for a training.
  fileprivate func begin(_ work: PluginEvaluation, by connection: PluginConnection) throws {
    let isFinal = work.phase == .finalTraining
    try connection.begin(
      "evaluate",
      PluginEvaluationRequest(
        phase: work.phase.rawValue, architecture: space.text(of: work.architecture),
        choices: work.architecture.choices, epochs: work.epochs, seed: work.key.hexadecimal,
        test: isFinal
          ? try images.testFiles(in: connection.process.folder, reason: Self.testReason) : nil))
    isBusy = true
  }

  /// What a training came to.
  fileprivate func report(
    _ result: PluginEvaluationResult, of work: PluginEvaluation, by connection: PluginConnection
  ) throws -> StepReport {
    isBusy = false
    let process = connection.process
    guard result.seconds >= 0, result.seconds < 1e9 else {
      throw process.failure("evaluate: found \(result.seconds) seconds; expected 0 to 1e9")
    }
    let charge = Charge(
      referenceNanoseconds: Int128((result.seconds * 1e9).rounded()),
      trainingExamples: work.epochs * examplesPerEpoch)
    guard let status = PluginEvaluationResult.statuses[result.status] else {
      let known = PluginEvaluationResult.statuses.keys.sorted().joined(separator: ", ")
      throw process.failure(
        "evaluate: found status '\(result.status.prefix(40))'; expected one of \(known)")
    }
    var measurement = Measurement(parameters: result.parameters, epochs: Double(work.epochs))
    guard status == .completed else {
      return StepReport(
        phase: work.phase, charge: charge,
        outcome: .init(status: status, measurement: Measurement()))
    }
    let isFinal = work.phase == .finalTraining
    do {
      if !images.split.validation.isEmpty {
        guard let classes = result.validation else {
          throw PluginError("found no 'validation'; expected a class for each image")
        }
        measurement.validation = try images.validationError(of: classes)
      }
      if isFinal {
        guard let classes = result.test else {
          throw PluginError("found no 'test'; expected a class for each image")
        }
        measurement.test = try images.testError(of: classes, reason: Self.testReason)
      }
    } catch {
      throw process.failure("evaluate: \(error)")
    }
    return StepReport(
      phase: work.phase, charge: charge,
      outcome: .init(status: .completed, measurement: measurement),
      testSplitRead: isFinal ? Self.testReason : nil)
  }
}

/// One training by a program: begun with the first step and looked after with the others, so that a
/// stop, a limit of time or a budget of wall-clock time ends the waiting.
private final class PluginEvaluation: Evaluation {
  /// Seconds that a step waits.
  private static let patience = 0.2

  let phase: Phase
  let architecture: Architecture
  let epochs: Int
  let key: RandomKey
  private let evaluator: PluginEvaluator
  private var connection: PluginConnection?

  init(
    _ evaluator: PluginEvaluator, _ phase: Phase, _ architecture: Architecture, epochs: Int,
    key: RandomKey
  ) {
    (self.evaluator, self.phase, self.architecture) = (evaluator, phase, architecture)
    (self.epochs, self.key) = (epochs, key)
  }

  func step() throws -> StepReport {
    if connection == nil, let ready = try evaluator.ready(within: Self.patience) {
      try evaluator.begin(self, by: ready)
      connection = ready
    }
    guard let connection else { return StepReport(phase: phase, charge: .zero) }
    let result = try connection.answer(
      to: "evaluate", as: PluginEvaluationResult.self, within: Self.patience)
    guard let result else { return StepReport(phase: phase, charge: .zero) }
    return try evaluator.report(result, of: self, by: connection)
  }
}
