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
  /// Passes over the training split that are done, from 1.
  public var epoch: Int
  /// Mean loss of the weight steps, in nats.
  public var trainingLoss: Double
  /// Share of validation examples that the shared weights classified wrongly in this epoch, from 0
  /// to 1; `nil` where the method looks at none.
  public var validationError: Double?
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

/// What a one-shot search would cost, known without doing it.
public struct OneShotForecast: Hashable, Codable, Sendable {
  /// Mean charge of an epoch: a pass over the training split with everything that goes with it.
  public var epoch: Charge
  /// Charge of the choice at the end.
  public var selection: Charge
  /// Controller updates of an epoch; 0 without a controller.
  public var controllerUpdatesPerEpoch: Int
  /// Most memory in use at once, in bytes; `nil` if unknown.
  public var peakMemoryBytes: Int?

  public init(
    epoch: Charge, selection: Charge, controllerUpdatesPerEpoch: Int = 0, peakMemoryBytes: Int?
  ) {
    self.epoch = epoch
    self.selection = selection
    self.controllerUpdatesPerEpoch = controllerUpdatesPerEpoch
    self.peakMemoryBytes = peakMemoryBytes
  }

  /// Epochs that fit a budget beside the choice at the end.
  public func epochs(within budget: Budget, examplesPerEpoch: Int) -> Double {
    func part(_ charge: Charge) -> Double {
      Spending(charge: charge).fraction(of: budget, examplesPerEpoch: examplesPerEpoch)
    }
    let share = part(epoch)
    return share > 0 ? max(0, 1 - part(selection)) / share : .infinity
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
      "method '\(method.name)' trains shared weights, and this study looks scores up; expected a "
        + "method that proposes one architecture after another, such as random-search")
  }
}
