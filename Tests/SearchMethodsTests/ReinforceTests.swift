import Controllers
import Randomness
import SearchCore
import SearchMethods
import SearchSpaces
import Testing

@Suite struct ReinforceTests {
  @Test(arguments: [0, 1, 2, 3, 4])
  func gradientMatchesCentralDifferences(choice: Int) {
    var generator = RandomKey(seed: 2).generator()
    let policy = CategoricalPolicy(
      logits: (0..<3).map { _ in (0..<5).map { _ in generator.normal() } })
    let choices = [choice, 2, 4]
    let gradient = policy.logProbabilityGradient(of: choices)
    // Truncation is of order 10⁻¹⁰ and rounding of order 10⁻¹¹ at this step.
    let step = 1e-5
    for decision in 0..<3 {
      for option in 0..<5 {
        var above = policy
        var below = policy
        above.logits[decision][option] += step
        below.logits[decision][option] -= step
        let slope =
          (above.logProbability(of: choices) - below.logProbability(of: choices)) / (2 * step)
        #expect(abs(slope - gradient[decision][option]) < 1e-8)
      }
    }
  }

  @Test func probabilitiesAreTheSoftmaxOfTheLogits() {
    // By hand: logits ln 1, ln 2, ln 5 give 1/8, 2/8, 5/8.
    let policy = CategoricalPolicy(logits: [[0, 0.693147180559945309, 1.60943791243410037]])
    for (found, expected) in zip(policy.probabilities(of: 0), [0.125, 0.25, 0.625]) {
      #expect(abs(found - expected) < 1e-15)
    }
  }

  @Test func baselineIsCorrectedForItsStart() throws {
    // By hand with momentum 0.9: 50; (0.9·5 + 0.1·60)/(0.19) = 10.5/0.19; then 0.9·10.5 + 4 = 13.45
    // over 0.271.
    var baseline = RewardBaseline(momentum: 0.9, .correctedUpToItself)
    #expect(baseline.value == nil)
    for (reward, average) in [(50.0, 50.0), (60, 10.5 / 0.19), (40, 13.45 / 0.271)] {
      #expect(abs(baseline.advantages(of: [reward])[0] - (reward - average)) < 1e-12)
      #expect(abs(try #require(baseline.value) - average) < 1e-12)
    }
  }

  @Test func adamMatchesHandNumbers() {
    // First step: the corrected mean is the gradient and the corrected square its square, so the
    // move is the learning rate. Second, gradient -1 after 2: mean (0.9·0.2 - 0.1)/0.19, square
    // (0.999·0.004 + 0.001)/0.001999.
    var optimizer = PolicyAdam(learningRate: 0.5, shape: [1])
    var logits = [[1.0]]
    optimizer.step(&logits, gradient: [[2]])
    #expect(abs(logits[0][0] - 0.5) < 1e-8)
    optimizer.step(&logits, gradient: [[-1]])
    let move = 0.5 * (0.08 / 0.19) / (0.004996 / 0.001999).squareRoot()
    #expect(abs(logits[0][0] - (0.5 - move)) < 1e-7)
  }

  @Test func theFirstTrialOnlySetsTheBaseline() {
    var search = reinforce(learningRate: 0.5)
    let before = search.policy.logits
    search.tell(
      Objective.classificationError.observation(
        trial: 0, architecture: search.ask().architecture, value: 0.3))
    #expect(search.policy.logits == before)
  }

  @Test func aFailedTrialLosesProbability() {
    var search = reinforce(learningRate: 0.1)
    search.tell(
      Objective.classificationError.observation(
        trial: 0, architecture: search.ask().architecture, value: 0.3))
    let failed = search.ask().architecture
    let before = search.policy.logProbability(of: failed.choices)
    search.tell(
      Objective.classificationError.observation(trial: 1, architecture: failed, value: nil))
    #expect(search.policy.logProbability(of: failed.choices) < before)
  }

  @Test func findsAKnownBestSequence() {
    // Accuracy is the share of decisions that agree with the target: separable, so independent
    // distributions can find it.
    let target = [3, 0, 4, 1, 2, 3]
    var search = reinforce(learningRate: 0.05)
    for trial in 0..<1_500 {
      let architecture = search.ask().architecture
      let wrong = zip(architecture.choices, target).filter { $0 != $1 }.count
      search.tell(
        Objective.classificationError.observation(
          trial: trial, architecture: architecture, value: Double(wrong) / 6))
    }
    let likeliest = search.policy.logits.map { row in row.firstIndex(of: row.max() ?? 0) ?? -1 }
    #expect(likeliest == target)
  }

  private func reinforce(learningRate: Double) -> Reinforce {
    Reinforce(
      space: NASBench201(),
      settings: MethodSettings(
        of: Reinforce.settings, replacing: ["learning-rate": learningRate]),
      key: RandomKey(seed: 21))
  }
}
