import Claims

/// What a verification found, claim by claim, in the order of the claims.
public struct VerificationReport: Sendable {
  /// One claim and what became of it.
  public struct Item: Sendable {
    /// What was published.
    public let claim: PublishedResult
    /// What is said of it.
    public let judgement: Judgement
    /// Measured time, in seconds; no part of what is compared.
    public let seconds: Double

    /// Joins the three.
    public init(claim: PublishedResult, judgement: Judgement, seconds: Double) {
      (self.claim, self.judgement, self.seconds) = (claim, judgement, seconds)
    }

    /// Whether another verdict came than is expected: better ones count too, for then the reason
    /// for expecting less is gone.
    public var deviates: Bool {
      guard let expected = claim.expected, judgement.verdict != .notMeasured else { return false }
      return judgement.verdict != expected
    }

    /// The verdict that counts for the exit code: one that is expected counts as reproduced, a
    /// deviation as not reproduced.
    public var counted: Verdict {
      if deviates { return .notReproduced }
      return claim.expected == judgement.verdict ? .reproduced : judgement.verdict
    }

    /// What is said of it, in one line.
    public var message: String { "\(judgement.verdict.words): \(detail)" }

    /// The same without the verdict.
    public var detail: String {
      var text = judgement.reason
      if deviates {
        text +=
          "; expected was \(claim.expected?.words ?? "") (\(claim.reason ?? "")), so the claim's "
          + "entry is to be mended"
      } else if let expected = claim.expected, expected == judgement.verdict {
        text += "; expected: \(claim.reason ?? "")"
      }
      return text
    }
  }

  /// One a claim.
  public let items: [Item]

  /// Takes what was found.
  public init(_ items: [Item]) { self.items = items }

  /// 0 all as expected, 1 not reproduced, 2 cannot tell, 3 not measured.
  public var exitCode: Int32 { Verdict.worst(of: items.map(\.counted)).exitCode }

  /// How many claims have a verdict that counts.
  public func count(_ verdict: Verdict) -> Int { items.count { $0.counted == verdict } }

  /// One line: `12 claims: 10 as expected, 1 not reproduced, 1 not measured`.
  public var summary: String {
    var parts = ["\(count(.reproduced)) as expected"]
    for verdict in [Verdict.notReproduced, .cannotTell, .notMeasured] where count(verdict) > 0 {
      parts.append("\(count(verdict)) \(verdict.words)")
    }
    return "\(items.count) claim\(items.count == 1 ? "" : "s"): \(parts.joined(separator: ", "))"
  }
}
