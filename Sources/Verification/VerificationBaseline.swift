import Claims
import Foundation

/// What an earlier run of ours found, to see where a later one is worse.
public struct VerificationBaseline: Sendable {
  private struct Entry: Decodable {
    var id: String
    var verdict: Verdict
    var excess: Double?
  }

  private struct Report: Decodable {
    var claims: [Entry]
  }

  private let entries: [String: Entry]

  /// Reads a report that was written as JSON.
  ///
  /// - Throws: `CheckFailure` if it is none.
  public init(json data: Data) throws(CheckFailure) {
    do {
      let report = try JSONDecoder().decode(Report.self, from: data)
      entries = Dictionary(report.claims.map { ($0.id, $0) }) { first, _ in first }
    } catch {
      throw CheckFailure("it is no report of 'searchlight verify --json'")
    }
  }

  /// One line for each claim that is worse than it was: a worse verdict, or a figure that is
  /// further on the worse side.
  public func regressions(in report: VerificationReport) -> [String] {
    report.items.compactMap { item in
      guard let before = entries[item.claim.id] else { return nil }
      let now = item.judgement
      if now.verdict != before.verdict,
        Verdict.worst(of: [now.verdict, before.verdict]) == now.verdict
      {
        return "\(item.claim.id): was \(before.verdict.words), is \(now.verdict.words)"
      }
      if let was = before.excess, let excess = now.excess,
        excess > was + 1e-9 * max(1, was.magnitude)
      {
        return "\(item.claim.id): was worse by \(was), is worse by \(excess)"
      }
      return nil
    }
  }
}
