import NeuralNetworks
import Randomness
import SearchCore
import TensorCore
import Testing

/// The LSTM language model with everything that drops out, against plain loops and central
/// differences.
@Suite struct LSTMLanguageModelTests {
  /// A recipe and what it is called.
  struct Recipe: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let training: TextTraining

    static let all = [
      Recipe(
        testDescription: "Zaremba et al. 2014, small",
        training: TextTraining(hidden: 5, unrolledSteps: 4)),
      Recipe(
        testDescription: "Zaremba et al. 2014, medium",
        training: TextTraining(
          hidden: 5, unrolledSteps: 4, initialBound: 0.5, embeddingDropout: 0.5,
          hiddenDropout: 0.5, outputDropout: 0.5)),
      Recipe(
        testDescription: "AWD-LSTM",
        training: TextTraining(
          hidden: 5, embedding: 4, layers: 3, unrolledSteps: 4, sumsOverSteps: false,
          tiedEmbeddings: true, initialBound: 0.5, wordDropout: 0.2, embeddingDropout: 0.4,
          inputDropout: 0.1, hiddenDropout: 0.25, outputDropout: 0.4, weightDropout: 0.5,
          variationalDropout: true, activationRegularization: 2, temporalRegularization: 1)),
    ]
  }

  private static let (words, batch, steps) = (11, 3, 4)
  private static var pass: TrainingPass { .init(key: RandomKey(seed: 8), progress: 0) }
  private static let text = TextBatch(
    text: (0..<(steps + 1) * batch).map { Int32($0 * 7 % words) }, batch: batch)

  private func model(_ training: TextTraining, _ context: ComputeContext) -> LSTMLanguageModel {
    let model = LSTMLanguageModel(words: Self.words, training: training)
    model.parameters.allocate(in: context, key: RandomKey(seed: 1))
    return model
  }

  /// Carried from some text, so that the state is other than zero.
  private func state(_ model: LSTMLanguageModel, _ context: ComputeContext) -> [Tensor] {
    let tape = Tape(context, isTraining: false)
    let start = model.initialState(batch: Self.batch, on: tape)
    return model.score(Self.text, from: start, on: tape, during: nil).state
  }

  @Test(arguments: Recipe.all, [true, false])
  func equalsPlainLoops(recipe: Recipe, isTraining: Bool) throws {
    let context = try ComputeContext(threads: 2)
    let model = model(recipe.training, context)
    let state = state(model, context)
    let tape = Tape(context, isTraining: isTraining)
    model.parameters.clearGradients()
    let scored = model.score(
      Self.text, from: state, on: tape, during: isTraining ? Self.pass : nil)
    var plain = PlainLSTM(
      model.parameters, recipe.training, drops: isTraining ? Self.pass : nil, context)
    let expected = plain.run(Self.text, from: state.map { $0.values().map(Double.init) })
    #expect(abs(scored.score.loss - expected.loss) < 1e-6)
    #expect(abs(scored.totalLoss - expected.totalLoss) < 1e-5)
    for (carried, values) in zip(scored.state, expected.state) {
      for (one, other) in zip(carried.values(), values) { #expect(abs(Double(one) - other) < 1e-6) }
    }
    #expect(scored.state.count == 2 * recipe.training.layers)
  }

  @Test(arguments: Recipe.all, BLASBackend.allCases)
  func gradientsEqualCentralDifferences(recipe: Recipe, blas: BLASBackend) throws {
    let context = try ComputeContext(threads: 2, blas: blas)
    let model = model(recipe.training, context)
    let state = state(model, context)
    func loss() -> Double {
      let tape = Tape(context, isTraining: true)
      model.parameters.clearGradients()
      let scored = model.score(Self.text, from: state, on: tape, during: Self.pass)
      tape.backward()
      return scored.totalLoss
    }
    _ = loss()
    for parameter in model.parameters.trainable {
      let (values, gradient) = (
        model.parameters.values(of: parameter), model.parameters.gradient(of: parameter)
      )
      // Where most is at stake, and in the middle.
      let largest = gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) } ?? 0
      for index in [largest, values.count / 2] {
        let (ahead, back) = (moved(0.004, index), moved(-0.004, index))
        let numeric = (ahead - back) / 0.008
        #expect(
          abs(numeric - Double(gradient[index])) < 3e-4 + 0.01 * abs(numeric),
          "\(parameter.name) \(index)")
      }
      func moved(_ offset: Float, _ index: Int) -> Double {
        var other = values
        other[index] += offset
        model.parameters.assign(other, to: parameter)
        defer { model.parameters.assign(values, to: parameter) }
        return loss()
      }
    }
  }

  /// The sum over the steps, averaged over the sequences, has `steps` times the mean's gradient.
  @Test func summingOverStepsScalesTheGradient() throws {
    let context = try ComputeContext(threads: 1)
    func gradients(sums: Bool) throws -> (Double, [Float]) {
      let model = model(TextTraining(hidden: 5, sumsOverSteps: sums), context)
      let tape = Tape(context, isTraining: true)
      model.parameters.clearGradients()
      let scored = model.score(
        Self.text, from: model.initialState(batch: Self.batch, on: tape), on: tape,
        during: Self.pass)
      tape.backward()
      return (scored.totalLoss, Array(try #require(model.parameters.flatGradients)))
    }
    let (mean, sum) = (try gradients(sums: false), try gradients(sums: true))
    #expect(sum.0 == 4 * mean.0)
    // A power of two: exact.
    #expect(sum.1 == mean.1.map { 4 * $0 })
  }

  /// By hand, for 10,000 words, two layers of h units and two biases a gate:
  /// 10,000 h + 2 (8 h² + 8 h) + 10,000 h + 10,000.
  @Test(arguments: [(200, 4_653_200), (650, 19_780_400)])
  func parametersOfThePaper(hidden: Int, count: Int) {
    let model = LSTMLanguageModel(words: 10_000, training: TextTraining(hidden: hidden))
    #expect(model.parameters.count == count)
    #expect(2 * 10_000 * hidden + 16 * hidden * hidden + 16 * hidden + 10_000 == count)
  }
}

/// The same in double precision and plain loops.
private struct PlainLSTM {
  let values: [String: (sizes: [Int], values: [Double])]
  let training: TextTraining
  let pass: TrainingPass?
  let context: ComputeContext
  var batch = 0

  init(
    _ parameters: Parameters, _ training: TextTraining, drops pass: TrainingPass?,
    _ context: ComputeContext
  ) {
    values = Dictionary(
      uniqueKeysWithValues: parameters.trainable.map {
        ($0.name, ($0.sizes, parameters.values(of: $0).map(Double.init)))
      })
    (self.training, self.pass, self.context) = (training, pass, context)
  }

  /// The factors of a dropout: ones where nothing drops.
  private func factors(
    _ key: RandomKey?, _ share: Double, _ rows: Int, _ columns: Int, isMask: Bool
  ) -> [Double] {
    guard let key, share > 0 else { return [Double](repeating: 1, count: rows * columns) }
    let tape = Tape(context, isTraining: true)
    let shape = Shape(rows: rows, columns: columns)
    let ones = tape.constant([Float](repeating: 1, count: shape.count), shape)
    let drawn =
      isMask
      ? tape.dropoutMask(shape, keep: Float(1 - share), key: key)
      : tape.dropout(ones, keep: Float(1 - share), key: key)
    return drawn.values().map(Double.init)
  }

  private func dropped(_ rows: [[Double]], _ name: String, _ share: Double) -> [[Double]] {
    let width = rows[0].count
    let period = training.variationalDropout ? batch : rows.count
    let factors = factors(
      pass?.key.child(name), share, period, width, isMask: training.variationalDropout)
    return rows.enumerated().map { index, row in
      row.enumerated().map { $1 * factors[index % period * width + $0] }
    }
  }

  mutating func run(_ text: TextBatch, from state: [[Double]]) -> (
    loss: Double, totalLoss: Double, state: [[Double]]
  ) {
    batch = text.batch
    let width = training.embedding
    let table = values["embed.weight"]?.values ?? []
    let words = factors(
      pass?.key.child("word"), training.wordDropout, table.count / width, 1, isMask: true)
    var rows = text.tokens.map { token in
      (0..<width).map { table[Int(token) * width + $0] * words[Int(token)] }
    }
    rows = dropped(rows, "embedding", training.embeddingDropout)
    rows = dropped(rows, "input", training.inputDropout)
    var carried: [[Double]] = []
    for layer in 0..<training.layers {
      if layer > 0 { rows = dropped(rows, "hidden \(layer)", training.hiddenDropout) }
      let (output, cell) = run(layer, rows, state[2 * layer], state[2 * layer + 1])
      rows = output
      carried += [Array(output.suffix(batch).joined()), cell]
    }
    let output = dropped(rows, "output", training.outputDropout)
    let sum = zip(output, text.targets).reduce(0) { $0 + loss($1.0, Int($1.1)) }
    let mean = sum / Double(output.count)
    let total = training.sumsOverSteps ? sum / Double(batch) : mean
    return (mean, total + penalty(raw: rows, dropped: output), carried)
  }

  private func penalty(raw: [[Double]], dropped: [[Double]]) -> Double {
    guard pass != nil else { return 0 }
    func mean(_ rows: [[Double]]) -> Double {
      rows.joined().reduce(0) { $0 + $1 * $1 } / Double(rows.count * rows[0].count)
    }
    let moves = zip(raw.dropFirst(batch), raw).map { later, earlier in
      zip(later, earlier).map { $0 - $1 }
    }
    return training.activationRegularization * mean(dropped)
      + training.temporalRegularization * mean(moves)
  }

  private func loss(_ row: [Double], _ target: Int) -> Double {
    let weights = values[training.tiedEmbeddings ? "embed.weight" : "decoder.weight"]
    let bias = values["decoder.bias"]?.values ?? []
    guard let weights else { return .nan }
    let scores = bias.indices.map { word in
      row.indices.reduce(bias[word]) { sum, unit in
        let place =
          training.tiedEmbeddings ? word * row.count + unit : unit * bias.count + word
        return sum + row[unit] * weights.values[place]
      }
    }
    return PortableMath.log(scores.reduce(0) { $0 + PortableMath.exp($1) }) - scores[target]
  }

  private func run(
    _ layer: Int, _ input: [[Double]], _ output: [Double], _ cell: [Double]
  ) -> ([[Double]], [Double]) {
    func named(_ name: String) -> [Double] { values["lstm.\(name)_l\(layer)"]?.values ?? [] }
    let units = output.count / batch
    let (w, b, c) = (named("weight_ih"), named("bias_ih"), named("bias_hh"))
    let mask = factors(
      pass?.key.child("layer", layer).child("weight"), training.weightDropout, units, 4 * units,
      isMask: true)
    let u = zip(named("weight_hh"), mask).map { $0 * $1 }
    func sigmoid(_ x: Double) -> Double { 1 / (1 + PortableMath.exp(-x)) }
    func tanh(_ x: Double) -> Double { 2 * sigmoid(2 * x) - 1 }
    var (h, memory, rows) = (output, cell, [[Double]]())
    for step in 0..<input.count / batch {
      var next = h
      for sequence in 0..<batch {
        let x = input[step * batch + sequence]
        func sum(_ gate: Int, _ unit: Int) -> Double {
          let column = gate * units + unit
          return x.indices.reduce(b[column] + c[column]) { $0 + x[$1] * w[$1 * 4 * units + column] }
            + (0..<units).reduce(0) { $0 + h[sequence * units + $1] * u[$1 * 4 * units + column] }
        }
        for unit in 0..<units {
          let at = sequence * units + unit
          memory[at] =
            sigmoid(sum(1, unit)) * memory[at] + sigmoid(sum(0, unit)) * tanh(sum(2, unit))
          next[at] = sigmoid(sum(3, unit)) * tanh(memory[at])
        }
      }
      h = next
      rows += (0..<batch).map { Array(h[$0 * units..<($0 + 1) * units]) }
    }
    return (rows, memory)
  }
}
