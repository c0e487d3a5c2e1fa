import Controllers
import Randomness
import SearchCore
import SearchSpaces
import Testing

@Suite struct ControllerTrainingTests {
  private static let settings = [
    ("learning-rate", 0.1), ("batch-size", 1), ("baseline-momentum", 0.9), ("hidden-units", 6),
    ("initial-range", 0.5),
  ].map { MethodSetting(name: $0.0, defaultValue: $0.1, range: 0...10, source: "tests") }

  private func training(_ space: any SearchSpace = NASBench201()) -> ControllerTraining {
    ControllerTraining(
      space: space, settings: MethodSettings(of: Self.settings), layers: 1, replicas: 2,
      key: RandomKey(seed: 3))
  }

  /// Two batches of a child each, drawn together and scored in the order of drawing.
  private func batches(
    _ training: inout ControllerTraining
  ) throws -> [ControllerTraining.Batch] {
    let children = [training.ask().architecture, training.ask().architecture]
    var batches: [ControllerTraining.Batch] = []
    for (trial, child) in children.enumerated() {
      let observation = Objective.classificationError.observation(
        trial: trial, architecture: child, value: 0.5)
      let batch = training.take(observation, reward: 0.5)
      batches.append(try #require(batch))
    }
    return batches
  }

  // The second update has no gradient, so only where it is applied can tell the two apart: a step
  // at the stale weights must leave the controller where a step at those of now leaves it.
  @Test func aStaleGradientIsAppliedToTheWeightsOfNow() throws {
    func weights(stale: Bool) throws -> (drawn: [Float], seen: [Float], after: [Float]) {
      var training = training()
      let batches = try batches(&training)
      training.step(at: batches[0].weights) { controller in
        controller.score(batches[0].sequences).differentiate(logProbability: [-1], entropy: [0])
      }
      var (seen, after): ([Float], [Float]) = ([], [])
      training.step(at: stale ? batches[1].weights : nil) { seen = $0.weights }
      training.step { after = $0.weights }
      return (batches[1].weights, seen, after)
    }
    let stale = try weights(stale: true)
    let fresh = try weights(stale: false)
    #expect(stale.seen == stale.drawn)
    #expect(fresh.seen != fresh.drawn)
    #expect(stale.after == fresh.after)
    #expect(stale.after != stale.drawn)
  }

  @Test func anUpdateKnowsHowManyCameBeforeIt() throws {
    var training = training()
    _ = try batches(&training)
    #expect(training.staleness == [0, 1])
  }

  // A sequence cut short is as likely as all that begin with it together.
  @Test func theFirstDecisionsAreScoredAlone() {
    let controller = RecurrentController(
      ControllerLayout(of: NASChain(depth: 2)),
      shape: .init(layers: 1, hidden: 6, initialRange: 0.5), key: RandomKey(seed: 4))
    let first = [2, 0, 3]
    var sequences = [first]
    for count in [4, 4, 4, 2] {
      sequences = sequences.flatMap { head in (0..<count).map { head + [$0] } }
    }
    let total = controller.score(sequences).logProbabilities
      .reduce(0) { $0 + PortableMath.exp($1) }
    let alone = PortableMath.exp(controller.score([first]).logProbabilities[0])
    #expect(abs(total - alone) < 1e-6)
  }

  @Test func aShortDrawIsTheBeginningOfALongOne() {
    let controller = RecurrentController(
      ControllerLayout(of: NASChain(depth: 4)),
      shape: .init(layers: 2, hidden: 6, initialRange: 0.5), key: RandomKey(seed: 4))
    var short = [RandomKey(seed: 5).generator()]
    var long = short
    let count = NASChain(depth: 4).decisionCount(depth: 3)
    #expect(
      controller.sample(using: &short, decisions: count)[0]
        == Array(controller.sample(using: &long)[0].prefix(count)))
  }
}
