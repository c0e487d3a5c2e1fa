import ArgumentParser
import Claims
import Foundation
import SearchCore

/// `searchlight claims`: the published figures that the project keeps.
struct ClaimsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claims",
    abstract: "Shows published figures: what was printed, where, and how it came about.",
    discussion: """
      Examples:
        searchlight claims list --dataset cifar10 --method darts
        searchlight claims list --level architecture,checkpoint,replay --json
        searchlight claims show pc-darts/pc-darts/cifar10-test-error

      The figures are in Benchmarks/claims, one file a paper. A figure from memory is marked
      unverified and never decides a verdict.
      """,
    subcommands: [ClaimsListCommand.self, ClaimsShowCommand.self])
}

/// Levels as they are typed: names with commas between them.
struct ClaimLevels: ExpressibleByArgument {
  var levels: [PublishedResult.Level]

  init(_ levels: [PublishedResult.Level]) { self.levels = levels }

  init?(argument: String) {
    levels = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let level = PublishedResult.Level(rawValue: String(word)) else { return nil }
      levels.append(level)
    }
  }

  /// As help prints a default.
  var defaultValueDescription: String { levels.map(\.rawValue).joined(separator: ",") }

  static let names = PublishedResult.Level.allCases.map(\.rawValue).joined(separator: ", ")
}

extension PublishedResult.Status: ExpressibleByArgument {}

/// `searchlight claims list`.
struct ClaimsListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists published figures, one a line.",
    discussion: """
      Example:
        searchlight claims list --dataset ptb --status unverified
      """)

  @Option(help: "Only figures of this dataset.")
  var dataset: String?

  @Option(help: "Only methods and networks whose name has this part.")
  var method: String?

  @Option(help: "Only these levels of \(ClaimLevels.names); commas between them.")
  var level: ClaimLevels?

  @Option(help: "Only figures of this status.")
  var status: PublishedResult.Status?

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      let registry = try ClaimsRegistry(folder: ProjectFolder.find().claims)
      var filter = ClaimsFilter()
      (filter.dataset, filter.method, filter.status) = (dataset, method, status)
      filter.levels = level?.levels ?? []
      let claims = registry.filtered(by: filter)
      if json { return Output.line(try Self.json(claims)) }
      guard !claims.isEmpty else {
        let names = Set(registry.claims.map(\.dataset)).sorted().joined(separator: ", ")
        throw CommandFailure("no published figure passes; there are figures of \(names)")
      }
      for line in TableText.aligned(claims.map(Self.row)) { Output.line(line) }
      Output.line("\(claims.count) of \(registry.claims.count) published figures")
    }
  }

  private static func row(_ claim: PublishedResult) -> [String] {
    [
      claim.id, claim.printed, claim.statistic.rawValue, claim.level.rawValue,
      claim.status.rawValue,
    ]
  }

  static func json(_ claims: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(claims), as: UTF8.self)
  }
}

/// `searchlight claims show`.
struct ClaimsShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Prints all that is known of a figure, and what its method would give.",
    discussion: """
      Examples:
        searchlight claims show pc-darts/pc-darts/cifar10-test-error
        searchlight claims show pc-darts/pc-darts-four-searches/cifar10-test-error --best-of 10

      A searched cell is the best of some searches; another search need not find it again. Where
      figures of the method itself are known, the mean of one search and the expected best of
      several are printed, from normal runs with the published mean and spread.
      """)

  @Argument(help: "Id of the figure, as 'searchlight claims list' prints it.")
  var id: String

  @Option(help: "Number of searches whose best is taken; by default as many as the paper's, or 4.")
  var bestOf: Int?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if let bestOf, !(2...1_000_000).contains(bestOf) {
      throw ValidationError("--best-of is \(bestOf); 2 to 1,000,000 expected")
    }
  }

  func run() async throws {
    try await CommandFailure.reporting {
      let registry = try ClaimsRegistry(folder: ProjectFolder.find().claims)
      guard let claim = registry.named(id) else {
        throw CommandFailure(
          "there is no published figure '\(id)'; "
            + (registry.nearest(to: id).map { "did you mean '\($0)'?" }
              ?? "type 'searchlight claims list' for all"))
      }
      if json { return Output.line(try ClaimsListCommand.json(claim)) }
      for line in Self.facts(claim) + expectations(of: claim, in: registry) { Output.line(line) }
    }
  }

  /// What the registry says, one fact a line; what a paper does not state has no line.
  private static func facts(_ claim: PublishedResult) -> [String] {
    let facts: [(String, String?)] = [
      ("figure", claim.printed), ("metric", claim.metric.rawValue),
      ("of a", claim.subject.rawValue),
      ("method", claim.method), ("network", claim.network),
      ("space", claim.space.isEmpty ? nil : claim.space), ("dataset", claim.dataset),
      ("comes as", claim.statistic.rawValue), ("runs", claim.runs.map(String.init)),
      ("best of", claim.searches.map { "\($0) searches" }),
      ("protocol", claim.measuredUnder.isEmpty ? nil : claim.measuredUnder),
      ("parameters", claim.parameters.map { "\($0) million" }),
      ("cost", claim.cost.map { "\($0) GPU-days" }), ("device", claim.gpu),
      ("source", claim.source), ("status", claim.statusText), ("errata", claim.errata),
      ("level", claim.level.rawValue), ("margin", claim.margin.map { "\($0.shortText)" }),
      ("expected", claim.expected.map { "\($0.words): \(claim.reason ?? "")" }),
      ("entry", "Benchmarks/claims/\(claim.file), line \(claim.line)"),
    ]
    return [claim.id]
      + facts.compactMap { name, text in text.map { "  \(TableText.pad(name, 10))  \($0)" } }
  }

  /// What a next search would give, by the figure itself or by those of the same method beside it.
  private func expectations(of claim: PublishedResult, in registry: ClaimsRegistry) -> [String] {
    if claim.subject == .method {
      return MethodExpectation(claim, count: bestOf).map { lines($0, claim) } ?? []
    }
    guard claim.subject == .cell || claim.statistic == .best else { return [] }
    let known = registry.beside(claim).filter { $0.subject == .method }
      .flatMap { other in
        MethodExpectation(other, count: bestOf ?? claim.searches).map { lines($0, other) } ?? []
      }
    guard known.isEmpty else {
      return ["this is a figure of one chosen architecture; of its method:"] + known
    }
    return [
      "this is a figure of one chosen architecture; no figure of its method's searches with a "
        + "spread is known"
    ]
  }

  private func lines(_ found: MethodExpectation, _ claim: PublishedResult) -> [String] {
    func range(_ low: Double, _ high: Double) -> String {
      "\(TableText.decimals(low, 2)) to \(TableText.decimals(high, 2))"
    }
    let origin = found.isFromBest ? "computed back from the published best" : claim.id
    let interval = found.meanInterval.map { ", 95 % interval \(range($0.low, $0.high))" } ?? ""
    return [
      "  mean of one run  \(TableText.decimals(found.mean, 2))\(interval) (\(origin))",
      "  best of \(found.count) runs   \(TableText.decimals(found.best, 2)) expected, 95 % within "
        + range(found.bestInterval.low, found.bestInterval.high),
    ]
  }
}

extension PublishedResult {
  /// The figure as the paper printed it, with its unit.
  var printed: String {
    let spread = spread.map { " ± \($0.shortText)" } ?? ""
    let unit = metric.unit.isEmpty ? "" : " \(metric.unit)"
    return "\(value.shortText)\(spread)\(unit)"
  }

  /// The status, with the parts that are from memory.
  fileprivate var statusText: String {
    let parts = unverified.map(\.rawValue).joined(separator: ", ")
    return unverified.isEmpty ? status.rawValue : "\(status.rawValue); from memory: \(parts)"
  }
}

extension ProjectFolder {
  /// Published figures.
  var claims: URL { root.appending(path: "Benchmarks/claims") }
}
