import Foundation
import Randomness
import SearchCore
import Statistics

/// What a suite will do and cost, known without doing it.
public struct SuitePlan: Codable, Sendable {
  /// What one method will do in one study.
  public struct MethodPlan: Codable, Sendable {
    public var method: String
    public var runs: Int
    /// Trials that a run can be expected to make; `nil` if the budget's unit does not tell.
    public var expectedTrials: Double?
    /// Trials below which the method has not begun to work.
    public var minimumTrials: Int
  }

  /// What one study will cost.
  public struct StudyPlan: Codable, Sendable {
    public var study: String
    public var methods: [MethodPlan]
    /// Whether costs are modelled or recorded, in words.
    public var costLabel: String
    /// Mean modelled seconds of a trial on the reference device, over sampled architectures.
    public var secondsPerTrial: Double
    /// Modelled seconds of all runs' searches and final trainings; `nil` if unknown.
    public var referenceSeconds: Double?
    /// Most memory of one run, in bytes; `nil` if unknown.
    public var peakMemoryBytes: Int?
    /// Time on this machine with the given number of processes, in seconds; `nil` if unknown.
    public var machineSeconds: Double?
  }

  public var suite: String
  public var device: String
  /// How far hours modelled for the device can be trusted, in words.
  public var deviceError: String
  public var jobs: Int
  /// Difference between two methods' means that the seeds find with 80 % power at the 5 % level,
  /// in standard deviations of a single run; `nil` with one seed.
  public var detectableDifference: Double?
  public var studies: [StudyPlan]
  /// Why the suite will not be run, one line a reason; empty if it can.
  public var refusals: [String]

  /// Number of architectures whose costs are averaged.
  private static let sampleCount = 64

  /// Plans a suite.
  ///
  /// - Parameters:
  ///   - evaluators: The evaluator of each study, in order.
  ///   - jobs: Runs at once.
  ///   - measuresMachine: Whether a few steps are timed to say how long the suite takes here.
  public init(
    suite: Suite, workbench: any Workbench, evaluators: [any Evaluator], jobs: Int,
    measuresMachine: Bool = false
  ) throws {
    self.suite = suite.name
    device = suite.device
    deviceError = try workbench.device(named: suite.device).heldOutError
    self.jobs = jobs
    detectableDifference = DetectableDifference.smallest(seeds: suite.seeds, standardDeviation: 1)
    studies = []
    refusals = []
    for (study, evaluator) in zip(suite.studies, evaluators) {
      let rate = try measuresMachine ? evaluator.measureSecondsPerReferenceSecond() : nil
      try plan(study, of: suite, evaluator: evaluator, workbench: workbench, rate: rate)
    }
  }

  private mutating func plan(
    _ study: Study, of suite: Suite, evaluator: any Evaluator, workbench: any Workbench,
    rate: Double?
  ) throws {
    let forecast = try Self.forecast(study, seed: suite.seed, evaluator: evaluator)
    let expected = forecast.fraction > 0 ? 1 / forecast.fraction : nil
    var methods: [MethodPlan] = []
    for choice in study.methods {
      let minimum =
        workbench.methods.first { $0.name == choice.name }?.init(
          space: evaluator.space, settings: choice.settings, key: RandomKey(seed: suite.seed)
        ).minimumTrials ?? 1
      methods.append(
        MethodPlan(
          method: choice.name, runs: suite.seeds, expectedTrials: expected,
          minimumTrials: minimum))
      if let expected, expected < Double(minimum) {
        refusals.append(
          "study '\(study.name)': a search budget of \(study.searchBudget.amount.shortText) "
            + "\(study.searchBudget.unit.rawValue) makes about \(Int(expected)) trials; "
            + "\(choice.name) needs at least \(minimum); raise the budget or lower its settings")
      }
    }
    let runs = Double(suite.seeds * study.methods.count)
    let searchSeconds = expected.map { $0 * forecast.secondsPerTrial }
    let reference = searchSeconds.map { runs * ($0 + forecast.finalSeconds) }
    studies.append(
      StudyPlan(
        study: study.name, methods: methods, costLabel: evaluator.costLabel,
        secondsPerTrial: forecast.secondsPerTrial, referenceSeconds: reference,
        peakMemoryBytes: forecast.peakMemoryBytes,
        machineSeconds: reference.flatMap { seconds in
          rate.map { seconds * $0 / min(Double(max(1, jobs)), max(1, runs)) }
        }))
  }

  private struct Forecast {
    /// Part of the search budget that a trial takes.
    var fraction = 0.0
    var secondsPerTrial = 0.0
    var finalSeconds = 0.0
    var peakMemoryBytes: Int?
  }

  private static func forecast(
    _ study: Study, seed: UInt64, evaluator: any Evaluator
  ) throws -> Forecast {
    var generator = RandomKey(seed: seed).child("plan").generator()
    var result = Forecast()
    for _ in 0..<sampleCount {
      let architecture = evaluator.space.sample(using: &generator)
      let trial = try evaluator.forecastTrial(of: architecture)
      let final = try evaluator.forecastFinalTraining(
        of: architecture, budget: study.finalBudget)
      let share = 1 / Double(sampleCount)
      result.fraction +=
        share
        * Spending(charge: trial.charge, completedTrials: 1)
        .fraction(of: study.searchBudget, examplesPerEpoch: evaluator.examplesPerEpoch)
      result.secondsPerTrial += share * 1e-9 * Double(trial.charge.referenceNanoseconds)
      result.finalSeconds += share * 1e-9 * Double(final.charge.referenceNanoseconds)
      for case .some(let bytes) in [trial.peakMemoryBytes, final.peakMemoryBytes] {
        result.peakMemoryBytes = max(result.peakMemoryBytes ?? 0, bytes)
      }
    }
    return result
  }
}
