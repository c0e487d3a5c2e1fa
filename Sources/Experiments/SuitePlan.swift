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
    /// Name of the space that is searched.
    public var space: String
    /// Passes over the training split that a one-shot search can be expected to make; `nil` for
    /// other methods.
    public var expectedEpochs: Double?
    /// Modelled seconds on the reference device that one search keeps for its choice at the end;
    /// `nil` for methods that make none.
    public var selectionSeconds: Double?
    /// Updates of its controller in these epochs; `nil` without one.
    public var expectedControllerUpdates: Int?
    /// Mean modelled seconds of a trial on the reference device, over sampled architectures; of an
    /// epoch of a one-shot search. `nil` where a program trains, of which nothing is known.
    public var secondsPerTrial: Double?
    /// Modelled seconds of one search on the reference device; `nil` if unknown.
    public var searchSeconds: Double?
    /// Part of the running statistics of a trial's normalisations that is still what they began with
    /// when the trial is scored, from 0 to 1; `nil` if it is no more than `mostUnlearntStatistics`,
    /// or trials are not scored so.
    public var unlearntStatistics: Double?
  }

  /// Part of initial running statistics, 1 %, above which a plan says so: a variance of 1 that is far
  /// from what a layer has shrinks what it passes on, so that architectures with fewer normalisations
  /// in a row are favoured.
  public static let mostUnlearntStatistics = 0.01

  /// What one study will cost.
  public struct StudyPlan: Codable, Sendable {
    public var study: String
    public var methods: [MethodPlan]
    /// Runs of each method.
    public var seeds: Int
    /// Difference between two methods' means that the seeds find with 80 % power at the 5 % level,
    /// in standard deviations of a single run; `nil` with one seed.
    public var detectableDifference: Double?
    /// Whether costs are modelled or recorded, in words.
    public var costLabel: String
    /// Modelled seconds of all runs' searches and final trainings; `nil` if unknown.
    public var referenceSeconds: Double?
    /// Most memory of one run, in bytes; `nil` if unknown.
    public var peakMemoryBytes: Int?
    /// Time on this machine with the given number of processes, in seconds; `nil` if unknown.
    public var machineSeconds: Double?
    /// What a paper says that one search cost; `nil` if the suite does not say.
    public var publishedCost: PublishedCost?
  }

  public var suite: String
  public var device: String
  /// How far hours modelled for the device can be trusted, in words.
  public var deviceError: String
  public var jobs: Int
  public var studies: [StudyPlan]
  /// Why the suite will not be run, one line a reason; empty if it can.
  public var refusals: [String]

  /// Plans a suite.
  ///
  /// - Parameters:
  ///   - jobs: Runs at once.
  ///   - measuresMachine: Whether a few steps are timed to say how long the suite takes here.
  ///   - progress: Told how many of the studies' methods are planned, before each and at the end.
  public init(
    suite: Suite, workbench: any Workbench, evaluators: SuiteEvaluators, jobs: Int,
    measuresMachine: Bool = false, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    self.suite = suite.name
    device = suite.device
    deviceError = try workbench.device(named: suite.device).heldOutError
    self.jobs = jobs
    studies = []
    refusals = []
    let total = suite.studies.reduce(0) { $0 + $1.methods.count }
    var done = 0
    for study in suite.studies {
      progress(done, total)
      let rate = try measuresMachine ? evaluators[study].measureSecondsPerReferenceSecond() : nil
      try plan(study, of: suite, evaluators: evaluators, workbench: workbench, rate: rate) {
        progress(done, total)
        done += 1
      }
    }
    progress(done, total)
  }

  private mutating func plan(
    _ study: Study, of suite: Suite, evaluators: SuiteEvaluators, workbench: any Workbench,
    rate: Double?, onMethod: () -> Void
  ) throws {
    var forecasts = TrialForecasts(of: study, seed: suite.seed)
    var methods: [MethodPlan] = []
    let seeds = suite.seeds(of: study)
    var (seconds, memory): (Double?, Int?) = (0, nil)
    for choice in study.methods {
      onMethod()
      let space = choice.space ?? study.space
      let evaluator = try evaluators[study, space]
      let method = workbench.methods.first { $0.name == choice.name }
      let search = (method as? any SearchMethod.Type)?.init(
        space: evaluator.space, settings: choice.settings, key: RandomKey(seed: suite.seed))
      var forecast: TrialForecasts.Forecast
      do {
        forecast = try forecasts.mean(of: search, by: evaluator)
      } catch {
        guard let search, search.fidelities(ofTrials: 1) != [.own] else { throw error }
        refusals.append("study '\(study.name)': \(choice.label): \(error)")
        continue
      }
      // What a program of its own will ask for is not known; all trials are taken for the study's.
      let trialSeconds = study.evaluatorProgram == nil ? forecast.seconds : nil
      var plan = MethodPlan(
        method: choice.label, runs: seeds,
        expectedTrials: choice.plugin == nil ? nil : forecast.trials, minimumTrials: 1,
        space: space, secondsPerTrial: trialSeconds)
      func spent(on trials: Double?) -> Double? {
        trials.flatMap { trials in trialSeconds.map { trials * $0 } }
      }
      var searchSeconds = spent(on: plan.expectedTrials)
      var oneShot: OneShotForecast?
      if let method = method as? any OneShotMethod.Type {
        let search = try evaluator.forecastOneShotSearch(
          by: method, settings: choice.settings, budget: study.searchBudget)
        searchSeconds = plan.take(search, within: study.searchBudget, evaluator: evaluator)
        forecast.peakMemoryBytes = search.peakMemoryBytes
        oneShot = search
      } else if let search {
        plan.minimumTrials = search.minimumTrials
        plan.expectedTrials = forecast.trials.map { min($0, Double(search.maximumTrials ?? .max)) }
        searchSeconds = spent(on: plan.expectedTrials)
        if forecast.unlearntStatistics > Self.mostUnlearntStatistics {
          plan.unlearntStatistics = forecast.unlearntStatistics
        }
      }
      plan.searchSeconds = searchSeconds
      if let refusal = plan.refusal(of: study, oneShot) { refusals.append(refusal) }
      methods.append(plan)
      seconds = seconds.flatMap { total in
        searchSeconds.map { total + Double(seeds) * ($0 + forecast.finalSeconds) }
      }
      memory = [memory, forecast.peakMemoryBytes].compactMap { $0 }.max()
    }
    let runs = Double(seeds * study.methods.count)
    studies.append(
      StudyPlan(
        study: study.name, methods: methods, seeds: seeds,
        detectableDifference: DetectableDifference.smallest(seeds: seeds, standardDeviation: 1),
        costLabel: try evaluators[study].costLabel,
        referenceSeconds: seconds, peakMemoryBytes: memory,
        machineSeconds: seconds.flatMap { seconds in
          rate.map { seconds * $0 / min(Double(max(1, jobs)), max(1, runs)) }
        }, publishedCost: study.publishedCost))
  }
}

extension SuitePlan.MethodPlan {
  /// Takes in what a one-shot search would cost.
  ///
  /// - Returns: Modelled seconds of one search on the reference device.
  fileprivate mutating func take(
    _ search: OneShotForecast, within budget: Budget, evaluator: any Evaluator
  ) -> Double {
    let epochs = search.epochs(within: budget, examplesPerEpoch: evaluator.examplesPerEpoch)
    expectedEpochs = epochs
    if search.controllerUpdatesPerEpoch > 0 {
      expectedControllerUpdates = search.controllerUpdatesPerEpoch * Int(min(epochs, 1e9))
    }
    let seconds = 1e-9 * Double(search.epoch.referenceNanoseconds)
    secondsPerTrial = seconds
    let selection = 1e-9 * Double(search.selection.referenceNanoseconds)
    selectionSeconds = selection
    return epochs * seconds + selection
  }

  /// Why the method cannot begin to work under a study's budget; `nil` if it can.
  fileprivate func refusal(of study: Study, _ oneShot: OneShotForecast?) -> String? {
    let budget =
      "study '\(study.name)': a search budget of \(study.searchBudget.amount.shortText) "
      + "\(study.searchBudget.unit.rawValue) "
    let advice = "; raise the budget or lower its settings"
    if let expectedEpochs, let oneShot, expectedEpochs < Double(oneShot.minimumEpochs) {
      let epochs = oneShot.minimumEpochs == 1 ? "one epoch" : "\(oneShot.minimumEpochs) epochs"
      return budget + "is less than \(epochs) of \(method) and its choice at the end"
        + (oneShot.economy.map { "; raise the budget, or \($0)" } ?? advice)
    }
    if let expectedTrials, expectedTrials < Double(minimumTrials) {
      return budget + "makes about \(Int(expectedTrials)) trials; \(method) needs at least "
        + "\(minimumTrials)" + advice
    }
    return nil
  }
}
