import OperationCosts
import Randomness

/// A search method that trains weights which all architectures of a space share.
///
/// It is one piece of work, an `Evaluation` of the search itself: stepped, charged and checkpointed
/// by the harness like any other. Its last step reports the chosen architecture; on the way it
/// reports each epoch. It is told its budget beforehand, so that its schedules end with it and what
/// the final choice costs is left over.
public protocol OneShotMethod: MethodDescription {}

/// Where a one-shot search stands after a pass over the training split.
public struct SearchEpoch: Hashable, Codable, Sendable {
  /// Passes over the training split that are done, from 1, over all searches of the run.
  public var epoch: Int
  /// Which search of the run this is, from 0; `nil` where a run is one search.
  public var search: Int?
  /// Mean loss of the weight steps, in nats.
  public var trainingLoss: Double
  /// Score of the shared weights on the validation split in this epoch, in the sense of the task's
  /// objective; `nil` where the method looks at none.
  public var validation: Double?
  /// What would be chosen now, in the paper's notation; `nil` where only the end decides.
  public var architecture: String?
  /// Skip connections of that architecture's cells: a supernet that collapses has only them left.
  public var skipConnections: Int?
  /// Updates of the controller so far; `nil` without one.
  public var controllerUpdates: Int?
  /// Mean reward of the controller's samples in this epoch; `nil` without one.
  public var meanReward: Double?
  /// Mean entropy of a decision, in nats; `nil` where nothing is decided by probabilities.
  public var entropy: Double?
  /// Probabilities of every edge's operations by cell, a row an edge; `nil` where there are none.
  public var probabilities: [CellProbabilities]?

  /// The relaxed choice of one cell.
  public struct CellProbabilities: Hashable, Codable, Sendable {
    /// Name of the cell: `normal`.
    public var cell: String
    /// Names of the edges: `0-2`.
    public var edges: [String]
    /// Names of the operations.
    public var operations: [String]
    /// A row an edge, a column an operation; rows sum to 1.
    public var rows: [[Double]]

    public init(cell: String, edges: [String], operations: [String], rows: [[Double]]) {
      self.cell = cell
      self.edges = edges
      self.operations = operations
      self.rows = rows
    }
  }

  /// Describes an epoch of weight training; what a method has beside is set later.
  public init(epoch: Int, trainingLoss: Double) {
    self.epoch = epoch
    self.trainingLoss = trainingLoss
  }
}

/// What one of a run's searches came to: its cell, trained from scratch before the choice.
public struct SearchCandidate: Hashable, Codable, Sendable {
  /// Which search of the run found it, from 0.
  public var search: Int
  /// In the paper's notation; `nil` if the search found none.
  public var architecture: String?
  /// How its training ended; how the search ended, if it found nothing.
  public var outcome: StepReport.Outcome

  public init(search: Int, architecture: String?, outcome: StepReport.Outcome) {
    self.search = search
    self.architecture = architecture
    self.outcome = outcome
  }

  /// The score that it is chosen by; `nil` if it cannot be chosen.
  public var validation: Double? {
    outcome.status == .completed && architecture != nil ? outcome.measurement.validation : nil
  }
}

extension [SearchCandidate] {
  /// The candidate of best validation score, the earlier of equals; `nil` if none can be chosen.
  public func best(by objective: Objective) -> SearchCandidate? {
    var best: (candidate: SearchCandidate, score: Double)?
    for candidate in self {
      guard let score = candidate.validation, objective.isBetter(score, than: best?.score) else {
        continue
      }
      best = (candidate, score)
    }
    return best?.candidate
  }
}

/// What a one-shot search would cost, known without doing it.
public struct OneShotForecast: Hashable, Codable, Sendable {
  /// Mean charge of an epoch: a pass over the training split with everything that goes with it.
  public var epoch: Charge
  /// Charge of the choice at the end.
  public var selection: Charge
  /// Controller updates of an epoch; 0 without a controller.
  public var controllerUpdatesPerEpoch: Int
  /// Epochs below which the method has not begun to work.
  public var minimumEpochs: Int
  /// What to set for a cheaper search, in words: `set searches: 1`; `nil` if nothing stands out.
  public var economy: String?
  /// Most memory in use at once, in bytes; `nil` if unknown.
  public var peakMemoryBytes: Int?

  public init(
    epoch: Charge, selection: Charge, controllerUpdatesPerEpoch: Int = 0, minimumEpochs: Int = 1,
    economy: String? = nil, peakMemoryBytes: Int?
  ) {
    self.epoch = epoch
    self.selection = selection
    self.controllerUpdatesPerEpoch = controllerUpdatesPerEpoch
    self.minimumEpochs = minimumEpochs
    self.economy = economy
    self.peakMemoryBytes = peakMemoryBytes
  }

  /// Epochs that fit a budget beside the choice at the end.
  public func epochs(within budget: Budget, examplesPerEpoch: Int) -> Double {
    func part(_ charge: Charge) -> Double {
      Spending(charge: charge).fraction(of: budget, examplesPerEpoch: examplesPerEpoch)
    }
    let share = part(epoch)
    guard share > 0 else { return .infinity }
    let epochs = max(0, 1 - part(selection)) / share
    // A budget in epochs holds a whole number of them, which the quotient misses by a rounding.
    let whole = epochs.rounded()
    return abs(epochs - whole) <= 1e-9 * whole ? whole : epochs
  }
}

/// A method that an evaluator or a space cannot serve, in one line.
public struct MethodError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  /// Makes an error from its one line.
  public init(_ description: String) { self.description = description }
}

extension Evaluator {
  public func oneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget, key: RandomKey
  ) throws -> any Evaluation {
    throw noSharedWeights(method)
  }

  public func forecastOneShotSearch(
    by method: any OneShotMethod.Type, settings: MethodSettings, budget: Budget
  ) throws -> OneShotForecast {
    throw noSharedWeights(method)
  }

  private func noSharedWeights(_ method: any OneShotMethod.Type) -> MethodError {
    MethodError(
      "method '\(method.name)' trains shared weights, which this evaluator does not have; expected a "
        + "method that proposes one architecture after another, such as random-search")
  }
}
