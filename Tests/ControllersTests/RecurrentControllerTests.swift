import Controllers
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

@Suite struct RecurrentControllerTests {
  private func controller(
    _ space: any SearchSpace, layers: Int = 2, temper: ChoiceTemper = ChoiceTemper()
  ) -> RecurrentController {
    RecurrentController(
      ControllerLayout(of: space),
      shape: .init(layers: layers, hidden: 6, initialRange: 0.5), temper: temper,
      key: RandomKey(seed: 4))
  }

  private func generators(_ count: Int) -> [KeyedGenerator] {
    (0..<count).map { RandomKey(seed: 9).child("\($0)").generator() }
  }

  @Test func anchorsFollowTheChoicesOfTheirLayer() {
    #expect(
      ControllerLayout(of: NASChain(depth: 3)).steps == [
        .choice(decision: 0), .choice(decision: 1), .choice(decision: 2),
        .anchor(decisions: 3..<3), .choice(decision: 3), .choice(decision: 4),
        .choice(decision: 5), .anchor(decisions: 6..<7), .choice(decision: 7),
        .choice(decision: 8), .choice(decision: 9), .anchor(decisions: 10..<12),
      ])
    #expect(ControllerLayout(of: NASBench201()).steps == (0..<6).map { .choice(decision: $0) })
  }

  // The probabilities of all 8,192 chains of two layers add up to one.
  @Test func probabilitiesOfAllSequencesAddToOne() throws {
    let space = NASChain(depth: 2)
    let controller = controller(space)
    var sequences: [[Int]] = [[]]
    for decision in space.decisions {
      sequences = sequences.flatMap { head in decision.options.indices.map { head + [$0] } }
    }
    #expect(sequences.count == 8192)
    let total = controller.score(sequences).logProbabilities
      .reduce(0) { $0 + PortableMath.exp($1) }
    #expect(abs(total - 1) < 1e-4)
  }

  // Drawn and scored apart, so a slip in either shows: the share of draws of the likeliest first
  // choice lies within four standard deviations of its probability.
  @Test func drawsFollowTheProbabilities() throws {
    let controller = controller(NASBench201(), layers: 1)
    var generators = generators(4000)
    let drawn = controller.sample(using: &generators)
    for option in 0..<5 {
      let share = Double(drawn.filter { $0[0] == option }.count) / 4000
      let sequences = drawn.filter { $0[0] == option }
      let first = try #require(sequences.first)
      // The probability of the first choice: all its continuations together.
      var continuations: [[Int]] = [[first[0]]]
      for _ in 1..<6 {
        continuations = continuations.flatMap { head in (0..<5).map { head + [$0] } }
      }
      let probability = controller.score(continuations).logProbabilities
        .reduce(0) { $0 + PortableMath.exp($1) }
      let deviation = (probability * (1 - probability) / 4000).squareRoot()
      #expect(abs(share - probability) < 4 * deviation)
    }
  }

  @Test(arguments: [ChoiceTemper(), ChoiceTemper(temperature: 5, tanhConstant: 2.5)])
  func gradientsMatchCentralDifferences(_ temper: ChoiceTemper) throws {
    let controller = controller(NASChain(depth: 3), temper: temper)
    var generators = generators(3)
    let sequences = controller.sample(using: &generators)
    let weights = [0.7, -1.3, 0.4]
    let byEntropy = [0.2, 0.5, -0.3]
    func loss() -> Double {
      let scores = controller.score(sequences)
      return zip(weights, scores.logProbabilities).reduce(0) { $0 + $1.0 * $1.1 }
        + zip(byEntropy, scores.entropies).reduce(0) { $0 + $1.0 * $1.1 }
    }
    controller.parameters.clearGradients()
    controller.score(sequences).differentiate(logProbability: weights, entropy: byEntropy)
    let values = try #require(controller.parameters.flatValues)
    let gradients = try #require(controller.parameters.flatGradients)
    // Single precision: a step of 1e-2 keeps rounding near 1e-4 and truncation below it.
    let step: Float = 1e-2
    for index in stride(from: 0, to: values.count, by: 7) {
      let value = values[index]
      values[index] = value + step
      let above = loss()
      values[index] = value - step
      let below = loss()
      values[index] = value
      let slope = (above - below) / (2 * Double(step))
      #expect(abs(slope - Double(gradients[index])) < 2e-3, "parameter \(index)")
    }
  }

  @Test func sameKeySameSequences() throws {
    var (first, second) = (generators(5), generators(5))
    #expect(
      controller(NASChain(depth: 4)).sample(using: &first)
        == controller(NASChain(depth: 4)).sample(using: &second))
  }
}
