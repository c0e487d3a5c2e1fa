import OperationCosts
import Randomness
import SearchCore

/// Scores architectures by looking them up in a recorded table.
///
/// A trial is one step that costs the table's seconds. A trial that would take the search past its
/// budget is discarded, which is the rule of the authors' random search and evolution; their
/// REINFORCE lets it into the choice. Final training costs nothing: its result is looked up as well.
/// Of several seeds a trial draws one, as the authors' programs do, and costs their mean; a final
/// result is the mean over all seeds. An architecture without a row of its own has that of its class,
/// whose networks compute the same.
public final class TableEvaluator: Evaluator {
  /// What a table says of one architecture.
  public struct Row: Hashable, Sendable {
    /// In the paper's notation.
    public let architecture: String
    /// Validation score at the search's fidelity.
    public let validation: Double
    /// Validation score after full training; `nil` if the table does not say.
    public let finalValidation: Double?
    /// Test score after full training; `nil` if the table does not say.
    public let finalTest: Double?
    /// Seconds of training and validation at the search's fidelity, above 0.
    public let trialSeconds: Double

    /// Takes a row's values; they are checked with the table.
    public init(
      architecture: String, validation: Double, finalValidation: Double?,
      finalTest: Double?, trialSeconds: Double
    ) {
      self.architecture = architecture
      self.validation = validation
      self.finalValidation = finalValidation
      self.finalTest = finalTest
      self.trialSeconds = trialSeconds
    }
  }

  /// What holds for a whole table.
  public struct Description: Hashable, Sendable {
    /// What the scores are of.
    public var objective: Objective
    /// Whether the seconds are recorded or modelled, in words for the report.
    public var costLabel: String
    /// Size of the training split, in examples.
    public var examplesPerEpoch: Int
    /// Epochs of the search's fidelity.
    public var trialEpochs: Int
    /// Epochs of full training.
    public var finalEpochs: Int
    /// Names and SHA-256 checksums of the table's files.
    public var dataChecksums: [String: String]

    /// Describes a table.
    public init(
      objective: Objective, costLabel: String, examplesPerEpoch: Int, trialEpochs: Int,
      finalEpochs: Int,
      dataChecksums: [String: String]
    ) {
      self.objective = objective
      self.costLabel = costLabel
      self.examplesPerEpoch = examplesPerEpoch
      self.trialEpochs = trialEpochs
      self.finalEpochs = finalEpochs
      self.dataChecksums = dataChecksums
    }
  }

  public let space: any SearchSpace
  public var objective: Objective { table.objective }
  public var costLabel: String { table.costLabel }
  public let overrunRule = OverrunRule.discardTrial
  public var examplesPerEpoch: Int { table.examplesPerEpoch }
  public var dataChecksums: [String: String] { table.dataChecksums }

  /// Training with one seed.
  struct Trial {
    let score: Double
    let seconds: Double
  }

  /// All that is recorded of one architecture.
  struct Entry {
    /// By epochs; of each seed, in the order of the seeds.
    var trials: [Int: [Trial]] = [:]
    var finalValidation: Double?
    var finalTest: Double?
  }

  private let table: Description
  private let entries: [Architecture: Entry]
  /// The first entry of each class of architectures that compute the same.
  private let classes: [String: Entry]

  /// Takes a table.
  ///
  /// - Throws: `TableError` if a row is unreadable, out of range or given twice.
  public convenience init(
    space: any SearchSpace, rows: [Row], description: Description
  ) throws(TableError) {
    var found: [Architecture: Entry] = [:]
    found.reserveCapacity(rows.count)
    for (index, row) in rows.enumerated() {
      let architecture = try Self.check(
        row, index: index, space: space, objective: description.objective)
      let entry = Entry(
        trials: [
          description.trialEpochs: [Trial(score: row.validation, seconds: row.trialSeconds)]
        ], finalValidation: row.finalValidation, finalTest: row.finalTest)
      guard found.updateValue(entry, forKey: architecture) == nil else {
        throw TableError("row \(index + 1): '\(row.architecture)' is given twice; expected once")
      }
    }
    guard !found.isEmpty else {
      throw TableError("the table has no rows; expected at least one architecture")
    }
    self.init(space: space, entries: found, classes: [:], description: description)
  }

  init(
    space: any SearchSpace, entries: [Architecture: Entry], classes: [String: Entry],
    description: Description
  ) {
    self.space = space
    self.entries = entries
    self.classes = classes
    table = description
  }

  /// A table that says nothing of any architecture, for plans: looking up costs nothing.
  public static func blank(of space: any SearchSpace, objective: Objective) -> TableEvaluator {
    TableEvaluator(
      space: space, entries: [:], classes: [:],
      description: Description(
        objective: objective, costLabel: "unknown", examplesPerEpoch: 1, trialEpochs: 1,
        finalEpochs: 1, dataChecksums: [:]))
  }

  private func entry(of architecture: Architecture) -> Entry? {
    entries[architecture]
      ?? (classes.isEmpty ? nil : classes[space.identity(of: architecture)])
  }

  public func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey
  ) throws -> any Evaluation {
    let epochs = epochs ?? table.trialEpochs
    guard let entry = entry(of: architecture) else { return LookUp(.outOfDomain, phase: .search) }
    let trials = try trials(of: entry, epochs: epochs)
    var generator = key.child("recorded-seed").generator()
    let drawn = trials.count > 1 ? trials[generator.integer(below: trials.count)] : trials[0]
    return LookUp(
      StepReport(
        phase: .search, charge: charge(of: trials, epochs: epochs),
        outcome: .init(
          status: .completed,
          measurement: Measurement(validation: drawn.score, epochs: Double(epochs)))))
  }

  public func finalTraining(
    of architecture: Architecture, budget: Budget?, key: RandomKey
  ) throws -> any Evaluation {
    guard let entry = entry(of: architecture) else {
      return LookUp(.outOfDomain, phase: .finalTraining)
    }
    return LookUp(
      StepReport(
        phase: .finalTraining, charge: .zero,
        outcome: .init(
          status: .completed,
          measurement: Measurement(
            validation: entry.finalValidation, test: entry.finalTest,
            epochs: Double(table.finalEpochs))),
        testSplitRead: entry.finalTest == nil
          ? nil : "recorded \(objective.name(on: .test)) of the selected architecture"))
  }

  public func forecastTrial(
    of architecture: Architecture, epochs: Int?
  ) throws -> EvaluationForecast {
    let epochs = epochs ?? table.trialEpochs
    guard let entry = entry(of: architecture) else {
      return EvaluationForecast(charge: .zero, peakMemoryBytes: nil)
    }
    return EvaluationForecast(
      charge: charge(of: try trials(of: entry, epochs: epochs), epochs: epochs),
      peakMemoryBytes: nil)
  }

  public func forecastFinalTraining(
    of architecture: Architecture, budget: Budget?
  ) throws -> EvaluationForecast {
    EvaluationForecast(charge: .zero, peakMemoryBytes: nil)
  }

  public func measureSecondsPerReferenceSecond() throws -> Double? { nil }

  private func trials(of entry: Entry, epochs: Int) throws(TableError) -> [Trial] {
    if let trials = entry.trials[epochs] { return trials }
    let known = entry.trials.keys.sorted().map(String.init).joined(separator: " or ")
    throw TableError(
      "the recorded table has no trials of \(epochs) epoch(s); expected \(known); set "
        + "the method's epochs to \(known), or train with 'evaluator: training'")
  }

  /// What a trial costs, whichever seed it draws.
  ///
  /// Floating-point operations and bytes stay 0 beside a time, which `Charge` reads as unknown.
  private func charge(of trials: [Trial], epochs: Int) -> Charge {
    let seconds = trials.reduce(0) { $0 + $1.seconds } / Double(trials.count)
    return Charge(
      referenceNanoseconds: Int128((seconds * 1e9).rounded()),
      trainingExamples: epochs * table.examplesPerEpoch)
  }

  private static func check(
    _ row: Row, index: Int, space: any SearchSpace, objective: Objective
  ) throws(TableError) -> Architecture {
    let scores = [row.validation, row.finalValidation, row.finalTest].compactMap { $0 }
    for score in scores where !objective.accepts(score) {
      throw TableError(
        "row \(index + 1): found \(objective.id) \(score); expected \(objective.rangeText)")
    }
    guard row.trialSeconds > 0, row.trialSeconds < 1e9 else {
      throw TableError(
        "row \(index + 1): found a cost of \(row.trialSeconds) s; expected above 0 and below 1e9")
    }
    do {
      return try space.parse(row.architecture)
    } catch {
      throw TableError("row \(index + 1): \(error.description)")
    }
  }
}

/// A table that cannot be used.
public struct TableError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  /// Makes an error from its one line.
  public init(_ description: String) { self.description = description }
}

/// One step that reports what is already known.
private final class LookUp: Evaluation {
  private let report: StepReport

  init(_ report: StepReport) { self.report = report }

  init(_ status: RunStatus, phase: Phase) {
    report = StepReport(
      phase: phase, charge: .zero, outcome: .init(status: status, measurement: Measurement()))
  }

  func step() throws -> StepReport { report }
}
