import Foundation
import Randomness
import SearchCore

/// A search method that is a program of its own, in whatever language.
///
/// It is asked for proposals and told what they scored as every method is, over the pipes of a child
/// process: `initialize` first, then `ask` and `tell`, one JSON-RPC 2.0 object a line. Each request
/// for a proposal brings a key to draw from, so that a program may be a pure function of what it was
/// told. It sees neither data nor clock, and no test score.
///
/// After a kill the run is done again from its start with a new process, and what it proposes is
/// compared with the journal: a program whose proposals depend on anything else is found out then.
public final class PluginSearcher: Searcher {
  private static let mostInFlight = 256

  public let minimumTrials: Int
  public let workers: Int
  /// Name and version as the program says them.
  public let title: String

  private let connection: PluginConnection
  private var process: PluginProcess { connection.process }
  private let space: any SearchSpace
  private let key: RandomKey
  private var asked = 0

  /// Starts a program and tells it what it is for.
  ///
  /// - Parameters:
  ///   - arguments: The program and its arguments, every file by its full path.
  ///   - run: The run's stable id.
  ///   - key: All of its randomness.
  public init(
    _ command: PluginCommand, arguments: [String], run: String, space: any SearchSpace,
    objective: Objective, budget: Budget, key: RandomKey
  ) throws(PluginError) {
    connection = PluginConnection(
      to: try PluginProcess(
        arguments, shownAs: command.line, deadlineSeconds: command.deadlineSeconds))
    self.space = space
    self.key = key
    let introduction = try connection.initialize(
      PluginInitialization(
        run: run, seed: key.child("seed").hexadecimal,
        space: .init(id: type(of: space).name, decisions: space.decisions),
        objective: .init(metric: objective.id),
        budget: .init(unit: budget.unit.rawValue, total: budget.amount),
        settings: command.settings),
      as: PluginIntroduction.self)
    workers = introduction.max_in_flight ?? 1
    minimumTrials = introduction.minimum_trials ?? 1
    title = "\(introduction.plugin.name) \(introduction.plugin.version)"
    guard 1...Self.mostInFlight ~= workers, minimumTrials >= 1 else {
      throw connection.process.failure(
        "initialize: found max_in_flight \(workers) and minimum_trials \(minimumTrials); expected "
          + "1 to \(Self.mostInFlight), and at least 1")
    }
  }

  public func propose() throws -> Proposal? {
    let found = try connection.request(
      "ask",
      PluginAsk(trial: asked, draw: key.child("draw", asked).hexadecimal), as: PluginProposal.self)
    if found.done != nil { return nil }
    guard let choices = found.choices else {
      throw process.failure("ask: found neither 'choices' nor 'done' in its answer")
    }
    if let problem = problem(with: choices) {
      throw process.failure("ask: trial \(asked): \(problem)")
    }
    if let epochs = found.epochs, !(1...1_000_000 ~= epochs) {
      throw process.failure("ask: trial \(asked): found \(epochs) epochs; expected 1 to 1000000")
    }
    asked += 1
    let name = type(of: space).name
    return Proposal(Architecture(space: name, choices: choices), epochs: found.epochs)
  }

  public func learn(_ observation: Observation) throws {
    _ = try connection.request(
      "tell",
      PluginTell(
        trial: observation.trial, choices: observation.architecture.choices,
        status: observation.loss == nil ? "failed" : "ok", value: observation.loss,
        reward: observation.reward), as: PluginDone.self)
  }

  /// Kills the program at once.
  func kill() { process.kill() }

  /// What is wrong with choices; `nil` if they are an architecture of the space.
  private func problem(with choices: [Int]) -> String? {
    let decisions = space.decisions
    guard choices.count == decisions.count else {
      return "found \(choices.count) choices; expected \(decisions.count)"
    }
    for (choice, decision) in zip(choices, decisions)
    where !decision.options.indices.contains(choice) {
      return "found choice \(choice) for '\(decision.name)'; expected 0 to "
        + "\(decision.options.count - 1)"
    }
    return nil
  }
}
