import Controllers
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

/// Spaces of ENAS' kinds of controllers.
enum PolicySpace: String, CaseIterable, CustomTestStringConvertible, Sendable {
  case micro, macro, recurrent, language, generic

  var space: any SearchSpace {
    switch self {
    case .micro: ENASMicro()
    case .macro: LayeredSpace(depth: 4)
    case .recurrent: ENASRecurrent()
    case .language: ENASLanguage()
    case .generic: NASBench201()
    }
  }
  var testDescription: String { rawValue }
}

@Suite struct ENASPolicyTests {
  private func policy(
    _ kind: PolicySpace, hidden: Int = 6, range: Float = 0.5, seed: UInt64 = 4,
    temper: ChoiceTemper = ChoiceTemper(temperature: 5, tanhConstant: 2.5)
  ) -> any SequencePolicy {
    var shape = ENASPolicyShape()
    (shape.hidden, shape.initialRange, shape.temper) = (hidden, range, temper)
    return shape.policy(for: kind.space, key: RandomKey(seed: seed))
  }

  private func generators(_ count: Int) -> [KeyedGenerator] {
    (0..<count).map { RandomKey(seed: 9).child("\($0)").generator() }
  }

  @Test func theirSpacesHaveTheirSamplers() {
    #expect(policy(.micro) is ENASMicroPolicy)
    #expect(policy(.macro) is ENASMacroPolicy)
    #expect(policy(.recurrent) is ENASRecurrentPolicy)
    #expect(policy(.language) is ENASRecurrentPolicy)
    #expect(policy(.generic) is RecurrentController)
    #expect(
      ENASPolicyShape().policy(for: NASChain(depth: 2), key: RandomKey(seed: 1))
        is RecurrentController)
  }

  // The released code: lstm [128, 256], embeddings of a start and of the operations, a softmax (the
  // micro one with a bias), and two matrices and a vector of attention.
  @Test(arguments: [
    (PolicySpace.micro, 128 * 256 + 6 * 64 + 5 * 64 + 5 + 2 * 64 * 64 + 64),
    (.macro, 128 * 256 + 4 * 64 + 3 * 64 + 2 * 64 * 64 + 64),
    (.recurrent, 128 * 256 + 5 * 64 + 4 * 64 + 2 * 64 * 64 + 64),
  ])
  func countsParametersAsReleased(_ kind: PolicySpace, _ count: Int) {
    let policy = ENASPolicyShape().policy(for: kind.space, key: RandomKey(seed: 1))
    #expect(policy.parameters.count == count)
  }

  // The share of draws whose last choice is 0 lies within four standard deviations of the mean
  // probability of that, given what was drawn before it.
  @Test(arguments: PolicySpace.allCases)
  func drawsFollowTheProbabilities(_ kind: PolicySpace) throws {
    let policy = policy(kind)
    let count = 3000
    var generators = generators(count)
    let drawn = policy.sample(using: &generators)
    let last = kind.space.decisions.count - 1
    let options = kind.space.decisions[last].options.count
    var expected = 0.0
    let tables = (0..<options).map { option in
      policy.score(
        drawn.map { sequence in
          var changed = sequence
          changed[last] = option
          return changed
        }
      ).logProbabilities.map { PortableMath.exp($0) }
    }
    for index in drawn.indices {
      let total = tables.reduce(0) { $0 + $1[index] }
      expected += tables[0][index] / total
    }
    let probability = expected / Double(count)
    let share = Double(drawn.filter { $0[last] == 0 }.count) / Double(count)
    let deviation = (probability * (1 - probability) / Double(count)).squareRoot()
    #expect(abs(share - probability) < 4 * deviation)
  }

  /// By hand, with weights of almost nothing: node 2 reads node 0 at distance 2 or node 1 at distance
  /// 1, with logits of -4/6 and -1/6; the last node, 8, node 7 or node 0 with -1/6 and -64/6.
  @Test func nearNodesArePreferred() {
    let policy = policy(.language, range: 1e-6)
    func log(_ changes: [Int: Int]) -> Double {
      let sequence = ENASLanguage().decisions.indices.map { changes[$0] ?? 0 }
      return policy.score([sequence]).logProbabilities[0]
    }
    #expect(abs(log([1: 1]) - log([:]) - 0.5) < 1e-4)
    #expect(abs(log([13: 7]) - log([:]) - 63.0 / 6) < 1e-4)
    // Functions have no preferences.
    #expect(abs(log([2: 3]) - log([:])) < 1e-4)
  }

  // All 3⁴ · 2⁶ = 5,184 networks of four layers.
  @Test func probabilitiesOfAllMacroSequencesAddToOne() {
    let space = LayeredSpace(depth: 4)
    var sequences: [[Int]] = [[]]
    for decision in space.decisions {
      sequences = sequences.flatMap { head in decision.options.indices.map { head + [$0] } }
    }
    #expect(sequences.count == 5184)
    let total = policy(.macro).score(sequences).logProbabilities
      .reduce(0) { $0 + PortableMath.exp($1) }
    #expect(abs(total - 1) < 1e-4)
  }

  @Test(
    arguments: PolicySpace.allCases,
    [ChoiceTemper(), ChoiceTemper(temperature: 5, tanhConstant: 2.5)])
  func gradientsMatchCentralDifferences(_ kind: PolicySpace, _ temper: ChoiceTemper) throws {
    let policy = policy(kind, temper: temper)
    var generators = generators(3)
    let sequences = policy.sample(using: &generators)
    let weights = [[0.7, -1.3, 0.4], [0.2, 0.5, -0.3], [0.6, 0.3, -0.9]]
    func loss() -> Double {
      let scores = policy.score(sequences)
      let parts = [scores.logProbabilities, scores.entropies, scores.skipPenalties]
      return zip(weights, parts).reduce(0) { sum, pair in
        sum + zip(pair.0, pair.1).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    policy.parameters.clearGradients()
    policy.score(sequences).differentiate(
      logProbability: weights[0], entropy: weights[1], skipPenalty: weights[2])
    let values = try #require(policy.parameters.flatValues)
    let gradients = try #require(policy.parameters.flatGradients)
    // Single precision: a step of 1e-2 keeps rounding near 1e-4 and truncation below it.
    let step: Float = 1e-2
    for index in stride(from: 0, to: values.count, by: 5) {
      let value = values[index]
      values[index] = value + step
      let above = loss()
      values[index] = value - step
      let below = loss()
      values[index] = value
      let slope = (above - below) / (2 * Double(step))
      #expect(abs(slope - Double(gradients[index])) < 3e-3, "parameter \(index)")
    }
    #expect(gradients.contains { abs($0) > 0.05 })
  }

  // With all weights 0 every logit is 0 but those of the operations: of five, two have the bias 10,
  // and in the normal cell a preference of 0.25 against -0.25. The probability of an operation is
  // then exp(t + 0.25) / (2 exp(t + 0.25) + 3 exp(-0.25)) with t = 0.44 · tanh(10), c = 1.1.
  @Test func operationsAreBiasedAsReleased() throws {
    let policy = policy(.micro, temper: ChoiceTemper(tanhConstant: 1.1))
    let parameters = policy.parameters
    for parameter in parameters.trainable where parameter.name != "operation.bias" {
      parameters.assign([Float](repeating: 0, count: parameter.count), to: parameter)
    }
    func first(_ decision: Int, _ choice: Int) -> Double {
      var sequences = [[Int](repeating: 0, count: 40), [Int](repeating: 0, count: 40)]
      sequences[1][decision] = choice
      let scores = policy.score(sequences).logProbabilities
      return scores[1] - scores[0]
    }
    #expect(abs(first(1, 1)) < 1e-9)
    #expect(abs(first(1, 4) - (-0.44 - 0.5)) < 1e-6)
    #expect(abs(first(21, 4) - (-0.44)) < 1e-6)
  }

  // By hand for one layer with one skip: with all weights 0 a skip has probability 1/2, and
  // KL(1/2 ‖ 0.4) = 0.5 ln(0.5 / 0.4) + 0.5 ln(0.5 / 0.6) = 0.020411. Three layers have it 1, 2 and
  // 3 times, whose mean is 0.040822.
  @Test func skipPenaltyIsTheDivergenceFromThePrior() {
    let policy = policy(.macro)
    for parameter in policy.parameters.trainable {
      policy.parameters.assign(
        [Float](repeating: 0, count: parameter.count), to: parameter)
    }
    let scores = policy.score([[Int](repeating: 0, count: 10)])
    #expect(abs(scores.skipPenalties[0] - 0.040822) < 1e-6)
    // 4 operations of 3 options and 6 skips.
    let entropy = 4 * PortableMath.log(3) + 6 * PortableMath.log(2)
    #expect(abs(scores.entropies[0] - entropy) < 1e-9)
    #expect(abs(scores.logProbabilities[0] + entropy) < 1e-9)
    // -p log p of the choices alone.
    let chosen = 4 * PortableMath.log(3) / 3 + 6 * PortableMath.log(2) / 2
    #expect(abs(scores.choiceEntropies[0] - chosen) < 1e-9)
  }

  // The log-odds of a skip are 2 q; the released code compares the logistic of q with the prior.
  @Test(arguments: [1.0, 2])
  func penaltyComparesTheScaledScore(_ scale: Double) {
    var shape = ENASPolicyShape()
    (shape.hidden, shape.initialRange, shape.skipPrior.scale) = (6, 2, scale)
    let scores = shape.policy(for: LayeredSpace(depth: 2), key: RandomKey(seed: 3))
      .score([[0, 0, 0], [0, 0, 1]])
    let q = (scores.logProbabilities[1] - scores.logProbabilities[0]) / 2
    let probability = 1 / (1 + PortableMath.exp(-scale * q))
    let divergence =
      probability * PortableMath.log(probability / 0.4)
      + (1 - probability) * PortableMath.log((1 - probability) / 0.6)
    #expect(abs(q) > 0.1)
    #expect(abs(scores.skipPenalties[0] - divergence) < 1e-9)
  }

  @Test(arguments: PolicySpace.allCases)
  func costsOfADrawAreCharged(_ kind: PolicySpace) {
    let policy = policy(kind)
    let (draw, update) = (
      policy.operations(sequences: 1, isTraining: false),
      policy.operations(sequences: 1, isTraining: true)
    )
    // Steps: 40 choices and 7 anchors of two cells; two a layer, and a node; one a decision.
    let steps = [
      PolicySpace.micro: 2 * 27, .macro: 2 * 4, .generic: 6, .recurrent: 2 * 12, .language: 2 * 8,
    ][kind]
    #expect(draw.filter { $0.kind == .recurrentProduct }.count == steps)
    let flops = { (list: [LogicalOperation]) in list.reduce(0) { $0 + $1.flops } }
    #expect(flops(update) > 2 * flops(draw) && flops(update) < 4 * flops(draw))
  }

  @Test(arguments: PolicySpace.allCases)
  func sameKeySameSequences(_ kind: PolicySpace) {
    var (first, second, third) = (generators(5), generators(5), generators(1))
    let drawn = policy(kind).sample(using: &first)
    #expect(drawn == policy(kind).sample(using: &second))
    // A sequence does not depend on those drawn beside it.
    #expect(policy(kind).sample(using: &third) == [drawn[0]])
  }

  /// The mean share of decisions that agree with a known sequence, of the last of some updates by
  /// REINFORCE with that share as reward.
  private func agreement(
    _ kind: PolicySpace, target: [Int], temperature: Double, updates: Int,
    learningRate: Float = 0.02
  ) -> Double {
    // A larger constant than the papers', with which a policy can become nearly certain.
    let policy = policy(
      kind, hidden: 24, range: 0.1,
      temper: ChoiceTemper(temperature: temperature, tanhConstant: 12.5))
    let optimizer = Adam(
      policy.parameters, decays: (0, 0.999), epsilon: 1e-3, in: policy.context)
    var (baseline, last) = (0.0, [Double]())
    for update in 0..<updates {
      let key = RandomKey(seed: 5).child("update", update)
      var generators = (0..<10).map { key.child("sample", $0).generator() }
      let drawn = policy.sample(using: &generators)
      let rewards = drawn.map { sequence in
        Double(zip(sequence, target).filter { $0 == $1 }.count) / Double(target.count)
      }
      let advantages = rewards.map { reward in
        baseline += 0.05 * (reward - baseline)
        return reward - baseline
      }
      policy.parameters.clearGradients()
      policy.score(drawn).differentiate(
        logProbability: advantages.map { -$0 / 10 }, entropy: advantages.map { _ in 0 })
      optimizer.step(learningRate: learningRate)
      last = Array((last + rewards).suffix(100))
    }
    return last.reduce(0, +) / Double(last.count)
  }

  /// Two cells of separable convolutions, which the first bias prefers: from 0.38 at first.
  private static let cells = [1, 1, 0, 0, 2, 0, 1, 0, 3, 1, 0, 0, 4, 1, 1, 0, 5, 1, 0, 0]

  @Test func microPolicyFindsAKnownBestSequence() {
    let found = agreement(
      .micro, target: Self.cells + Self.cells, temperature: 10, updates: 400)
    #expect(found > 0.7)
  }

  // Chance is 0.43.
  @Test func macroPolicyFindsAKnownBestSequence() {
    let found = agreement(
      .macro, target: [2, 0, 1, 1, 0, 1, 2, 1, 1, 0], temperature: 5, updates: 250)
    #expect(found > 0.85)
  }

  @Test func withoutLearningTheSequenceIsNotFound() {
    let found = agreement(
      .micro, target: Self.cells + Self.cells, temperature: 10, updates: 20, learningRate: 1e-9)
    #expect(found < 0.5)
  }
}
