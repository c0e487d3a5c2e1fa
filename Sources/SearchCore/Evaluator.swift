import OperationCosts
import Randomness

/// How a run or a trial ended; an expected outcome is a stored value, never a missing row.
public enum RunStatus: String, CaseIterable, Codable, Sendable {
  case completed
  /// The loss exploded, or became infinite or not a number.
  case diverged
  /// The budget ended before the work did: charged and recorded, never the incumbent.
  case budgetSpent = "budget-spent"
  /// The study's limit of measured time for a trial was reached.
  case timedOut = "timed-out"
  case killed
  /// It was foreseen to need more memory than there is, and was not begun.
  case outOfMemory = "out-of-memory"
  /// The evaluator has no value for this architecture.
  case outOfDomain = "out-of-domain"
  /// An error ended it; the journal says which.
  case failed
}

/// What is measured of an architecture; an absent metric is `nil`, never a placeholder.
public struct Measurement: Hashable, Codable, Sendable {
  /// Score on the validation split, in the sense of the task's objective.
  public var validation: Double?
  /// Score on the test split, in the same sense; only of a selected architecture.
  public var test: Double?
  /// Trainable parameters, without an auxiliary head.
  public var parameters: Int?
  /// Canonical floating-point operations of one example's forward pass.
  public var flopsPerExample: Int?
  /// Passes over the training split that the score is the result of.
  public var epochs: Double?
  /// SHA-256 of the trained weights, in hexadecimal.
  public var weightsChecksum: String?

  public init(
    validation: Double? = nil, test: Double? = nil, parameters: Int? = nil,
    flopsPerExample: Int? = nil, epochs: Double? = nil, weightsChecksum: String? = nil
  ) {
    self.validation = validation
    self.test = test
    self.parameters = parameters
    self.flopsPerExample = flopsPerExample
    self.epochs = epochs
    self.weightsChecksum = weightsChecksum
  }
}

/// A point of a learning curve: what an epoch of training came to.
public struct LearningPoint: Hashable, Codable, Sendable {
  /// Passes over the training split that are done.
  public var epochs: Double
  /// Mean loss of the epoch's examples, in nats.
  public var trainingLoss: Double
  /// Step size of the epoch's last update.
  public var learningRate: Double
  /// Score on the validation split after it, in the sense of the task's objective; `nil` if it was
  /// not measured.
  public var validation: Double?

  public init(
    epochs: Double, trainingLoss: Double, learningRate: Double, validation: Double? = nil
  ) {
    self.epochs = epochs
    self.trainingLoss = trainingLoss
    self.learningRate = learningRate
    self.validation = validation
  }
}

/// What one step of work cost, and whether the work is done.
public struct StepReport: Sendable {
  public let phase: Phase
  public let charge: Charge
  /// The result, with the last step; `nil` before.
  public let outcome: Outcome?
  /// Set when this step read the test split: why, to be journaled.
  public let testSplitRead: String?
  /// Set when a training has finished an epoch with this step, its validation included.
  public let learning: LearningPoint?
  /// Set when a one-shot search has finished an epoch with this step.
  public let epoch: SearchEpoch?
  /// Set when a one-shot search of several searches knows with this step what one came to.
  public let candidate: SearchCandidate?
  /// The architecture that a one-shot search has chosen, with its last step.
  public let chosen: Architecture?

  /// How a piece of work ended.
  public struct Outcome: Hashable, Codable, Sendable {
    public let status: RunStatus
    public let measurement: Measurement

    public init(status: RunStatus, measurement: Measurement) {
      self.status = status
      self.measurement = measurement
    }
  }

  public init(
    phase: Phase, charge: Charge, outcome: Outcome? = nil, testSplitRead: String? = nil,
    learning: LearningPoint? = nil, epoch: SearchEpoch? = nil, candidate: SearchCandidate? = nil,
    chosen: Architecture? = nil
  ) {
    self.phase = phase
    self.charge = charge
    self.outcome = outcome
    self.testSplitRead = testSplitRead
    self.learning = learning
    self.epoch = epoch
    self.candidate = candidate
    self.chosen = chosen
  }
}

/// Work in progress, one step at a time.
///
/// A step is one optimizer update or one evaluation minibatch. The harness owns the loop: it calls
/// `step`, charges the ledger, and stops between steps when the budget is spent.
public protocol Evaluation: AnyObject {
  /// Does the next step.
  ///
  /// - Precondition: No earlier step reported an outcome.
  func step() throws -> StepReport
}

/// What happens to a trial that would take a search past its budget.
public enum OverrunRule: String, Codable, Sendable {
  /// It runs to the first step boundary at or past the budget, and is recorded as unfinished.
  case stopAtStep = "stop-at-step"
  /// It is not made: the rule of NAS-Bench-201's recorded tables.
  case discardTrial = "discard-trial"
  /// It runs to its end, since nothing can stop it on the way, and is recorded as unfinished.
  case leaveUnfinished = "leave-unfinished"
}

/// What a piece of work would cost and need, known without doing it.
public struct EvaluationForecast: Hashable, Codable, Sendable {
  public let charge: Charge
  /// Most memory in use at once, in bytes; `nil` if unknown.
  public let peakMemoryBytes: Int?
  /// Part of the running statistics of normalisations that is still what they began with when it is
  /// scored by them, from 0 to 1: (1 - momentum)^updates. 0 where nothing is scored so.
  public let unlearntStatistics: Double

  /// Takes what is foreseen.
  public init(charge: Charge, peakMemoryBytes: Int?, unlearntStatistics: Double = 0) {
    self.charge = charge
    self.peakMemoryBytes = peakMemoryBytes
    self.unlearntStatistics = unlearntStatistics
  }
}

/// Scores architectures: by training them, or by looking them up in a recorded table.
public protocol Evaluator: AnyObject {
  /// The space whose architectures can be scored.
  var space: any SearchSpace { get }
  /// What scores mean.
  var objective: Objective { get }
  /// Whether costs are modelled or recorded, in words for the report.
  var costLabel: String { get }
  var overrunRule: OverrunRule { get }
  /// Size of the training split, in examples.
  var examplesPerEpoch: Int { get }
  /// Size of what final training sees in an epoch, in examples.
  var examplesPerFinalEpoch: Int { get }
  /// Names and SHA-256 checksums of the data behind the scores.
  var dataChecksums: [String: String] { get }

  /// Starts scoring an architecture.
  ///
  /// - Parameter epochs: Passes over the training split, at least 1; a training's schedule ends
  ///   with them. `nil` for the search's own fidelity.
  /// - Throws: One line, where scores are recorded and there is none of that fidelity.
  func trial(of architecture: Architecture, epochs: Int?, key: RandomKey) throws -> any Evaluation

  /// Starts training the selected architecture and measuring its validation and test score.
  ///
  /// - Parameter budget: What the training may spend; its schedule ends where the budget ends.
  ///   `nil` where scores are recorded and nothing is trained.
  func finalTraining(of architecture: Architecture, budget: Budget?, key: RandomKey) throws
    -> any Evaluation

  /// Starts a search by weights that all architectures share.
  ///
  /// - Parameter budget: What the search may spend, its choice at the end included.
  /// - Throws: `MethodError` if the evaluator or its space has no shared weights.
  func oneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget, key: RandomKey
  ) throws -> any Evaluation

  /// Prices a one-shot search without doing it.
  func forecastOneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget
  ) throws -> OneShotForecast

  /// Prices a trial without making it; fidelities as for `trial`.
  func forecastTrial(of architecture: Architecture, epochs: Int?) throws -> EvaluationForecast

  /// Prices final training without doing it.
  func forecastFinalTraining(of architecture: Architecture, budget: Budget?) throws
    -> EvaluationForecast

  /// How many seconds one run takes on this machine for a second of the reference device.
  ///
  /// Measured on a few steps, for plans only; `nil` where nothing is computed.
  func measureSecondsPerReferenceSecond() throws -> Double?
}

extension Evaluator {
  /// The training split's.
  public var examplesPerFinalEpoch: Int { examplesPerEpoch }

  /// Starts scoring an architecture at the search's own fidelity.
  public func trial(of architecture: Architecture, key: RandomKey) throws -> any Evaluation {
    try trial(of: architecture, epochs: nil, key: key)
  }

  /// Prices a trial at the search's own fidelity without making it.
  public func forecastTrial(of architecture: Architecture) throws -> EvaluationForecast {
    try forecastTrial(of: architecture, epochs: nil)
  }
}
