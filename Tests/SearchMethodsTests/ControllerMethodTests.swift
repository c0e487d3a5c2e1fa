import Controllers
import Randomness
import SearchCore
import SearchMethods
import SearchSpaces
import Testing

/// The methods with a recurrent controller.
@Suite struct ControllerMethodTests {
  /// Accuracy is the share of decisions that agree with a known sequence: the share that the last
  /// children reach. Chance is 0.2.
  private func agreement(
    _ method: any SearchMethod.Type, trials: Int, replacing changes: [String: Double]
  ) -> Double {
    let target = [3, 0, 4, 1, 2, 3]
    var search = method.init(
      space: NASBench201(),
      settings: MethodSettings(of: method.settings, replacing: changes), key: RandomKey(seed: 8))
    var last: [Double] = []
    var underWay: [(trial: Int, architecture: Architecture)] = []
    for trial in 0..<trials {
      underWay.append((trial, search.ask().architecture))
      guard underWay.count == search.workers else { continue }
      // Whoever began first ends first, as with trials of equal cost.
      let (ended, architecture) = underWay.removeFirst()
      let right = zip(architecture.choices, target).filter { $0 == $1 }.count
      search.tell(
        Objective.classificationError.observation(
          trial: ended, architecture: architecture, value: 1 - Double(right) / 6))
      if trial >= trials - 100 { last.append(Double(right) / 6) }
    }
    return last.reduce(0, +) / Double(last.count)
  }

  // A larger learning rate than the papers', whose thousands of children are no unit test.
  @Test func reinforceFindsAKnownBestSequence() {
    #expect(agreement(NASController.self, trials: 2400, replacing: ["learning-rate": 0.01]) > 0.9)
  }

  @Test func asynchronousReplicasFindAKnownBestSequence() {
    let found = agreement(
      NASController.self, trials: 2400, replacing: ["learning-rate": 0.01, "replicas": 4])
    #expect(found > 0.9)
  }

  private func controller(_ changes: [String: Double]) -> NASController {
    NASController(
      space: NASChain(depth: 5),
      settings: MethodSettings(of: NASController.settings, replacing: changes),
      key: RandomKey(seed: 2))
  }

  // Two replicas of two children: replica 0 has the trials 0 and 2, replica 1 the trials 1 and 3.
  // The second to end was drawn before the first one's update.
  @Test func aReplicaKnowsHowManyUpdatesItMissed() {
    var search = controller(["replicas": 2, "batch-size": 2])
    #expect(search.workers == 2)
    var underWay: [Architecture] = []
    for trial in 0..<8 {
      underWay.append(search.ask().architecture)
      guard underWay.count == 2 else { continue }
      let first = underWay.removeFirst()
      search.tell(
        Objective.classificationError.observation(trial: trial - 1, architecture: first, value: 0.5)
      )
    }
    #expect(search.staleness == [0, 1, 1])
  }

  @Test func childrenGrowWithTheirNumber() {
    var search = controller([
      "initial-layers": 2, "layers-step": 2, "children-per-depth": 4, "batch-size": 2,
    ])
    let layers = (0..<12).map { trial in
      let architecture = search.ask().architecture
      search.tell(
        Objective.classificationError.observation(
          trial: trial, architecture: architecture, value: 0.5))
      return NASChain(depth: 5).layers(of: architecture).count
    }
    #expect(layers == [2, 2, 2, 2, 4, 4, 4, 4, 5, 5, 5, 5])
    for count in 1...12 {
      let foretold = search.fidelities(ofTrials: count).flatMap { fidelity in
        Array(
          repeating: fidelity.layers, count: Int((Double(count) * fidelity.share).rounded()))
      }
      #expect(foretold == Array(layers.prefix(count)))
    }
  }

  @Test func withoutACurriculumChildrenHaveFullDepth() {
    var search = controller(["initial-layers": 0])
    #expect(NASChain(depth: 5).layers(of: search.ask().architecture).count == 5)
  }

  @Test func proximalPolicyFindsAKnownBestSequence() {
    #expect(agreement(ProximalPolicy.self, trials: 2400, replacing: ["learning-rate": 0.005]) > 0.9)
  }

  @Test func withoutLearningTheSequenceIsNotFound() {
    #expect(agreement(NASController.self, trials: 400, replacing: ["learning-rate": 1e-7]) < 0.35)
  }

  // Schulman et al., arXiv 1707.06347, figure 1: past the clip the objective is flat, on the side
  // to which the advantage pushes alone.
  @Test(arguments: [
    (1.0, 2.0, 2.0), (1.1, 2, 2.2), (1.3, 2, 0), (0.5, 2, 1), (0.9, -2, -1.8), (0.7, -2, 0),
    (1.5, -2, -3),
  ])
  func clippedObjectiveIsFlat(_ ratio: Double, _ advantage: Double, _ slope: Double) {
    #expect(
      abs(ProximalPolicy.slope(ratio: ratio, advantage: advantage, clip: 0.2) - slope) < 1e-12)
  }

  // By hand with momentum 0.9: the first two rewards compare with their mean 0.5; the average is
  // then 0.9 · (0.9 · 0.5 + 0.1 · 0.4) + 0.1 · 0.6 = 0.501.
  @Test func baselineComparesWithEarlierRewards() throws {
    var baseline = RewardBaseline(momentum: 0.9)
    let first = baseline.advantages(of: [0.4, 0.6])
    #expect(abs(first[0] + 0.1) < 1e-12 && abs(first[1] - 0.1) < 1e-12)
    #expect(abs(try #require(baseline.value) - 0.501) < 1e-12)
    let second = baseline.advantages(of: [0.601])
    #expect(abs(second[0] - 0.1) < 1e-12)
  }
}
