import Randomness
import SearchCore

/// Random sampling: one architecture, drawn uniformly, and no search.
///
/// What a search adds is what its final score is better than this one's, under the same final
/// training: Yang et al. state it as a relative improvement. The architecture is trained once as a
/// trial, for a validation score beside the others', and the rest of the search budget is left.
/// Random search is not that: it keeps the best of many.
///
/// Source: Yang, Esperança & Carlucci, NAS evaluation is frustratingly hard, ICLR 2020,
/// arXiv 1912.12522, section 3.
public struct RandomSampling: SearchMethod {
  public static let name = "random-sampling"
  public static let settings: [MethodSetting] = []

  private let space: any SearchSpace
  private var generator: KeyedGenerator

  public init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    generator = key.child(Self.name).generator()
  }

  public var minimumTrials: Int { 1 }

  public var maximumTrials: Int? { 1 }

  public mutating func ask() -> Proposal { Proposal(space.sample(using: &generator)) }

  public mutating func tell(_ observation: Observation) {}
}
