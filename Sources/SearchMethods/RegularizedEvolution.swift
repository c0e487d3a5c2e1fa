import Randomness
import SearchCore

/// Aging evolution: the oldest member leaves, not the worst.
///
/// The population is first filled with random architectures. Then the best of a sample drawn with
/// replacement is mutated, the child joins, and the oldest member dies. A failed trial joins as
/// well, ranks behind every measured one, and dies of age like the others.
///
/// With several workers a child joins when its trial ends, and a member is as old as the time since
/// it joined. Random architectures are proposed until the population is full.
///
/// Source: Real et al., AAAI 2019, doi:10.1609/aaai.v33i01.33014780, arXiv 1802.01548,
/// Algorithm 1. With `aging` 0 it is the paper's non-aging variant, in which the worst of the
/// sample dies when the child joins; should it have died by then, the worst of a sample drawn anew,
/// which the paper leaves open. NAS-Bench-201's authors run it with a population of 10 and samples
/// of 3.
public struct RegularizedEvolution: SearchMethod {
  public static let name = "regularized-evolution"

  public static let settings = [
    MethodSetting(
      name: "population-size", defaultValue: 100, range: 2...100_000, isInteger: true,
      source: "P in arXiv 1802.01548, Methods Details"),
    MethodSetting(
      name: "sample-size", defaultValue: 25, range: 1...100_000, isInteger: true,
      source: "S in arXiv 1802.01548, Methods Details"),
    MethodSetting(
      name: "aging", defaultValue: 1, range: 0...1, isInteger: true,
      source: "arXiv 1802.01548, Algorithm 1; 0 for the non-aging variant"),
    MethodSetting(
      name: "workers", defaultValue: 1, range: 1...100_000, isInteger: true,
      source: "asynchronous, simulated; 450 in arXiv 1802.01548"),
  ]

  /// Number of living members; P in the paper.
  let populationSize: Int
  /// Tournament size; S in the paper.
  let sampleSize: Int
  let aging: Bool

  public let workers: Int

  private let space: any SearchSpace
  private var generator: KeyedGenerator
  /// Living members, oldest first.
  package private(set) var population: [Observation] = []
  private var asked = 0
  /// Without aging: the member in whose place each child under way joins, both by trial.
  private var replaced: [Int: Int] = [:]

  public init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    populationSize = Int(settings["population-size"])
    sampleSize = Int(settings["sample-size"])
    aging = settings["aging"] == 1
    workers = Int(settings["workers"])
    generator = key.child(Self.name).generator()
  }

  /// A population filled twice: before that it is hardly more than random search.
  public var minimumTrials: Int { 2 * populationSize }

  public mutating func ask() -> Proposal {
    defer { asked += 1 }
    guard population.count == populationSize else {
      return Proposal(space.sample(using: &generator))
    }
    let (best, worst) = tournament()
    if !aging { replaced[asked] = population[worst].trial }
    return Proposal(space.mutate(population[best].architecture, using: &generator))
  }

  public mutating func tell(_ observation: Observation) {
    let doomed = replaced.removeValue(forKey: observation.trial)
    if population.count == populationSize {
      let place = population.firstIndex { $0.trial == doomed }
      population.remove(at: aging ? 0 : place ?? tournament().worst)
    }
    population.append(observation)
  }

  /// The best and the worst of a sample of members, by place.
  private mutating func tournament() -> (best: Int, worst: Int) {
    var best = generator.integer(below: populationSize)
    var worst = best
    for _ in 1..<max(1, sampleSize) {
      let drawn = generator.integer(below: populationSize)
      if loss(drawn) < loss(best) { best = drawn }
      if loss(drawn) > loss(worst) { worst = drawn }
    }
    return (best, worst)
  }

  private func loss(_ member: Int) -> Double { population[member].loss ?? .infinity }
}
