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
  /// Version of the protocol that is spoken.
  public static let protocolVersion = "1.0"
  private static let mostInFlight = 256

  public let minimumTrials: Int
  public let workers: Int
  /// Name and version as the program says them.
  public let title: String

  private let process: PluginProcess
  private let space: any SearchSpace
  private let key: RandomKey
  private var asked = 0
  private var requests = 0

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
    process = try PluginProcess(
      arguments, shownAs: command.line, deadlineSeconds: command.deadlineSeconds)
    self.space = space
    self.key = key
    let introduction = try Self.request(
      "initialize",
      PluginInitialization(
        protocol: Self.protocolVersion, run: run, seed: key.child("seed").hexadecimal,
        space: .init(id: type(of: space).name, decisions: space.decisions),
        objective: .init(metric: objective.id),
        budget: .init(unit: budget.unit.rawValue, total: budget.amount),
        settings: command.settings),
      of: process, number: 0, as: PluginIntroduction.self)
    let major = introduction.protocol.prefix { $0 != "." }
    guard major == Self.protocolVersion.prefix(while: { $0 != "." }) else {
      throw process.failure(
        "initialize: speaks protocol \(introduction.protocol.prefix(20)); "
          + "expected \(Self.protocolVersion)")
    }
    workers = introduction.max_in_flight ?? 1
    minimumTrials = introduction.minimum_trials ?? 1
    title = "\(introduction.plugin.name) \(introduction.plugin.version)"
    guard 1...Self.mostInFlight ~= workers, minimumTrials >= 1 else {
      throw process.failure(
        "initialize: found max_in_flight \(workers) and minimum_trials \(minimumTrials); expected "
          + "1 to \(Self.mostInFlight), and at least 1")
    }
  }

  public func propose() throws -> Proposal? {
    let found = try request(
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
    _ = try request(
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

  private func request<Parameters: Encodable, Result: Decodable>(
    _ method: String, _ parameters: Parameters, as result: Result.Type
  ) throws(PluginError) -> Result {
    requests += 1
    return try Self.request(method, parameters, of: process, number: requests, as: result)
  }

  private static func request<Parameters: Encodable, Result: Decodable>(
    _ method: String, _ parameters: Parameters, of process: PluginProcess, number: Int,
    as result: Result.Type
  ) throws(PluginError) -> Result {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let message = PluginRequest(id: number, method: method, params: parameters)
    guard let text = try? encoder.encode(message), text.count < PluginProcess.longestLine else {
      throw process.failure("\(method): the request does not fit a line")
    }
    let line = try process.exchange(text, for: method)
    let shown = String(decoding: line.prefix(100), as: UTF8.self)
    let answer: PluginAnswer<Result>
    do {
      answer = try JSONDecoder().decode(PluginAnswer<Result>.self, from: line)
    } catch {
      throw process.failure(
        "\(method): found '\(shown)' on its standard output; expected a JSON-RPC answer as the "
          + "protocol has it, and everything else on standard error")
    }
    if let failure = answer.error {
      throw process.failure("\(method): error \(failure.code): \(failure.message.prefix(500))")
    }
    guard answer.id == number, let result = answer.result else {
      throw process.failure("\(method): found '\(shown)'; expected the answer to request \(number)")
    }
    return result
  }
}
