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
      let observation = Observation(
        architecture: search.ask(), validationError: Double(trial) / 12)
      search.tell(observation)
      told.append(observation)
      #expect(search.population == Array(told.suffix(4)))
    }
  }

  @Test func withoutAgingTheWorstOfTheSampleDies() {
    // With replacement, 200 draws of 4 members miss one with probability 4·0.75²⁰⁰ < 10⁻²⁴.
    var search = evolution(["population-size": 4, "sample-size": 200, "aging": 0])
    for score in [0.1, 0.9, 0.2, 0.3] {
      search.tell(Observation(architecture: search.ask(), validationError: score))
    }
    search.tell(Observation(architecture: search.ask(), validationError: 0.5))
    #expect(search.population.map(\.validationError) == [0.1, 0.2, 0.3, 0.5])
  }

  @Test func aTournamentOverEverybodyPicksTheBest() {
    var search = evolution(["population-size": 4, "sample-size": 200])
    var best: Architecture?
    for score in [0.5, 0.2, 0.9, 0.4] {
      let architecture = search.ask()
      if score == 0.2 { best = architecture }
      search.tell(Observation(architecture: architecture, validationError: score))
    }
    let child = search.ask()
    let changed = zip(child.choices, best?.choices ?? []).filter { $0 != $1 }.count
    #expect(changed == 1)
  }

  @Test func failedTrialsRankBehindMeasuredOnes() {
    var search = evolution(["population-size": 3, "sample-size": 200])
    var measured: Architecture?
    for score in [nil, 0.99, nil] as [Double?] {
      let architecture = search.ask()
      if score != nil { measured = architecture }
      search.tell(Observation(architecture: architecture, validationError: score))
    }
    let child = search.ask()
    let changed = zip(child.choices, measured?.choices ?? []).filter { $0 != $1 }.count
    #expect(changed == 1)
  }

  @Test func aPopulationMustBeFilledTwice() {
    #expect(evolution(["population-size": 10, "sample-size": 3]).minimumTrials == 20)
  }
}
