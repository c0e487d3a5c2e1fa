import Foundation
import Randomness
import SearchCore

/// The scenarios that a plug-in must come through, each with its verdict.
public struct PluginConformance {
  /// What a plug-in must do, and whether it did.
  public struct Verdict: Codable, Sendable {
    /// Stable id, lower kebab case.
    public let scenario: String
    /// What is expected, in words.
    public let expected: String
    /// What was found instead; `nil` if it came through.
    public let problem: String?
  }

  private typealias Scenario = (
    id: String, expected: String, problem: @Sendable (PluginConformance) throws -> String?
  )

  /// Trials of a search that a scenario makes.
  private static let trials = 20

  private static let scenarios: [Scenario] = [
    ("handshake", "answers initialize with its name, version and protocol", { try $0.handshake() }),
    ("proposals", "proposes architectures of the space, trial after trial", { try $0.proposals() }),
    ("unknown-field", "ignores fields that it does not know", { try $0.unknownField() }),
    (
      "unknown-method", "answers a method that it does not know with error -32601",
      {
        try $0.unknownMethod()
      }
    ),
    ("failed-trials", "goes on after trials that failed", { try $0.failedTrials() }),
    ("one-option", "searches a space with decisions of one option", { try $0.oneOption() }),
    ("large-space", "searches a space of 200 decisions", { try $0.largeSpace() }),
    ("same-seed", "proposes the same for the same seed and scores", { try $0.sameSeed() }),
    ("other-seed", "proposes something else for another seed", { try $0.otherSeed() }),
    (
      "replay", "proposes the same again when it is killed at any trial and told anew",
      {
        try $0.replay()
      }
    ),
    ("two-at-once", "is not disturbed by another search beside it", { try $0.twoAtOnce() }),
    ("end-of-input", "ends with code 0 when its input is closed", { try $0.endOfInput() }),
    ("termination", "ends at SIGTERM", { try $0.termination() }),
  ]

  private let command: PluginCommand
  private let arguments: [String]
  private let space = ConformanceSpace(options: [3, 4, 5, 2, 3, 6])

  /// Prepares the scenarios of a command.
  ///
  /// - Parameter arguments: Its words, every file by its full path.
  public init(_ command: PluginCommand, arguments: [String]) {
    (self.command, self.arguments) = (command, arguments)
  }

  /// Number of scenarios.
  public static var count: Int { scenarios.count }

  /// Plays all of them.
  ///
  /// - Parameter tell: Given each verdict as it falls.
  public func run(_ tell: (Verdict) -> Void) {
    for scenario in Self.scenarios {
      var problem: String?
      do { problem = try scenario.problem(self) } catch { problem = "\(error)" }
      tell(Verdict(scenario: scenario.id, expected: scenario.expected, problem: problem))
    }
  }

  // MARK: Searches

  private func begin(
    seed: UInt64 = 1, in space: ConformanceSpace? = nil
  ) throws -> PluginSearcher {
    try PluginSearcher(
      command, arguments: arguments, run: "conformance", space: space ?? self.space,
      objective: .classificationError, budget: Budget(Double(Self.trials), .trials),
      key: RandomKey(seed: seed))
  }

  /// Asks and tells.
  ///
  /// - Parameter fails: Trials that are told to have failed.
  private func search(
    _ searcher: PluginSearcher, trials: Range<Int> = 0..<PluginConformance.trials,
    fails: (Int) -> Bool = { _ in false }
  ) throws -> [[Int]] {
    var proposals: [[Int]] = []
    for trial in trials {
      guard let proposal = try searcher.propose() else { break }
      proposals.append(proposal.architecture.choices)
      let sum = proposal.architecture.choices.enumerated().reduce(0) { $0 + $1.offset * $1.element }
      try searcher.learn(
        Objective.classificationError.observation(
          trial: trial, architecture: proposal.architecture,
          value: fails(trial) ? nil : 1 / Double(1 + sum)))
    }
    return proposals
  }

  private func handshake() throws -> String? {
    try begin().title.trimmingCharacters(in: .whitespaces).isEmpty ? "it has no name" : nil
  }

  private func proposals() throws -> String? {
    let searcher = try begin()
    let count = try search(searcher).count
    return count < searcher.minimumTrials ? "ended after \(count) proposals" : nil
  }

  private func failedTrials() throws -> String? {
    _ = try search(begin()) { $0 % 3 == 0 }
    _ = try search(begin()) { _ in true }
    return nil
  }

  private func oneOption() throws -> String? {
    let space = ConformanceSpace(options: [1, 3, 1])
    _ = try search(begin(in: space))
    return nil
  }

  private func largeSpace() throws -> String? {
    let space = ConformanceSpace(options: Array(repeating: 7, count: 200))
    _ = try search(begin(in: space))
    return nil
  }

  private func sameSeed() throws -> String? {
    try difference(search(begin()), search(begin()))
  }

  private func otherSeed() throws -> String? {
    try search(begin()) == search(begin(seed: 2))
      ? "proposed the same for seeds 1 and 2: is the seed used?" : nil
  }

  private func replay() throws -> String? {
    let whole = try search(begin())
    for kill in stride(from: 1, to: whole.count, by: 4) {
      let searcher = try begin()
      _ = try search(searcher, trials: 0..<kill)
      searcher.kill()
      if let problem = try difference(whole, search(begin())) { return problem }
    }
    return nil
  }

  private func twoAtOnce() throws -> String? {
    let whole = try search(begin())
    let (one, other) = (try begin(), try begin(seed: 2))
    var found: [[Int]] = []
    for trial in 0..<whole.count {
      found += try search(one, trials: trial..<(trial + 1))
      _ = try search(other, trials: trial..<(trial + 1))
    }
    return difference(whole, found)
  }

  private func difference(_ first: [[Int]], _ second: [[Int]]) -> String? {
    if first.count != second.count {
      return "proposed \(first.count) architectures, then \(second.count)"
    }
    guard let trial = zip(first, second).enumerated().first(where: { $1.0 != $1.1 }) else {
      return nil
    }
    return "trial \(trial.offset) was \(trial.element.0), then \(trial.element.1); expected "
      + "proposals that follow from seed, draws and what was told alone"
  }

  // MARK: The protocol

  private func talk() throws -> PlainTalk { try PlainTalk(command, arguments, initialization) }

  /// The parameters of `initialize`, with more than a plug-in of this version can know.
  private var initialization: [String: Any] {
    [
      "protocol": "1.999", "role": "method", "host": ["name": "searchlight", "later": [1, 2]],
      "run": "conformance", "seed": RandomKey(seed: 1).hexadecimal,
      "space": [
        "id": ConformanceSpace.name, "later": NSNull(),
        "decisions": space.decisions.map {
          ["name": $0.name, "options": $0.options, "later": true] as [String: Any]
        },
      ] as [String: Any],
      "objective": ["metric": "classification-error", "direction": "minimize"],
      "budget": ["unit": "trials", "total": 20], "settings": [:] as [String: Any], "later": "x",
    ]
  }

  private func unknownField() throws -> String? { try talk().unknownField() }
  private func unknownMethod() throws -> String? { try talk().unknownMethod() }
  private func endOfInput() throws -> String? { try talk().endOfInput() }
  private func termination() throws -> String? { try talk().termination() }
}

/// A space of any numbers of options, to try methods in.
struct ConformanceSpace: SearchSpace {
  static let name = "conformance-space"
  let decisions: [Decision]

  init(options counts: [Int]) {
    decisions = counts.enumerated().map { index, count in
      Decision(name: "decision \(index)", options: (0..<count).map { "option \($0)" })
    }
  }

  func text(of architecture: Architecture) -> String {
    architecture.choices.map { "\($0)" }.joined(separator: "-")
  }

  func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    let choices = text.split(separator: "-").compactMap { Int($0) }
    guard choices.count == decisions.count else {
      throw ArchitectureError("found '\(text)'; expected \(decisions.count) choices")
    }
    return Architecture(space: Self.name, choices: choices)
  }

  func identity(of architecture: Architecture) -> String { text(of: architecture) }

  func graphs(of architecture: Architecture) -> [CellGraph] { [] }
}
