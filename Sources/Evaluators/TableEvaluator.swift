import OperationCosts
import Randomness
import SearchCore

/// Scores architectures by looking them up in a recorded table.
///
/// A trial is one step that costs the table's seconds. A trial that would take the search past its
/// budget is discarded, which is the rule of the authors' random search and evolution; their
/// REINFORCE lets it into the choice. Final training costs nothing: its result is looked up as well.
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

  private let table: Description
  private let rows: [Architecture: Row]

  /// Takes a table.
  ///
  /// - Throws: `TableError` if a row is unreadable, out of range or given twice.
  public init(
    space: any SearchSpace, rows: [Row], description: Description
  ) throws(TableError) {
    var found: [Architecture: Row] = [:]
    found.reserveCapacity(rows.count)
    for (index, row) in rows.enumerated() {
      let architecture = try Self.check(
        row, index: index, space: space, objective: description.objective)
      guard found.updateValue(row, forKey: architecture) == nil else {
        throw TableError("row \(index + 1): '\(row.architecture)' is given twice; expected once")
      }
    }
    guard !found.isEmpty else {
      throw TableError("the table has no rows; expected at least one architecture")
    }
    self.space = space
    table = description
    self.rows = found
  }

  public func trial(
    of architecture: Architecture, epochs: Int?, key: RandomKey
  ) throws -> any Evaluation {
    try checkFidelity(epochs)
    guard let row = rows[architecture] else { return LookUp(.outOfDomain, phase: .search) }
    return LookUp(
      StepReport(
        phase: .search, charge: charge(of: row),
        outcome: .init(
          status: .completed,
          measurement: Measurement(
            validation: row.validation, epochs: Double(table.trialEpochs)))))
  }

  public func finalTraining(
    of architecture: Architecture, budget: Budget?, key: RandomKey
  ) throws -> any Evaluation {
    guard let row = rows[architecture] else { return LookUp(.outOfDomain, phase: .finalTraining) }
    return LookUp(
      StepReport(
        phase: .finalTraining, charge: .zero,
        outcome: .init(
          status: .completed,
          measurement: Measurement(
            validation: row.finalValidation, test: row.finalTest,
            epochs: Double(table.finalEpochs))),
        testSplitRead: row.finalTest == nil
          ? nil : "recorded \(objective.name(on: .test)) of the selected architecture"))
  }

  public func forecastTrial(
    of architecture: Architecture, epochs: Int?
  ) throws -> EvaluationForecast {
    try checkFidelity(epochs)
    return EvaluationForecast(
      charge: rows[architecture].map(charge(of:)) ?? .zero, peakMemoryBytes: nil)
  }

  public func forecastFinalTraining(
    of architecture: Architecture, budget: Budget?
  ) throws -> EvaluationForecast {
    EvaluationForecast(charge: .zero, peakMemoryBytes: nil)
  }

  public func measureSecondsPerReferenceSecond() throws -> Double? { nil }

  private func checkFidelity(_ epochs: Int?) throws(TableError) {
    guard let epochs, epochs != table.trialEpochs else { return }
    throw TableError(
      "the recorded table has no trials of \(epochs) epoch(s); expected \(table.trialEpochs); set "
        + "the method's epochs to \(table.trialEpochs), or train with 'evaluator: training'")
  }

  /// Floating-point operations and bytes stay 0 beside a time, which `Charge` reads as unknown.
  private func charge(of row: Row) -> Charge {
    Charge(
      referenceNanoseconds: Int128((row.trialSeconds * 1e9).rounded()),
      trainingExamples: table.trialEpochs * table.examplesPerEpoch)
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
