import Claims

/// What decides a claim: prepared, with its cost known, and then run.
public protocol ClaimCheck {
  /// Expected time on this machine, in seconds, from a part that was run or counted.
  var seconds: Double { get }

  /// Measures, and compares with what was published.
  func judge(_ claim: PublishedResult, by rule: VerdictRule) throws -> Judgement
}

/// A claim that cannot be checked here, with why.
public struct CheckFailure: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  /// Makes an error from its one line.
  public init(_ description: String) { self.description = description }
}

extension PublishedResult {
  /// A part of the check's settings, `name=value` between spaces; `nil` if it is not there.
  func setting(_ name: String) -> String? {
    (check ?? "").split(separator: " ").first { $0.hasPrefix("\(name)=") }
      .map { String($0.dropFirst(name.count + 1)) }
  }
}
