import Randomness

/// A black-box search under way: it proposes architectures and learns from what they scored.
///
/// No clock, no budget, no printing, no file: the runner has those. It asks for a proposal whenever
/// a worker is free, and tells in the order in which trials end, which need not be that of asking:
/// up to `workers` proposals are under way at once. All that has ended by then is told before the
/// next proposal. With one worker, calls alternate. What is under way when a search ends is never
/// told.
///
/// The methods of this project are `SearchMethod`s, whose calls cannot fail; one that runs in a
/// process of its own is a searcher only.
public protocol Searcher {
  /// Number of trials below which the method has not begun to work: `plan` refuses less.
  var minimumTrials: Int { get }

  /// Number of trials after which the method proposes nothing more; `nil` if it always does.
  var maximumTrials: Int? { get }

  /// Largest number of proposals under way, at least 1.
  var workers: Int { get }

  /// The trainings it asks for in a run of some trials, with their shares of these; shares sum to 1.
  ///
  /// - Parameter count: At least 1.
  func fidelities(ofTrials count: Int) -> [Fidelity]

  /// Proposes the next architecture; `nil` if it has nothing more to propose.
  mutating func propose() throws -> Proposal?

  /// Learns what a proposed architecture scored.
  mutating func learn(_ observation: Observation) throws
}

extension Searcher {
  /// It proposes as long as there is budget.
  public var maximumTrials: Int? { nil }

  /// One: calls alternate.
  public var workers: Int { 1 }

  /// The study's own training alone.
  public func fidelities(ofTrials count: Int) -> [Fidelity] { [.own] }
}

/// A black-box search method of this project: plain code that asks for nothing but randomness.
public protocol SearchMethod: MethodDescription, Searcher {
  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - space: The space to search.
  ///   - settings: A value for every entry of `settings`, already checked against its range.
  ///   - key: All of the method's randomness.
  init(space: any SearchSpace, settings: MethodSettings, key: RandomKey)

  /// Proposes the next architecture.
  mutating func ask() -> Proposal

  /// Learns what a proposed architecture scored.
  mutating func tell(_ observation: Observation)
}

extension SearchMethod {
  public mutating func propose() -> Proposal? { ask() }
  public mutating func learn(_ observation: Observation) { tell(observation) }
}

/// An architecture that a method wants to have scored.
public struct Proposal: Hashable, Sendable {
  public let architecture: Architecture
  /// Passes over the training split, at least 1; `nil` for as many as the study's protocol has.
  public let epochs: Int?

  public init(_ architecture: Architecture, epochs: Int? = nil) {
    self.architecture = architecture
    self.epochs = epochs
  }
}

/// How long a method has some of its trials trained, and how deep these are.
public struct Fidelity: Hashable, Sendable {
  /// Passes over the training split, at least 1; `nil` for as many as the study's protocol has.
  public let epochs: Int?
  /// Layers, at least 1, in a space of growing depth; `nil` for whatever the space samples.
  public let layers: Int?
  /// Part of the trials, from 0 to 1.
  public let share: Double

  public init(epochs: Int?, layers: Int? = nil, share: Double) {
    self.epochs = epochs
    self.layers = layers
    self.share = share
  }

  /// The study's own training, for all trials.
  public static let own = Fidelity(epochs: nil, share: 1)
}

/// What a method is told of a trial: never what is measured, only how good it was.
public struct Observation: Hashable, Codable, Sendable {
  /// Which proposal it is of, counted from 0 in the order of asking.
  public let trial: Int
  public let architecture: Architecture
  /// What was measured, turned so that less is better; `nil` if the trial failed.
  public let loss: Double?
  /// What the task's objective rewards it with; more is better, 0 if the trial failed.
  public let reward: Double
  /// The reward on the scale in which scores are printed: an accuracy in percent, for instance.
  public let printedReward: Double

  /// Makes an observation; `Objective.observation` knows what the numbers mean.
  public init(
    trial: Int, architecture: Architecture, loss: Double?, reward: Double, printedReward: Double
  ) {
    self.trial = trial
    self.architecture = architecture
    self.loss = loss
    self.reward = reward
    self.printedReward = printedReward
  }
}
