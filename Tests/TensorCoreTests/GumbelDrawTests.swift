import Randomness
import TensorCore
import Testing

/// Draws by the Gumbel-max trick, against `torch.softmax` and autograd of PyTorch 2.13 in double precision.
@Suite struct GumbelDrawTests {
  private let logits = [[0.3, -0.2, 0.5], [1, 0.25, -0.75]]
  private let noise = [[0.1, 1.2, -0.4], [-0.3, 0.6, 2]]

  @Test func softenedWeightsArePyTorchs() throws {
    let draw = try #require(GumbelDraw(logits: logits, noise: noise, temperature: 0.5))
    #expect(draw.columns == [1, 2])
    let expected = [[0.2054, 0.6819, 0.1127], [0.1868, 0.2521, 0.5611]]
    for (row, values) in zip(draw.weights, expected) {
      for (found, value) in zip(row, values) { #expect(abs(found - value) < 1e-4) }
    }
  }

  /// The loss adds 2 and -3 times the drawn weights of the two rows, and half of all others.
  @Test func derivativesArePyTorchs() throws {
    let expected: [Float] = [
      -0.42015335, 0.65073839, -0.23058505, 0.73360318, 0.99026072, -1.7238639,
    ]
    let found = try gradient(logits, noise) { tape, weights in
      #expect(weights.map { $0.values() } == [[1, 1, 0]])
      let terms = [2, -3, 0.5].map { tape.constant([$0], Shape(1, 1, 1, 1)) }
      return tape.sum(terms.map { .maps($0) }, weights: weights[0])
    }
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-6) }
  }

  /// A row that has drawn a column without a weight: that of `none`.
  @Test func whatHasNoWeightHasNoDerivative() throws {
    let found = try gradient([logits[0]], [[3, 0.2, -0.4]]) { tape, weights in
      #expect(weights.map { $0.values() } == [[0]])
      return tape.sum([.maps(tape.constant([0.5], Shape(1, 1, 1, 1)))], weights: weights[0])
    }
    for (found, expected) in zip(found, [-0.0030037437, 0.0013521833, 0.0016515604]) {
      #expect(abs(Double(found) - expected) < 1e-8)
    }
  }

  /// The derivative by α of a number that a graph makes of the weights of one group of all rows.
  private func gradient(
    _ logits: [[Double]], _ noise: [[Double]], _ graph: (Tape, [Tensor]) -> Tensor
  ) throws -> [Float] {
    let context = try ComputeContext()
    let alphas = Parameters()
    let alpha = alphas.declare("alpha", [logits.count, 3], .constant(0))
    alphas.allocate(in: context, key: RandomKey(seed: 1))
    let draw = try #require(GumbelDraw(logits: logits, noise: noise, temperature: 0.5))
    let tape = Tape(context, isTraining: true)
    let weights = tape.drawnRows(
      draw, alpha, of: alphas, groups: [logits.count], columns: 1..<3)
    let output = graph(tape, weights)
    // The loss is the first of two logits, with everything else of the cross entropy taken away:
    // d(loss) / d(logit) is p - 1 for its class.
    let both = tape.concatenate([output, tape.zeros(output.shape)])
    let loss = tape.softmaxCrossEntropy(both, labels: [0], smoothing: 0)
    tape.backward()
    let probability = 1 / (1 + PortableMath.exp(-Double(output.values()[0])))
    #expect(abs(loss.loss + PortableMath.log(probability)) < 1e-6)
    return Array(try #require(alphas.flatGradients)).map { $0 / Float(probability - 1) }
  }

  /// The chance of a column is its softmax, whatever the temperature.
  @Test(arguments: [0.1, 1, 10])
  func columnsAreDrawnByTheirSoftmax(temperature: Double) {
    var generator = RandomKey(seed: 3).generator()
    var counts = [0, 0, 0]
    let draws = 20_000
    for _ in 0..<draws {
      let draw = GumbelDraw(logits: [logits[1]], temperature: temperature, using: &generator)
      counts[draw.columns[0]] += 1
    }
    // e / (e + e^0.25 + e^-0.75) and so on; five standard deviations.
    let powers = logits[1].map { PortableMath.exp($0) }
    for (count, power) in zip(counts, powers) {
      let chance = power / powers.reduce(0, +)
      let deviation = (chance * (1 - chance) / Double(draws)).squareRoot()
      #expect(abs(Double(count) / Double(draws) - chance) < 5 * deviation)
    }
  }

  @Test func infiniteNoiseIsNoDraw() {
    #expect(GumbelDraw(logits: [[0, 0]], noise: [[.infinity, 0]], temperature: 1) == nil)
    #expect(GumbelDraw(logits: [[.nan, 0]], noise: [[0, 0]], temperature: 1) == nil)
  }
}
