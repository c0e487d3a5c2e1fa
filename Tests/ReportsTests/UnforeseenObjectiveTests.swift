import Experiments
import Foundation
import OperationCosts
import Randomness
import Reports
import ResultsStore
import SearchCore
import Testing

/// Objectives that no part of the program knows, on work that is no network: neither needs more
/// than what stands in this file.
extension Objective {
  /// Lower is better, without a bound, with a unit.
  fileprivate static let latency = Objective(
    id: "tail-latency", name: "latency", measures: "99th percentile of a request's time in seconds",
    lowest: 0, unit: "ms", printedScale: 1000, decimals: 1, differenceUnit: "milliseconds",
    reward: .opposite)

  /// Higher is better, without any bound.
  fileprivate static let gain = Objective(
    id: "gain", name: "gain", measures: "gain of an amplifier in decibels", direction: .maximize,
    unit: "dB", decimals: 3, differenceUnit: "decibels", reward: .value)
}

/// A queue with so many servers: one decision.
private struct Queues: SearchSpace {
  static let name = "queues"
  let decisions = [Decision(name: "servers", options: (1...9).map { "\($0)" })]

  func text(of architecture: Architecture) -> String { "\(architecture.choices[0] + 1)" }

  func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard let servers = Int(text), (1...9).contains(servers) else {
      throw ArchitectureError("found '\(text)'; expected 1 to 9 servers")
    }
    return Architecture(space: Self.name, choices: [servers - 1])
  }

  func identity(of architecture: Architecture) -> String { text(of: architecture) }
  func graphs(of architecture: Architecture) -> [CellGraph] { [] }
}

/// Proposes at random, and keeps all that it is told.
private struct Drawing: SearchMethod {
  static let name = "drawing"
  static let settings: [MethodSetting] = []
  let space: any SearchSpace
  var generator: KeyedGenerator
  let minimumTrials = 1

  init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    generator = key.generator()
  }

  mutating func ask() -> Proposal { Proposal(space.sample(using: &generator)) }
  mutating func tell(_ observation: Observation) {}
}

/// Measures a queue in five steps, and can go on from any of them.
private final class QueueMeasurement: Evaluation, Checkpointable {
  private let outcome: StepReport.Outcome
  private let phase: Phase
  private let onStep: () -> Void
  private var done = 0

  init(_ outcome: StepReport.Outcome, phase: Phase, onStep: @escaping () -> Void) {
    self.outcome = outcome
    self.phase = phase
    self.onStep = onStep
  }

  func step() throws -> StepReport {
    onStep()
    done += 1
    return StepReport(
      phase: phase, charge: Charge(flops: 1, referenceNanoseconds: 1_000_000_000),
      outcome: done == 5 ? outcome : nil,
      testSplitRead: done == 5 ? outcome.measurement.test.map { _ in "the end" } : nil)
  }

  func snapshot() throws -> Snapshot { Snapshot(state: Array("\(done)".utf8)) }

  func restore(from snapshot: Snapshot) throws {
    done = Int(String(decoding: snapshot.state, as: UTF8.self)) ?? 0
  }
}

/// Scores of -1 to 12 that grow with the servers, whatever they mean.
private final class QueueEvaluator: Evaluator {
  let space: any SearchSpace = Queues()
  let objective: Objective
  let costLabel = "made up"
  let overrunRule = OverrunRule.stopAtStep
  let examplesPerEpoch = 1
  let dataChecksums: [String: String] = [:]
  var onStep: () -> Void = {}

  init(_ objective: Objective) { self.objective = objective }

  private func value(_ architecture: Architecture, _ key: RandomKey) -> Double {
    var generator = key.generator()
    return Double(architecture.choices[0]) + generator.uniform() + 0.5
  }

  func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey
  ) throws -> any Evaluation {
    let measurement = Measurement(validation: value(architecture, key))
    return QueueMeasurement(
      .init(status: .completed, measurement: measurement), phase: .search, onStep: onStep)
  }

  func finalTraining(
    of architecture: Architecture, budget: Budget?, key: RandomKey
  ) throws -> any Evaluation {
    let score = value(architecture, key)
    return QueueMeasurement(
      .init(status: .completed, measurement: Measurement(validation: score, test: score)),
      phase: .finalTraining, onStep: onStep)
  }

  func forecastTrial(of architecture: Architecture, epochs: Int?) throws -> EvaluationForecast {
    EvaluationForecast(charge: Charge(referenceNanoseconds: 5_000_000_000), peakMemoryBytes: nil)
  }

  func forecastFinalTraining(
    of architecture: Architecture, budget: Budget?
  ) throws -> EvaluationForecast {
    EvaluationForecast(charge: Charge(referenceNanoseconds: 5_000_000_000), peakMemoryBytes: nil)
  }

  func measureSecondsPerReferenceSecond() throws -> Double? { nil }
}

@Suite struct UnforeseenObjectiveTests {
  private static let suite = Suite(
    name: "queues", version: 1, summary: "Queues.", seed: 4, seeds: 3, device: "none",
    studies: [
      Study(
        name: "line", kind: .commonSpace, dataset: "requests", space: "queues",
        evaluator: "measuring", training: nil,
        methods: [MethodChoice(name: "drawing", settings: MethodSettings(of: []))],
        searchBudget: Budget(42, .referenceGPUSeconds),
        finalBudget: Budget(6, .referenceGPUSeconds))
    ])

  /// Does all runs, each stopped after so many steps and taken up again until it is done.
  private static func results(
    _ objective: Objective, stoppingEvery steps: Int
  ) throws -> SuiteResults {
    let folder = ResultsFolder(
      root: FileManager.default.temporaryDirectory.appending(path: "searchlight-\(UUID())"))
    defer { try? FileManager.default.removeItem(at: folder.root) }
    let evaluator = QueueEvaluator(objective)
    for run in suite.runs {
      var end = RunExecutor.End.interrupted
      while end == .interrupted {
        let stop = StopFlag()
        var left = steps
        evaluator.onStep = {
          left -= 1
          if left == 0 { stop.raise() }
        }
        end = try RunExecutor(
          suite: suite, run: run,
          procedure: SearchProcedure(of: Drawing.self, settings: run.method.settings),
          evaluator: evaluator,
          folder: folder.folder(of: run), stop: stop
        ).execute()
      }
      #expect(end == .finished(.completed))
    }
    let header = SuiteResults(
      suite: suite, deviceTitle: "none", lock: "",
      tasks: [(objective, evaluator.costLabel)])
    return try SuiteRecords(in: folder).collect(header, spaces: [Queues()])
  }

  @Test(arguments: [Objective.latency, .gain])
  func stopsChangeNoByte(objective: Objective) throws {
    let whole = try Self.results(objective, stoppingEvery: .max)
    let stopped = try Self.results(objective, stoppingEvery: 3)
    #expect(whole.canonicalChecksum == stopped.canonicalChecksum)
    #expect(whole.studies.first?.objective == objective)
  }

  @Test(arguments: [Objective.latency, .gain])
  func theBestIsSelectedInTheObjectivesDirection(objective: Objective) throws {
    for run in try Self.results(objective, stoppingEvery: .max).studies[0].runs {
      let scores = run.trials.compactMap {
        $0.status == .completed ? $0.measurement.validation : nil
      }
      #expect(scores.count == 8)
      let best = objective.direction == .minimize ? scores.min() : scores.max()
      #expect(run.searchValidation == best)
    }
  }

  @Test func reportsSpeakOfTheObjective() throws {
    let results = try Self.results(.latency, stoppingEvery: .max)
    let files = try ReportWriter(results: results, published: [], baseline: nil).files()
    func text(_ name: String) throws -> String {
      let file = try #require(files.first { $0.name == name })
      return String(decoding: file.data, as: UTF8.self)
    }
    let mean =
      try #require(
        results.studies[0].runs.compactMap(\.searchValidation).reduce(0, +) as Double?) / 3
    let latex = try text("results.tex")
    #expect(latex.contains("validation latency in search (ms)"))
    #expect(latex.contains("test latency (ms)"))
    #expect(latex.contains(String(format: "%.1f {[}", 1000 * mean)))
    for name in ["results.tex", "results.csv", "results.json"] {
      // How far modelled costs are off is the only error there is.
      let lines = try text(name).split(separator: "\n")
      #expect(!lines[0].contains("validation_error") && !lines[0].contains("test_error"))
      #expect(!lines.contains { $0.contains("test error") || $0.contains("validation error") })
    }
    #expect(try text("results.csv").contains(",completed,tail-latency,"))
    #expect(files.contains { $0.name == "charts/line-test-latency.svg" })
  }

  @Test func scoresArePrintedWithTheirUnit() {
    #expect(Objective.classificationError.text(0.1231) == "12.31\u{202F}%")
    #expect(Objective.perplexity.text(114.5) == "114.50")
    #expect(Objective.latency.text(0.01234) == "12.3\u{202F}ms")
    #expect(Objective.latency.text(nil as Double?) == "unknown")
  }

  @Test func anImpossibleScoreIsRefused() {
    #expect(Objective.latency.accepts(1e9) && !Objective.latency.accepts(-0.5))
    #expect(!Objective.latency.accepts(.nan) && !Objective.gain.accepts(.infinity))
    #expect(Objective.latency.rangeText == "0 or more")
    #expect(Objective.classificationError.rangeText == "0 to 1")
    #expect(Objective.gain.rangeText == "a finite number")
  }
}
