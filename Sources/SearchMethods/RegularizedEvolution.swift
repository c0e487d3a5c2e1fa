import Randomness
import SearchCore

/// Aging evolution: the oldest member leaves, not the worst.
///
/// The population is first filled with random architectures. Then the best of a sample drawn with
/// replacement is mutated, the child joins, and the oldest member dies. A failed trial joins as
/// well, ranks behind every measured one, and dies of age like the others.
///
/// Source: Real et al., AAAI 2019, doi:10.1609/aaai.v33i01.33014780, arXiv 1802.01548,
/// Algorithm 1. With `aging` 0 it is the paper's non-aging variant, in which the worst of the
/// sample dies. NAS-Bench-201's authors run it with a population of 10 and samples of 3.
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
  ]

  /// Number of living members; P in the paper.
  let populationSize: Int
  /// Tournament size; S in the paper.
  let sampleSize: Int
  let aging: Bool

  private let space: any SearchSpace
  private var generator: KeyedGenerator
  /// Living members, oldest first.
  package private(set) var population: [Observation] = []
  /// Who dies when the next child joins.
  private var dying = 0

  public init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    populationSize = Int(settings["population-size"])
    sampleSize = Int(settings["sample-size"])
    aging = settings["aging"] == 1
    generator = key.child(Self.name).generator()
  }

  /// A population filled twice: before that it is hardly more than random search.
  public var minimumTrials: Int { 2 * populationSize }

  public mutating func ask() -> Architecture {
    guard population.count == populationSize else { return space.sample(using: &generator) }
    return space.mutate(tournamentWinner(), using: &generator)
  }

  public mutating func tell(_ observation: Observation) {
    population.append(observation)
    if population.count > populationSize { population.remove(at: dying) }
  }

  private mutating func tournamentWinner() -> Architecture {
    var best = generator.integer(below: populationSize)
    var worst = best
    for _ in 1..<max(1, sampleSize) {
      let drawn = generator.integer(below: populationSize)
      if fitness(drawn) < fitness(best) { best = drawn }
      if fitness(drawn) > fitness(worst) { worst = drawn }
    }
    dying = aging ? 0 : worst
    return population[best].architecture
  }

  private func fitness(_ member: Int) -> Double { population[member].validationError ?? .infinity }
}
