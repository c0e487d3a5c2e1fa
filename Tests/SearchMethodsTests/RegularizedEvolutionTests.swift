import Randomness
import SearchCore
import SearchMethods
import SearchSpaces
import Testing

@Suite struct RegularizedEvolutionTests {
  private func evolution(_ changes: [String: Double]) -> RegularizedEvolution {
    RegularizedEvolution(
      space: NASBench201(),
      settings: MethodSettings(of: RegularizedEvolution.settings, replacing: changes),
      key: RandomKey(seed: 11))
  }

  /// Asks and tells at once; the proposed architecture.
  @discardableResult
  private func score(
    _ search: inout RegularizedEvolution, trial: Int, _ error: Double?
  ) -> Architecture {
    let architecture = search.ask().architecture
    search.tell(
      Objective.classificationError.observation(
        trial: trial, architecture: architecture, value: error))
    return architecture
  }

  @Test func defaultsAreThePapers() {
    let settings = MethodSettings(of: RegularizedEvolution.settings)
    #expect(settings["population-size"] == 100)
    #expect(settings["sample-size"] == 25)
    #expect(settings["aging"] == 1)
  }

  @Test func oldestMemberLeavesFirst() {
    var search = evolution(["population-size": 4, "sample-size": 2])
    var told: [Observation] = []
    for trial in 0..<12 {
      // The oldest is the best, so a method that removed the worst would keep it.
      let observation = Objective.classificationError.observation(
        trial: trial, architecture: search.ask().architecture,
        value: Double(trial) / 12)
      search.tell(observation)
      told.append(observation)
      #expect(search.population == Array(told.suffix(4)))
    }
  }

  @Test func withoutAgingTheWorstOfTheSampleDies() {
    // With replacement, 200 draws of 4 members miss one with probability 4·0.75²⁰⁰ < 10⁻²⁴.
    var search = evolution(["population-size": 4, "sample-size": 200, "aging": 0])
    for (trial, error) in [0.1, 0.9, 0.2, 0.3, 0.5].enumerated() {
      score(&search, trial: trial, error)
    }
    #expect(search.population.map(\.loss) == [0.1, 0.2, 0.3, 0.5])
  }

  @Test func aTournamentOverEverybodyPicksTheBest() {
    var search = evolution(["population-size": 4, "sample-size": 200])
    var best: Architecture?
    for (trial, error) in [0.5, 0.2, 0.9, 0.4].enumerated() {
      let architecture = score(&search, trial: trial, error)
      if error == 0.2 { best = architecture }
    }
    let child = search.ask().architecture
    let changed = zip(child.choices, best?.choices ?? []).filter { $0 != $1 }.count
    #expect(changed == 1)
  }

  @Test func failedTrialsRankBehindMeasuredOnes() {
    var search = evolution(["population-size": 3, "sample-size": 200])
    var measured: Architecture?
    for (trial, error) in ([nil, 0.99, nil] as [Double?]).enumerated() {
      let architecture = score(&search, trial: trial, error)
      if error != nil { measured = architecture }
    }
    let child = search.ask().architecture
    let changed = zip(child.choices, measured?.choices ?? []).filter { $0 != $1 }.count
    #expect(changed == 1)
  }

  /// Proposals that are all under way at once.
  private func ask(_ search: inout RegularizedEvolution, _ count: Int) -> [Architecture] {
    (0..<count).map { _ in search.ask().architecture }
  }

  @Test func childrenJoinInTheOrderInWhichTheyEnd() {
    var search = evolution(["population-size": 3, "sample-size": 2, "workers": 4])
    let architectures = ask(&search, 4)
    #expect(search.workers == 4)
    for trial in [2, 0, 3, 1] {
      search.tell(
        Objective.classificationError.observation(
          trial: trial, architecture: architectures[trial],
          value: Double(trial) / 10))
    }
    // The first to end is the oldest, and has died; it was the second to be asked for last.
    #expect(search.population.map(\.trial) == [0, 3, 1])
  }

  // A sample of 200 of 4 is everybody. Both children are to take the place of the 0.9; the second
  // to end finds it dead, and takes that of the worst who lives then.
  @Test func withoutAgingAChildTakesThePlaceThatItsOwnSampleLeft() {
    var search = evolution([
      "population-size": 4, "sample-size": 200, "aging": 0, "workers": 2,
    ])
    for (trial, error) in [0.1, 0.9, 0.2, 0.3].enumerated() {
      score(&search, trial: trial, error)
    }
    let children = ask(&search, 2)
    search.tell(
      Objective.classificationError.observation(trial: 5, architecture: children[1], value: 0.05))
    #expect(search.population.map(\.trial) == [0, 2, 3, 5])
    search.tell(
      Objective.classificationError.observation(trial: 4, architecture: children[0], value: 0.8))
    #expect(search.population.map(\.trial) == [0, 2, 5, 4])
  }

  @Test func aPopulationMustBeFilledTwice() {
    #expect(evolution(["population-size": 10, "sample-size": 3]).minimumTrials == 20)
  }
}
