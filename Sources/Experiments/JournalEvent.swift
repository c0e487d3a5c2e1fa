import OperationCosts
import SearchCore

/// Something that happened in a run; one line of its journal.
public enum JournalEvent: Hashable, Sendable {
  case runStarted(RunStarted)
  /// A process began or took up the run; differs between machines and kills.
  case session([EnvironmentFact])
  case trialFinished(TrialRecord)
  /// A one-shot search has gone over the training split once more.
  case epochFinished(EpochRecord)
  /// One of a one-shot search's searches has its cell, trained for the choice.
  case candidateFinished(SearchCandidate)
  case testSplitRead(TestSplitRead)
  /// Work was lost to a stop or a kill.
  case interrupted(Interruption)
  case selected(Selection)
  case finalFinished(FinalRecord)
  /// The work could not go on.
  case failed(Failure)
  case runFinished(RunFinished)

  /// Whether the event is the same for the same suite, whatever machine, clock or kill.
  public var isCanonical: Bool {
    switch self {
    case .session, .interrupted, .failed: false
    default: true
    }
  }
}

/// What a run is, as its first line has it.
public struct RunStarted: Hashable, Codable, Sendable {
  public var suite: String
  public var version: Int
  public var run: String
  public var study: String
  public var method: String
  public var seedIndex: Int
  public var settings: [String: Double]
  /// Id of the objective that every score of this journal is of.
  public var objective: String
  /// Keys in hexadecimal: of the split, of the run, of final training.
  public var keys: [String: String]

  /// Makes a record of the given values.
  public init(
    suite: String, version: Int, run: String, study: String, method: String, seedIndex: Int,
    settings: [String: Double], objective: String, keys: [String: String]
  ) {
    self.suite = suite
    self.version = version
    self.run = run
    self.study = study
    self.method = method
    self.seedIndex = seedIndex
    self.settings = settings
    self.objective = objective
    self.keys = keys
  }
}

/// A trial that ended, in whichever way.
public struct TrialRecord: Hashable, Codable, Sendable {
  /// Position in the run, from 0.
  public var index: Int
  /// In the paper's notation.
  public var architecture: String
  public var identity: String
  public var status: RunStatus
  public var measurement: Measurement
  /// What this trial cost, by phase.
  public var charges: Ledger
  /// What the search had been charged when this trial ended.
  public var chargedSoFar: Charge
  /// The part of the search budget that was used then.
  public var budgetFraction: Double
  /// Epochs that the method asked for; `nil` for the study's own.
  public var epochs: Int?
  /// When the method's workers were at it; `nil` if it has but one.
  public var simulated: SimulatedTime?
  /// The training, epoch by epoch; `nil` unless the study asks for it.
  public var learning: [LearningPoint]?

  /// Makes a record of the given values.
  public init(
    index: Int, architecture: String, identity: String, status: RunStatus, measurement: Measurement,
    charges: Ledger, chargedSoFar: Charge, budgetFraction: Double, epochs: Int? = nil,
    simulated: SimulatedTime? = nil, learning: [LearningPoint]? = nil
  ) {
    self.index = index
    self.architecture = architecture
    self.identity = identity
    self.status = status
    self.measurement = measurement
    self.charges = charges
    self.chargedSoFar = chargedSoFar
    self.budgetFraction = budgetFraction
    self.epochs = epochs
    self.simulated = simulated
    self.learning = learning
  }

  /// Whether this trial would be selected rather than another: one that failed never is, one of
  /// more epochs comes first, then one of better score, then the earlier.
  func beats(_ other: TrialRecord?, by objective: Objective) -> Bool {
    guard status == .completed, let score = measurement.validation else { return false }
    guard let other, let otherScore = other.measurement.validation else { return true }
    let (epochs, otherEpochs) = (measurement.epochs ?? 0, other.measurement.epochs ?? 0)
    return epochs == otherEpochs
      ? objective.isBetter(score, than: otherScore) : epochs > otherEpochs
  }
}

/// Where a one-shot search stood after an epoch.
public struct EpochRecord: Hashable, Codable, Sendable {
  public var epoch: SearchEpoch
  /// What the search had been charged then.
  public var chargedSoFar: Charge
  /// The part of the search budget that was used then.
  public var budgetFraction: Double

  /// Makes a record of the given values.
  public init(epoch: SearchEpoch, chargedSoFar: Charge, budgetFraction: Double) {
    self.epoch = epoch
    self.chargedSoFar = chargedSoFar
    self.budgetFraction = budgetFraction
  }
}

/// A look at the test split, and why.
public struct TestSplitRead: Hashable, Codable, Sendable {
  public var architecture: String
  public var reason: String

  /// Makes a record of the given values.
  public init(architecture: String, reason: String) {
    self.architecture = architecture
    self.reason = reason
  }
}

/// Work that was lost.
public struct Interruption: Hashable, Codable, Sendable {
  /// `stopped` at a step boundary, `killed`, `failed`, or `checkpoint refused` with the reason.
  public var cause: String
  /// Everything lost, in phase `wasted`: all steps since the last checkpoint.
  public var lost: Ledger
  /// What the unfinished piece of work has cost and its checkpoint keeps; `nil` if nothing.
  public var kept: Ledger?

  /// Describes a loss.
  public init(cause: String, lost: Ledger, kept: Ledger = Ledger()) {
    self.cause = cause
    self.lost = lost
    self.kept = kept == Ledger() ? nil : kept
  }
}

/// Why a run could not go on; running again tries it again.
public struct Failure: Hashable, Codable, Sendable {
  /// What the error said, in one line.
  public var message: String
  /// `out-of-memory` if that was foreseen, else `failed`; `nil` in journals of earlier programs.
  public var status: RunStatus?

  /// Describes a failure.
  public init(message: String, status: RunStatus = .failed) {
    self.message = message
    self.status = status
  }
}

/// The architecture that the search chose.
public struct Selection: Hashable, Codable, Sendable {
  public var trial: Int
  public var architecture: String
  public var identity: String
  /// Validation score at the search's own fidelity.
  public var validation: Double

  /// Makes a record of the given values.
  public init(trial: Int, architecture: String, identity: String, validation: Double) {
    self.trial = trial
    self.architecture = architecture
    self.identity = identity
    self.validation = validation
  }
}

/// Final training's result.
public struct FinalRecord: Hashable, Codable, Sendable {
  public var outcome: StepReport.Outcome
  public var charges: Ledger
  /// The training, epoch by epoch; `nil` where nothing was trained.
  public var learning: [LearningPoint]?

  /// Makes a record of the given values.
  public init(
    outcome: StepReport.Outcome, charges: Ledger, learning: [LearningPoint]? = nil
  ) {
    self.outcome = outcome
    self.charges = charges
    self.learning = learning
  }
}

/// A run's last line: a run is done when it is there.
public struct RunFinished: Hashable, Codable, Sendable {
  public var status: RunStatus
  public var trials: Int
  /// Without wasted work, which is not canonical.
  public var charges: Ledger

  /// Makes a record of the given values.
  public init(status: RunStatus, trials: Int, charges: Ledger) {
    self.status = status
    self.trials = trials
    self.charges = charges
  }
}

extension JournalEvent: Codable {
  private enum Key: String, CodingKey { case kind, facts }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .runStarted(let record): try write("run-started", record)
    case .session(let facts):
      try container.encode("session", forKey: .kind)
      try container.encode(facts, forKey: .facts)
    case .trialFinished(let record): try write("trial-finished", record)
    case .epochFinished(let record): try write("epoch-finished", record)
    case .candidateFinished(let record): try write("candidate-finished", record)
    case .testSplitRead(let record): try write("test-split-read", record)
    case .interrupted(let record): try write("interrupted", record)
    case .selected(let record): try write("selected", record)
    case .finalFinished(let record): try write("final-finished", record)
    case .failed(let record): try write("failed", record)
    case .runFinished(let record): try write("run-finished", record)
    }
    func write(_ kind: String, _ record: some Encodable) throws {
      try container.encode(kind, forKey: .kind)
      try record.encode(to: encoder)
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let kind = try container.decode(String.self, forKey: .kind)
    switch kind {
    case "run-started": self = .runStarted(try RunStarted(from: decoder))
    case "session":
      self = .session(try container.decode([EnvironmentFact].self, forKey: .facts))
    case "trial-finished": self = .trialFinished(try TrialRecord(from: decoder))
    case "epoch-finished": self = .epochFinished(try EpochRecord(from: decoder))
    case "candidate-finished": self = .candidateFinished(try SearchCandidate(from: decoder))
    case "test-split-read": self = .testSplitRead(try TestSplitRead(from: decoder))
    case "interrupted": self = .interrupted(try Interruption(from: decoder))
    case "selected": self = .selected(try Selection(from: decoder))
    case "final-finished": self = .finalFinished(try FinalRecord(from: decoder))
    case "failed": self = .failed(try Failure(from: decoder))
    case "run-finished": self = .runFinished(try RunFinished(from: decoder))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container, debugDescription: "unknown kind '\(kind.prefix(60))'")
    }
  }
}

extension JournalEvent {
  /// In which trial another search was made of the same run, in words; empty if that is not it.
  func difference(from recorded: JournalEvent) -> String {
    guard case .trialFinished(let trial) = self, case .trialFinished(let other) = recorded,
      trial.architecture != other.architecture
    else { return "" }
    return ": trial \(trial.index) proposed \(other.architecture) then and "
      + "\(trial.architecture) now"
  }
}
