/// What is said of a published figure after it was checked.
public enum Verdict: String, CaseIterable, Codable, Sendable {
  /// At most the margin worse than published.
  case reproduced
  /// Worse than published by more than the margin.
  case notReproduced = "not-reproduced"
  /// The runs that there are leave both possible, or the figures cannot be compared.
  case cannotTell = "cannot-tell"
  /// Nothing was measured.
  case notMeasured = "not-measured"

  /// Exit code of a program whose worst verdict this is.
  public var exitCode: Int32 {
    switch self {
    case .reproduced: 0
    case .notReproduced: 1
    case .cannotTell: 2
    case .notMeasured: 3
    }
  }

  /// In words, for people.
  public var words: String { rawValue.replacing("-", with: " ") }

  /// The worst of several: not reproduced, then cannot tell, not measured, reproduced.
  public static func worst(of verdicts: some Sequence<Verdict>) -> Verdict {
    let order: [Verdict] = [.notReproduced, .cannotTell, .notMeasured]
    let found = Set(verdicts)
    return order.first { found.contains($0) } ?? .reproduced
  }
}
