import Randomness
import SearchCore
import SearchMethods
import SearchSpaces
import Testing

/// Promotions on scores made by hand, followed through Algorithm 2 of arXiv 1810.05934.
@Suite struct AsynchronousSuccessiveHalvingTests {
  private func asha(_ changes: [String: Double]) -> AsynchronousSuccessiveHalving {
    AsynchronousSuccessiveHalving(
      space: NASBench201(),
      settings: MethodSettings(
        of: AsynchronousSuccessiveHalving.settings, replacing: changes), key: RandomKey(seed: 6))
  }

  private static let halving = [
    "reduction-factor": 2.0, "minimum-epochs": 1, "maximum-epochs": 4,
  ]

  // Li & Talwalkar, arXiv 1902.07638, section 4: r = 1, R = 300, η = 4.
  @Test func defaultsAreThoseOfTheArchitectureSearch() {
    #expect(asha([:]).rungEpochs == [1, 4, 16, 64, 256])
    #expect(asha([:]).minimumTrials == 256 + 64 + 16 + 4 + 1)
  }

  @Test(arguments: [
    (3.0, 1.0, 9.0, [1, 3, 9]), (3, 2, 17, [2, 6]), (4, 12, 12, [12]), (4, 12, 3, [12]),
  ])
  func rungsGrowUpToTheMaximum(
    _ factor: Double, _ minimum: Double, _ maximum: Double, _ rungs: [Int]
  ) {
    let search = asha([
      "reduction-factor": factor, "minimum-epochs": minimum, "maximum-epochs": maximum,
    ])
    #expect(search.rungEpochs == rungs)
  }

  @Test func theMinimumSendsOneArchitectureToTheTop() {
    let search = asha(Self.halving)
    #expect(search.minimumTrials == 7)
    #expect(search.fidelities(ofTrials: 7).map(\.epochs) == [1, 2, 4])
    let trials = search.fidelities(ofTrials: 7).map { 7 * $0.share }
    #expect(trials == [4, 2, 1])
  }

  // Errors of the trials, by hand. Of two in the lowest rung the better, 1, is promoted (trial 2).
  // Trial 3 is the best of three: promoted (4). Of the two in the middle it is the better: promoted
  // (5). Then a fourth in the lowest rung (6): of the best two, 3 and 1, both are promoted already,
  // so a fifth (7); it is the second best of five: promoted (8).
  @Test func theBestOfEachRungIsPromotedAsSoonAsItMayBe() {
    let errors = [0.5, 0.3, 0.25, 0.1, 0.2, 0.15, 0.4, 0.12, 0.3]
    var search = asha(Self.halving)
    var proposals: [Proposal] = []
    for (trial, error) in errors.enumerated() {
      let proposal = search.ask()
      search.tell(
        Objective.classificationError.observation(
          trial: trial, architecture: proposal.architecture, value: error))
      proposals.append(proposal)
    }
    #expect(proposals.map(\.epochs) == [1, 1, 2, 1, 2, 4, 1, 1, 2])
    let origins = [2: 1, 4: 3, 5: 3, 8: 7]
    for (trial, origin) in origins {
      #expect(proposals[trial].architecture == proposals[origin].architecture)
    }
  }

  // Nothing waits: with four workers the lowest rung has begun four trials before one has ended.
  // Trials 2 and 0 end; 2 is better and is promoted at once, though 1 and 3 might be better still.
  @Test func promotionsDoNotWaitForTheRung() {
    var search = asha(Self.halving.merging(["workers": 4]) { $1 })
    let first = (0..<4).map { _ in search.ask() }
    #expect(first.map(\.epochs) == [1, 1, 1, 1])
    search.tell(
      Objective.classificationError.observation(
        trial: 2, architecture: first[2].architecture, value: 0.2))
    #expect(search.ask().epochs == 1)
    search.tell(
      Objective.classificationError.observation(
        trial: 0, architecture: first[0].architecture, value: 0.4))
    #expect(search.ask() == Proposal(first[2].architecture, epochs: 2))
    search.tell(
      Objective.classificationError.observation(
        trial: 1, architecture: first[1].architecture, value: 0.1))
    // Of three the best one alone may go up: that is trial 1 now.
    #expect(search.ask() == Proposal(first[1].architecture, epochs: 2))
    #expect(search.ask().epochs == 1)
  }

  @Test func aFailedTrialIsNeverPromoted() {
    var search = asha(Self.halving)
    for trial in 0..<20 {
      let proposal = search.ask()
      #expect(proposal.epochs == 1)
      search.tell(
        Objective.classificationError.observation(
          trial: trial, architecture: proposal.architecture, value: nil))
    }
  }
}
