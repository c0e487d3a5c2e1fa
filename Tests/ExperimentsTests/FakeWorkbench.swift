import Experiments
import Foundation
import OperationCosts
import Randomness
import SearchCore

/// Three decisions with four options each; written as `0-1-2`.
struct FakeSpace: SearchSpace {
  static let name = "fake-space"
  let decisions = (0..<3).map { Decision(name: "d\($0)", options: ["0", "1", "2", "3"]) }

  func sample(using generator: inout KeyedGenerator) -> Architecture {
    Architecture(space: Self.name, choices: (0..<3).map { _ in generator.integer(below: 4) })
  }

  func mutate(
    _ architecture: Architecture, using generator: inout KeyedGenerator
  ) -> Architecture { sample(using: &generator) }

  func text(of architecture: Architecture) -> String {
    architecture.choices.map { "\($0)" }.joined(separator: "-")
  }

  func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    Architecture(space: Self.name, choices: text.split(separator: "-").compactMap { Int($0) })
  }

  func identity(of architecture: Architecture) -> String { text(of: architecture) }

  func graphs(of architecture: Architecture) -> [CellGraph] { [] }
}

/// Proposes neighbours of what scored best: its trajectory depends on what it was told.
struct FakeMethod: SearchMethod {
  static let name = "fake-method"
  static let settings = [
    MethodSetting(
      name: "greed", defaultValue: 0.5, range: 0...1, source: "made up for tests"),
    MethodSetting(
      name: "warm-up", defaultValue: 2, range: 1...100, isInteger: true,
      source: "made up for tests"),
  ]

  private let space: any SearchSpace
  private let greed: Double
  private let warmUp: Int
  private var generator: KeyedGenerator
  private var best: Observation?

  init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    greed = settings["greed"]
    warmUp = Int(settings["warm-up"])
    generator = key.generator()
  }

  var minimumTrials: Int { warmUp }

  mutating func ask() -> Proposal {
    guard let best, generator.bernoulli(greed) else {
      return Proposal(space.sample(using: &generator))
    }
    var choices = best.architecture.choices
    choices[generator.integer(below: 3)] = generator.integer(below: 4)
    return Proposal(Architecture(space: FakeSpace.name, choices: choices))
  }

  mutating func tell(_ observation: Observation) {
    guard let loss = observation.loss else { return }
    if loss < best?.loss ?? .infinity { best = observation }
  }
}

/// Work of equal steps, each 100 ns, 1 GFLOP, 10 examples; then one scheduled evaluation.
final class FakeEvaluator: Evaluator {
  let space: any SearchSpace = FakeSpace()
  let costLabel = "made up"
  var overrunRule = OverrunRule.stopAtStep
  let examplesPerEpoch = 100
  let dataChecksums = ["data.bin": "ab"]

  var stepsPerTrial = 4
  /// Steps of an architecture's trials of one epoch, if not `stepsPerTrial`.
  var stepsOfTrial: ((Architecture) -> Int)?
  /// The only epochs that trials can be asked for, if not all.
  var recordedEpochs: Int?
  var finalSteps = 3
  /// Architectures whose trials diverge.
  var diverging: (Architecture) -> Bool = { _ in false }
  /// Whether a trial's only step does all of it.
  var isIndivisible = false
  /// Called before every step, counted over the evaluator's life.
  var beforeStep: (Int) throws -> Void = { _ in }
  var trialsReadTheTestSplit = false
  var finalIgnoresItsBudget = false
  /// Whether work can be written down and taken up.
  var isCheckpointable = false
  var objective = Objective.classificationError
  var trialError: (Architecture) -> Double = FakeEvaluator.score
  var rate: Double?
  /// What a trial is foreseen to need, in bytes.
  var memoryOfTrial: (Architecture) -> Int = { _ in 1 << 20 }
  /// Of a trial of one epoch; less of longer ones.
  var unlearntStatistics = 0.0
  /// Whether that is known before a run begins, or for each trial only.
  var isForeseen = true
  private(set) var steps = 0
  private var forecasts = 0

  func measureSecondsPerReferenceSecond() throws -> Double? { rate }

  static let stepCharge = Charge(
    flops: 1_000_000_000, bytes: 7, referenceNanoseconds: 100, trainingExamples: 10)

  static func score(_ architecture: Architecture) -> Double {
    Double(architecture.choices.reduce(1) { ($0 * 7 + $1) % 61 }) / 61
  }

  private func steps(of architecture: Architecture, epochs: Int?) -> Int {
    (stepsOfTrial?(architecture) ?? stepsPerTrial) * (epochs ?? 1)
  }

  func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey
  ) throws -> any Evaluation {
    // The key enters the score, so that a wrong key shows.
    var generator = key.generator()
    let error = min(1, trialError(architecture) + 1e-6 * generator.uniform())
    let outcome =
      diverging(architecture)
      ? StepReport.Outcome(status: .diverged, measurement: Measurement())
      : .init(
        status: .completed,
        measurement: Measurement(validation: error, epochs: Double(epochs ?? 1)))
    return evaluation(
      phase: .search, steps: steps(of: architecture, epochs: epochs), outcome: outcome,
      testSplitRead: trialsReadTheTestSplit ? "curiosity" : nil)
  }

  func finalTraining(
    of architecture: Architecture, budget: Budget?, key: RandomKey
  ) throws -> any Evaluation {
    var generator = key.generator()
    let error = Self.score(architecture)
    return evaluation(
      phase: .finalTraining, steps: finalIgnoresItsBudget ? 1_000 : finalSteps,
      outcome: .init(
        status: .completed,
        measurement: Measurement(
          validation: error, test: min(1, error + 0.01 * generator.uniform()))),
      testSplitRead: "test error of the selected architecture")
  }

  private func evaluation(
    phase: Phase, steps: Int, outcome: StepReport.Outcome, testSplitRead: String?
  ) -> any Evaluation {
    let type = isCheckpointable ? CheckpointableFakeEvaluation.self : FakeEvaluation.self
    return type.init(
      self, phase: phase, steps: steps, outcome: outcome, testSplitRead: testSplitRead)
  }

  func forecastTrial(
    of architecture: Architecture, epochs: Int?
  ) throws -> EvaluationForecast {
    if let epochs, let recordedEpochs, epochs != recordedEpochs {
      throw SuiteError("no trials of \(epochs) epochs")
    }
    forecasts += 1
    let isKnown = isForeseen || forecasts > 16
    return EvaluationForecast(
      charge: Self.stepCharge * steps(of: architecture, epochs: epochs),
      peakMemoryBytes: isKnown ? memoryOfTrial(architecture) : nil,
      unlearntStatistics: unlearntStatistics / Double(epochs ?? 1))
  }

  func forecastFinalTraining(
    of architecture: Architecture, budget: Budget?
  ) throws -> EvaluationForecast {
    EvaluationForecast(charge: Self.stepCharge * finalSteps, peakMemoryBytes: 2 << 20)
  }

  /// Searches of a one-shot method, each of which needs an epoch.
  var searches = 1

  func oneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget, key: RandomKey
  ) throws -> any Evaluation {
    let type =
      isCheckpointable ? CheckpointableFakeOneShotSearch.self : FakeOneShotSearch.self
    return type.init(self, steps: stepsPerTrial, diverges: settings["diverges"] == 1, key: key)
  }

  func forecastOneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget
  ) throws -> OneShotForecast {
    OneShotForecast(
      epoch: Self.stepCharge * 2, selection: Self.stepCharge, controllerUpdatesPerEpoch: 3,
      minimumEpochs: searches, economy: searches > 1 ? "set searches: 1" : nil,
      peakMemoryBytes: memoryOfTrial(Architecture(space: FakeSpace.name, choices: [0, 0, 0])))
  }

  func countStep() throws {
    try beforeStep(steps)
    steps += 1
  }
}

private class FakeEvaluation: Evaluation {
  private let evaluator: FakeEvaluator
  private let phase: Phase
  private let steps: Int
  private let outcome: StepReport.Outcome
  private let testSplitRead: String?
  fileprivate var done = 0

  required init(
    _ evaluator: FakeEvaluator, phase: Phase, steps: Int, outcome: StepReport.Outcome,
    testSplitRead: String?
  ) {
    self.evaluator = evaluator
    self.phase = phase
    self.steps = steps
    self.outcome = outcome
    self.testSplitRead = testSplitRead
  }

  func step() throws -> StepReport {
    try evaluator.countStep()
    done += 1
    if evaluator.isIndivisible, phase == .search {
      return StepReport(
        phase: phase, charge: FakeEvaluator.stepCharge * steps, outcome: outcome)
    }
    guard done > steps else { return StepReport(phase: phase, charge: FakeEvaluator.stepCharge) }
    // The measurement of a trial is part of its cost; that of final training is for the record.
    return StepReport(
      phase: phase == .search ? .search : .scheduledEvaluation,
      charge: phase == .search ? .zero : FakeEvaluator.stepCharge, outcome: outcome,
      testSplitRead: testSplitRead)
  }
}

/// Counts its steps, and can go on from any of them.
private final class CheckpointableFakeEvaluation: FakeEvaluation, Checkpointable {
  func snapshot() throws -> Snapshot {
    Snapshot(state: Array("\(done)".utf8), tensors: [UInt8](repeating: 7, count: 1 + done))
  }

  func restore(from snapshot: Snapshot) throws {
    guard let found = Int(String(decoding: snapshot.state, as: UTF8.self)),
      snapshot.tensors == [UInt8](repeating: 7, count: 1 + found)
    else { throw SuiteError("no number of steps") }
    done = found
  }
}

/// Only fakes.
struct FakeWorkbench: Workbench {
  let spaces: [any SearchSpace] = [FakeSpace()]
  var methods: [any MethodDescription.Type] = [FakeMethod.self, FakeOneShot.self]
  var evaluators = [
    EvaluatorKind(
      name: "reading", trains: true, spaces: [FakeSpace.name], languageSpaces: [FakeSpace.name]),
    EvaluatorKind(name: "table", trains: false, spaces: [FakeSpace.name]),
    EvaluatorKind(name: "training", trains: true, spaces: [FakeSpace.name]),
  ]
  let datasetNames = ["shapes", "table-of-shapes"]
  let deviceNames = ["gtx-1080-ti", "k40"]

  func device(named name: String) throws -> DeviceProfile {
    DeviceProfile(
      name: name, title: name, gigaflopsPerSecond: [:], gigabytesPerSecond: 1,
      launchMicroseconds: 1, inputMicrosecondsPerExample: 1, sources: [])
  }

  func evaluator(for request: EvaluatorRequest) throws -> any Evaluator { FakeEvaluator() }
  func environmentFacts() -> [EnvironmentFact] { [] }
}

/// A clock that moves a millisecond with each look.
final class FakeClock: RunClock {
  private var now = 0.0
  func monotonicSeconds() -> Double {
    now += 0.001
    return now
  }
  func cpuSeconds() -> Double { now }
  func unixSeconds() -> Int { 0 }
}

/// A folder that is removed with its owner.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "searchlight-\(UUID())")
  deinit { try? FileManager.default.removeItem(at: url) }
}

extension Suite {
  /// One study of the fakes.
  static func fake(
    search: Budget = Budget(1e-6, .referenceGPUSeconds),
    final: Budget? = Budget(3e-7, .referenceGPUSeconds), evaluator: String = "training",
    seeds: Int = 2
  ) -> Suite {
    Suite(
      name: "toy", version: 1, summary: "A toy.", seed: 9, seeds: seeds, device: "k40",
      studies: [
        Study(
          name: "one", kind: .commonSpace, dataset: "shapes", space: "fake-space",
          evaluator: evaluator, training: evaluator == "training" ? .nasBench201Short : nil,
          methods: [
            MethodChoice(name: "fake-method", settings: MethodSettings(of: FakeMethod.settings))
          ], searchBudget: search, finalBudget: final)
      ])
  }
}
