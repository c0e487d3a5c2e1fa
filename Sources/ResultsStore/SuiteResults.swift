import Experiments
import OperationCosts
import SearchCore

/// Everything a report says about one suite, folded from its records.
public struct SuiteResults: Codable, Sendable {
  /// Name of the suite.
  public var suite: String
  public var version: Int
  /// One or two sentences: what is compared and why.
  public var summary: String
  /// The suite's seed, from which every key is derived.
  public var seed: UInt64
  /// Runs of each method that the suite asks for, where a study does not.
  public var seeds: Int
  /// Name to print of the GPU whose hours are modelled.
  public var referenceDevice: String
  /// How far hours modelled for it can be trusted, in words; `nil` if the program did not know.
  public var referenceDeviceError: String?
  /// The resolved suite, every default spelled out, as YAML.
  public var lock: String
  /// SHA-256 of the canonical results, in hexadecimal.
  public var canonicalChecksum: String
  /// What the runs were computed on, in order, as printed: CPU, BLAS kernel, compiler, commit.
  public var environment: [Fact]
  public var studies: [StudyResults]

  /// A named value of the provenance page.
  public struct Fact: Hashable, Codable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public init(
    suite: String, version: Int, summary: String, seed: UInt64, seeds: Int,
    referenceDevice: String, lock: String, canonicalChecksum: String, environment: [Fact],
    studies: [StudyResults]
  ) {
    self.suite = suite
    self.version = version
    self.summary = summary
    self.seed = seed
    self.seeds = seeds
    self.referenceDevice = referenceDevice
    self.lock = lock
    self.canonicalChecksum = canonicalChecksum
    self.environment = environment
    self.studies = studies
  }
}

/// One task under one budget, with all its methods and seeds.
public struct StudyResults: Codable, Sendable {
  public var name: String
  /// Whether it tells which method is better, or how a method does with its space.
  public var kind: Study.Kind
  public var dataset: String
  public var space: String
  /// Spaces of the methods that have their own, by method; `nil` if none has.
  public var ownSpaces: [String: String]?
  /// Name of the kind of evaluator.
  public var evaluator: String
  /// The program that scored architectures and measured its seconds itself, as one would type it;
  /// `nil` for an evaluator of this project.
  public var evaluatorProgram: String?
  /// Training recipe at the search's fidelity and the declared scale, in order, as printed.
  public var protocolFacts: [SuiteResults.Fact]
  public var searchBudget: Budget
  /// `nil` where nothing is trained at the end.
  public var finalBudget: Budget?
  /// What scores mean.
  public var objective: Objective
  /// Whether costs are modelled or recorded, in words.
  public var costLabel: String
  /// Methods in the suite's order, by id.
  public var methods: [String]
  /// Runs of each method that the study asks for; `nil` for as many as the suite does.
  public var seeds: Int?
  /// Runs ordered by method, then seed index.
  public var runs: [RunResults]

  public init(
    name: String, kind: Study.Kind, dataset: String, space: String, evaluator: String,
    protocolFacts: [SuiteResults.Fact], searchBudget: Budget, finalBudget: Budget?,
    objective: Objective, costLabel: String, methods: [String], runs: [RunResults]
  ) {
    self.name = name
    self.kind = kind
    self.dataset = dataset
    self.space = space
    self.evaluator = evaluator
    self.protocolFacts = protocolFacts
    self.searchBudget = searchBudget
    self.finalBudget = finalBudget
    self.objective = objective
    self.costLabel = costLabel
    self.methods = methods
    self.runs = runs
  }
}

extension SuiteResults {
  /// Runs of each method that a study asks for.
  public func seeds(of study: StudyResults) -> Int { study.seeds ?? seeds }
}

extension StudyResults {
  /// Whether its architectures were trained: exactly then a recipe is recorded. Otherwise their
  /// scores were looked up.
  public var trains: Bool { !protocolFacts.isEmpty }
}

/// One method with one seed.
public struct RunResults: Codable, Sendable {
  /// Stable id: `<study>/<method>/<seed index>`.
  public var id: String
  public var method: String
  public var seedIndex: Int
  public var status: RunStatus
  /// Trials in the order they were made.
  public var trials: [TrialResults]
  /// Epochs of a one-shot search, in order; `nil` for a search by trials.
  public var epochs: [EpochRecord]?
  /// What each of a one-shot search's searches came to; `nil` where a run is one search.
  public var candidates: [SearchCandidate]?
  /// The architecture chosen, in the paper's notation; `nil` if no trial completed.
  public var selectedArchitecture: String?
  /// The selected architecture's cells.
  public var selectedGraphs: [CellGraph]
  /// Validation score of the selected architecture at the search's own fidelity.
  public var searchValidation: Double?
  /// The selected architecture trained under the final budget (or looked up).
  public var final: StepReport.Outcome?
  /// Final training, epoch by epoch; `nil` where nothing was trained.
  public var finalLearning: [LearningPoint]?
  /// Charges by phase; a phase without cost is absent.
  public var charges: [Phase: Charge]
  /// Measured time of the run; `nil` if unknown.
  public var wallClockSeconds: Double?
  /// Processor time of the run's process over all threads; `nil` if unknown.
  public var cpuSeconds: Double?
  /// What was measured, by phase; `nil` if unknown.
  public var measured: [Phase: MeasuredCost]?

  public init(
    id: String, method: String, seedIndex: Int, status: RunStatus, trials: [TrialResults],
    selectedArchitecture: String?, selectedGraphs: [CellGraph], searchValidation: Double?,
    final: StepReport.Outcome?, charges: [Phase: Charge], wallClockSeconds: Double?,
    cpuSeconds: Double?, measured: [Phase: MeasuredCost]? = nil
  ) {
    self.id = id
    self.method = method
    self.seedIndex = seedIndex
    self.status = status
    self.trials = trials
    self.selectedArchitecture = selectedArchitecture
    self.selectedGraphs = selectedGraphs
    self.searchValidation = searchValidation
    self.final = final
    self.charges = charges
    self.wallClockSeconds = wallClockSeconds
    self.cpuSeconds = cpuSeconds
    self.measured = measured
  }
}

extension RunResults {
  /// Validation score of each trial, `nil` where it failed or was trained for fewer epochs than the
  /// run's longest trials: scores that can be compared with each other, as the selection does.
  public var scores: [Double?] {
    let completed = trials.map { $0.status == .completed ? $0.measurement : nil }
    let longest = completed.compactMap { $0?.epochs }.max()
    return completed.map { $0?.epochs == longest ? $0?.validation : nil }
  }
}

/// One architecture trained or queried.
public struct TrialResults: Codable, Sendable {
  /// Position in the run, from 0.
  public var index: Int
  /// In the paper's notation.
  public var architecture: String
  /// Equal for architectures that compute the same function.
  public var identity: String
  public var status: RunStatus
  public var measurement: Measurement
  /// What the search had been charged when this trial ended.
  public var chargedSoFar: Charge
  /// The part of the search budget that was used then; above 1 by at most one step.
  public var budgetFraction: Double
  /// The training, epoch by epoch; `nil` unless the study asks for it.
  public var learning: [LearningPoint]?

  public init(
    index: Int, architecture: String, identity: String, status: RunStatus,
    measurement: Measurement, chargedSoFar: Charge, budgetFraction: Double
  ) {
    self.index = index
    self.architecture = architecture
    self.identity = identity
    self.status = status
    self.measurement = measurement
    self.chargedSoFar = chargedSoFar
    self.budgetFraction = budgetFraction
  }
}
