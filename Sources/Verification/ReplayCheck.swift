import Claims
import Evaluators
import Randomness
import SearchCore
import SearchMethods
import Statistics

/// Repeats a method's searches on a recorded table under the claim's budget.
public struct ReplayCheck: ClaimCheck {
  public let seconds: Double
  private let replay: TableReplay
  private let runs: Int
  private let key: RandomKey

  /// Prepares the searches, and times one.
  ///
  /// - Parameters:
  ///   - runs: Number of searches; by default the claim's.
  /// - Throws: `CheckFailure` if the claim's method, settings or budget are not to be had.
  public init(
    _ claim: PublishedResult, on evaluator: TableEvaluator, runs: Int? = nil
  ) throws {
    let name = claim.method ?? ""
    guard let method = SearchMethodCatalog.all.first(where: { $0.name == name }) else {
      let names = SearchMethodCatalog.all.map { $0.name }.joined(separator: ", ")
      throw CheckFailure("there is no method '\(name)' that searches tables; there are \(names)")
    }
    replay = TableReplay(
      method, settings: try Self.settings(claim, method), budget: try Self.budget(claim),
      on: evaluator)
    self.runs = runs ?? claim.runs ?? 500
    key = RandomKey(seed: 16).child(claim.id)
    let start = ContinuousClock.now
    _ = try replay.testScore(key: key.child("time"))
    seconds = Double(self.runs) * (start.duration(to: .now) / .seconds(1))
  }

  public func judge(_ claim: PublishedResult, by rule: VerdictRule) throws -> Judgement {
    var figures: [Double] = []
    for run in 0..<runs {
      guard let score = try replay.testScore(key: key.child("run", run)) else { continue }
      figures.append(claim.metric.printed(score))
    }
    return rule.judge(claim, runs: Sample(figures))
  }

  private static func settings(
    _ claim: PublishedResult, _ method: any SearchMethod.Type
  ) throws(CheckFailure) -> [String: Double] {
    var settings: [String: Double] = [:]
    for part in (claim.check ?? "").split(separator: " ") {
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, let value = Double(sides[1]),
        method.settings.contains(where: { $0.name == sides[0] && $0.range.contains(value) })
      else { throw CheckFailure("'\(part)' is no setting of \(method.name)") }
      settings[sides[0]] = value
    }
    return settings
  }

  /// The budget at the end of the protocol: `…, 12000 reference-gpu-seconds`.
  private static func budget(_ claim: PublishedResult) throws(CheckFailure) -> Budget {
    let words = claim.measuredUnder.split(separator: " ").suffix(2).map(String.init)
    guard words.count == 2, let amount = Double(words[0]), amount > 0,
      let unit = BudgetUnit(rawValue: words[1])
    else {
      throw CheckFailure(
        "the protocol '\(claim.measuredUnder)' ends in no budget; expected, for instance, "
          + "'12000 reference-gpu-seconds'")
    }
    return Budget(amount, unit)
  }
}
