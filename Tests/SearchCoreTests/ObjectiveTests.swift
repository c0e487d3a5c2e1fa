import SearchCore
import Testing

@Suite struct ObjectiveTests {
  private let architecture = Architecture(space: "line", choices: [1])

  @Test func anErrorIsRewardedByItsAccuracy() {
    let told = Objective.classificationError.observation(
      trial: 3, architecture: architecture, value: 0.25)
    #expect(told.trial == 3 && told.loss == 0.25 && told.reward == 0.75)
    #expect(told.printedReward == 75)
  }

  // Zoph & Le, arXiv 1611.01578, section 4.2: c / (validation perplexity)², c usually 80.
  @Test func aPerplexityIsRewardedByItsInverseSquare() {
    let told = Objective.perplexity.observation(trial: 0, architecture: architecture, value: 40)
    #expect(told.reward == 0.05 && told.loss == 40)
  }

  @Test(arguments: [Objective.classificationError, .perplexity])
  func aFailedTrialHasNoReward(objective: Objective) {
    let told = objective.observation(trial: 0, architecture: architecture, value: nil)
    #expect(told.loss == nil && told.reward == 0 && told.printedReward == 0)
  }

  @Test func lessIsBetterUnlessTheDirectionSaysOtherwise() {
    let height = Objective(
      id: "height", name: "height", measures: "height", direction: .maximize,
      differenceUnit: "metres", reward: .value)
    #expect(Objective.perplexity.isBetter(80, than: 90))
    #expect(!height.isBetter(80, than: 90) && height.isBetter(90, than: 80))
    #expect(height.isBetter(-1, than: nil) && !height.isBetter(7, than: 7))
    #expect(height.loss(of: 3) == -3 && height.superlative == "highest")
  }

  @Test func namesAreThoseOfTheField() {
    #expect(Objective.classificationError.name(on: .test) == "test error")
    #expect(Objective.classificationError.labelled("test error") == "test error (%)")
    #expect(Objective.perplexity.labelled("validation perplexity") == "validation perplexity")
    #expect(Objective.classificationError.printed(0.0825) == 8.25)
    #expect(Objective.classificationError(ofAccuracyInPercent: 93.75) == 0.0625)
  }

  @Test(arguments: [(-0.01, false), (0.0, true), (1.0, true), (1.01, false), (.nan, false)])
  func anErrorIsAShare(value: Double, isPossible: Bool) {
    #expect(Objective.classificationError.accepts(value) == isPossible)
  }
}
