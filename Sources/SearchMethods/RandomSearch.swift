import Randomness
import SearchCore

/// Random search: each architecture is drawn anew, and nothing is learned.
///
/// A failed trial changes nothing.
///
/// Source: Li & Talwalkar, Random search and reproducibility for neural architecture search,
/// arXiv 1902.07638, which shows it to be a strong baseline.
public struct RandomSearch: SearchMethod {
  public static let name = "random-search"
  public static let settings: [MethodSetting] = []
  public static let isBaseline = true

  private let space: any SearchSpace
  private var generator: KeyedGenerator

  public init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    generator = key.child(Self.name).generator()
  }

  /// One draw is already a search.
  public var minimumTrials: Int { 1 }

  public mutating func ask() -> Proposal { Proposal(space.sample(using: &generator)) }

  public mutating func tell(_ observation: Observation) {}
}
