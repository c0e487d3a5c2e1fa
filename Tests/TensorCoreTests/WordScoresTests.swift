import Randomness
import TensorCore
import Testing

/// Embeddings and scores of words against the same thing made of plain operations.
@Suite struct WordScoresTests {
  private static let (words, width) = (37, 9)

  private struct Outcome {
    var score: BatchScore
    var hidden: [Float]
    var weights: [Float]
    var bias: [Float]
  }

  /// - Parameter isStripped: By `scoreWords`, or by a linear layer and a loss.
  private func outcome(
    rows: Int, isTied: Bool, isStripped: Bool, _ context: ComputeContext
  ) throws -> Outcome {
    let parameters = Parameters()
    let sizes = isTied ? [Self.words, Self.width] : [Self.width, Self.words]
    let weights = parameters.declare("w", sizes, .uniformFanIn(2))
    let bias = parameters.declare("b", [Self.words], .uniformFanIn(2))
    let plain = parameters.declare("p", [Self.width, Self.words], .constant(0))
    parameters.allocate(in: context, key: RandomKey(seed: 5))
    let values = parameters.values(of: weights)
    func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
      (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] }
    }
    parameters.assign(
      isTied ? transposed(values, rows: Self.words, columns: Self.width) : values, to: plain)
    let tape = Tape(context, isTraining: true)
    let hidden = tape.constant(
      ramp(rows * Self.width, 7, 101, scale: 4), Shape(rows: rows, columns: Self.width),
      requiresGradient: true)
    let targets = (0..<rows).map { Int32($0 * 5 % Self.words) }
    parameters.clearGradients()
    if isStripped {
      let decoder = WordDecoder(weights: weights, isTied: isTied, bias: bias)
      let score = tape.scoreWords(hidden, decoder, targets: targets, of: parameters)
      tape.backward()
      return Outcome(
        score: score, hidden: try #require(hidden.gradient).values(),
        weights: parameters.gradient(of: weights), bias: parameters.gradient(of: bias))
    }
    let logits = tape.linear(hidden, weights: plain, bias: bias, of: parameters)
    let score = tape.softmaxCrossEntropy(logits, labels: targets)
    tape.backward()
    let gradient = parameters.gradient(of: plain)
    return Outcome(
      score: score, hidden: try #require(hidden.gradient).values(),
      weights: isTied
        ? transposed(gradient, rows: Self.width, columns: Self.words) : gradient,
      bias: parameters.gradient(of: bias))
  }

  @Test(arguments: [5, 256, 600], [false, true])
  func stripsEqualALinearLayerAndALoss(rows: Int, isTied: Bool) throws {
    for blas in [BLASBackend.native, .openBLAS] {
      try stripsEqualALinearLayerAndALoss(
        rows: rows, isTied: isTied, try ComputeContext(threads: 2, blas: blas))
    }
  }

  private func stripsEqualALinearLayerAndALoss(
    rows: Int, isTied: Bool, _ context: ComputeContext
  ) throws {
    let strips = try outcome(rows: rows, isTied: isTied, isStripped: true, context)
    let plain = try outcome(rows: rows, isTied: isTied, isStripped: false, context)
    #expect(abs(strips.score.loss - plain.score.loss) < 1e-6)
    #expect(strips.score.wrong == plain.score.wrong)
    #expect(agree(strips.hidden, plain.hidden, tolerance: 1e-6))
    #expect(agree(strips.weights, plain.weights, tolerance: 1e-6))
    #expect(agree(strips.bias, plain.bias, tolerance: 1e-6))
    #expect(plain.weights.contains { abs($0) > 1e-3 })
  }

  /// The loss of a large softmax in lanes: -log(e^x_t / sum e^x), by PyTorch's cross_entropy.
  @Test func aWideRowIsSummedInFull() throws {
    let context = try ComputeContext(blas: .native)
    let tape = Tape(context, isTraining: false)
    // All scores equal: the loss is log 10,000.
    let logits = tape.constant(
      [Float](repeating: 3, count: 20_000), Shape(rows: 2, columns: 10_000))
    let score = tape.softmaxCrossEntropy(logits, labels: [0, 9_999])
    #expect(abs(score.loss - 9.210340371976184) < 1e-6)
    // The first among equals is on top.
    #expect(score.wrong == 1)
  }

  // MARK: Slowness

  /// Two sequences of three steps and one unit, by hand: moves 1, 2, -3 and 1, so 15 / 4 on
  /// average, and each move's derivative is its double over 4 toward both ends.
  @Test func slownessEqualsTheSumByHand() throws {
    let tape = Tape(try ComputeContext(threads: 2), isTraining: true)
    let states = tape.constant(
      [0, 5, 1, 7, -2, 8], Shape(rows: 6, columns: 1), requiresGradient: true)
    #expect(abs(tape.slowness(states, batch: 2, weight: 0.5) - 0.5 * 15 / 4) < 1e-6)
    let gradient = try #require(states.gradient).values()
    #expect(agree(gradient, [-0.25, -0.5, 1, 0.25, -0.75, 0.25]))
  }

  // MARK: Embedding

  @Test func anEmbeddingsGradientCountsItsWords() throws {
    let context = try ComputeContext(threads: 2)
    let parameters = Parameters()
    let table = parameters.declare("e", [6, 70], .uniformFanIn(2), isSparse: true)
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    for _ in 0..<2 {
      parameters.clearGradients()
      let tape = Tape(context, isTraining: true)
      let rows = tape.embedding([4, 1, 4, 4], count: 4, table: table, of: parameters)
      let values = parameters.values(of: table)
      let fourth = Array(values[280..<350])
      #expect(rows.values() == fourth + Array(values[70..<140]) + fourth + fourth)
      // Each of two classes gets half the weight of a row of equal scores.
      let classifier = tape.add(rows, rows)
      _ = tape.softmaxCrossEntropy(classifier, labels: [0, 0, 0, 0])
      tape.backward()
    }
    let gradient = parameters.gradient(of: table)
    for word in [0, 2, 3, 5] {
      #expect(gradient[word * 70..<(word + 1) * 70].allSatisfy { $0 == 0 })
    }
    // Rows 0, 2 and 3 are one word, so their gradients are equal and add up.
    let tape = Tape(context, isTraining: true)
    parameters.clearGradients()
    let one = tape.embedding([4], count: 1, table: table, of: parameters)
    _ = tape.softmaxCrossEntropy(tape.add(one, one), labels: [0])
    tape.backward()
    let single = parameters.gradient(of: table)[280..<350].map { $0 * 3 / 4 }
    #expect(agree(Array(gradient[280..<350]), Array(single), tolerance: 1e-6))
  }

  @Test(arguments: [nil, 0.05] as [Float?])
  func aSparseUpdateEqualsADenseOne(clip: Float?) throws {
    func weights(isSparse: Bool) throws -> [Float] {
      let context = try ComputeContext(threads: 2, blas: .native)
      let parameters = Parameters()
      let first = parameters.declare("a", [9, 12], .uniformFanIn(2))
      let table = parameters.declare("e", [20, 9], .uniformFanIn(2), isSparse: isSparse)
      parameters.allocate(in: context, key: RandomKey(seed: 1))
      let optimizer = SGD(
        parameters, momentum: 0, isNesterov: false, weightDecay: 0, clipNorm: clip, in: context)
      for step in 0..<3 {
        parameters.clearGradients()
        let tape = Tape(context, isTraining: true)
        let words = (0..<7).map { Int32(($0 * $0 + 4 * step) % 20) }
        let rows = tape.embedding(words, count: 7, table: table, of: parameters)
        let logits = tape.linear(rows, weights: first, bias: nil, of: parameters)
        _ = tape.softmaxCrossEntropy(logits, labels: words.map { $0 % 12 })
        tape.backward()
        optimizer.step(learningRate: 1)
      }
      return Array(try #require(parameters.flatValues))
    }
    // The norm's sum is made in another order.
    #expect(agree(try weights(isSparse: true), try weights(isSparse: false), tolerance: 1e-6))
  }
}
