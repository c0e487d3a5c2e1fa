import Datasets
import Foundation
import Randomness
import SearchCore

/// The scenarios that a program which evaluates must come through, on a few made-up images.
public struct EvaluatorConformance {
  private typealias Scenario = (
    id: String, expected: String, problem: @Sendable (EvaluatorConformance) throws -> String?
  )

  private static let scenarios: [Scenario] = [
    (
      "trial", "trains an architecture and says the class of every validation image",
      { try $0.trial() }
    ),
    ("several", "trains one architecture after another", { try $0.several() }),
    (
      "final", "says the class of every test image after the final training",
      { try $0.finalTraining() }
    ),
    ("epochs", "comes through a training of more epochs than its recipe has", { try $0.longer() }),
    ("unknown-field", "ignores fields that it does not know", { try $0.talk().unknownField() }),
    (
      "unknown-method", "answers a method that it does not know with error -32601",
      { try $0.talk().unknownMethod() }
    ),
    ("two-at-once", "is not disturbed by another beside it", { try $0.twoAtOnce() }),
    ("end-of-input", "ends with code 0 when its input is closed", { try $0.talk().endOfInput() }),
    ("termination", "ends at SIGTERM", { try $0.talk().termination() }),
  ]

  /// Number of scenarios.
  public static var count: Int { scenarios.count }

  private let command: PluginCommand
  private let arguments: [String]
  private let space: any SearchSpace
  private let recipe: TrainingProtocol

  /// Prepares the scenarios of a command.
  ///
  /// - Parameters:
  ///   - arguments: Its words, every file by its full path.
  ///   - space: Whose architectures it is to train.
  public init(_ command: PluginCommand, arguments: [String], space: any SearchSpace) {
    (self.command, self.arguments, self.space) = (command, arguments, space)
    var recipe = TrainingProtocol.nasBench201Short
    recipe.epochs = 1
    recipe.batchSize = 16
    recipe.scale = TrainingProtocol.Scale(channels: 4, cells: 1)
    self.recipe = recipe
  }

  /// Plays all of them.
  ///
  /// - Parameter tell: Given each verdict as it falls.
  public func run(_ tell: (PluginConformance.Verdict) -> Void) {
    for scenario in Self.scenarios {
      var problem: String?
      do { problem = try scenario.problem(self) } catch { problem = "\(error)" }
      tell(
        PluginConformance.Verdict(
          scenario: scenario.id, expected: scenario.expected, problem: problem))
    }
  }

  // MARK: Trainings

  /// Images of three classes, 48 to train on, 16 to validate on, 8 to test.
  private func images() throws -> EvaluatedImages {
    func labeled(_ count: Int) -> LabeledImages {
      let labels = (0..<count).map { UInt8($0 % 3) }
      return LabeledImages(
        height: 32, width: 32, channels: 3, classCount: 3,
        pixels: labels.flatMap { label in
          (0..<3_072).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 60 &* Int(label)) }
        }, labels: labels)
    }
    let data = ImageDataset(
      name: "conformance", version: "1", classes: ["a", "b", "c"], training: labeled(64),
      validationCount: 16, testCount: 8, checksums: [], readTest: { labeled(8) })
    return EvaluatedImages(
      data,
      split: try DataSplit.make(
        trainingCount: 64, validationCount: 16, key: RandomKey(seed: 1)))
  }

  private func evaluator() throws -> PluginEvaluator {
    PluginEvaluator(
      command, name: "conformance", arguments: arguments, space: space, images: try images(),
      training: recipe, finalTraining: recipe, isAllowed: {})
  }

  private func architecture(_ seed: UInt64) -> Architecture {
    var generator = RandomKey(seed: seed).generator()
    return space.sample(using: &generator)
  }

  /// What is wrong with a training's end; `nil` for nothing.
  private func problem(of evaluation: any Evaluation) throws -> String? {
    while true {
      if let outcome = try evaluation.step().outcome { return Self.problem(outcome) }
    }
  }

  private static func problem(_ outcome: StepReport.Outcome) -> String? {
    outcome.status == .completed ? nil : "it ended as '\(outcome.status.rawValue)'"
  }

  private func trial() throws -> String? {
    try problem(
      of: evaluator().trial(of: architecture(1), epochs: nil, key: RandomKey(seed: 1)))
  }

  private func several() throws -> String? {
    let evaluator = try evaluator()
    for seed in UInt64(1)...3 {
      let trial = evaluator.trial(
        of: architecture(seed), epochs: nil, key: RandomKey(seed: seed))
      if let problem = try problem(of: trial) { return "training \(seed): \(problem)" }
    }
    return nil
  }

  private func finalTraining() throws -> String? {
    try problem(
      of: evaluator().finalTraining(
        of: architecture(1), budget: Budget(2, .epochs), key: RandomKey(seed: 1)))
  }

  private func longer() throws -> String? {
    try problem(of: evaluator().trial(of: architecture(1), epochs: 3, key: RandomKey(seed: 1)))
  }

  private func twoAtOnce() throws -> String? {
    let (one, other) = (try evaluator(), try evaluator())
    let trials = [one, other].map {
      $0.trial(of: architecture(1), epochs: nil, key: RandomKey(seed: 1))
    }
    var ends: [StepReport.Outcome?] = [nil, nil]
    while ends.contains(nil) {
      // In turn, so that both train at the same time.
      for index in trials.indices where ends[index] == nil {
        ends[index] = try trials[index].step().outcome
      }
    }
    return ends.compactMap(\.self).compactMap(Self.problem).first
  }

  // MARK: The protocol

  /// A conversation that begins with more than a program of this version can know.
  private func talk() throws -> PlainTalk {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "searchlight-conformance-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let message = PluginEvaluatorInitialization(
      space: .init(id: type(of: space).name, decisions: space.decisions),
      objective: .init(metric: Objective.classificationError.id),
      data: try images().describe(in: folder), training: recipe.pluginValues,
      final: recipe.pluginValues, settings: command.settings)
    var initialization =
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(message)) as? [String: Any] ?? [:]
    initialization["later"] = ["x": [1, 2]]
    initialization["protocol"] = "1.999"
    return try PlainTalk(command, arguments, initialization)
  }
}
