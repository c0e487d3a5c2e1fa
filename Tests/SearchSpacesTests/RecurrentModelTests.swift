import NeuralNetworks
import Randomness
import SearchSpaces
import TensorCore
import Testing

/// Losses and gradients of small language models, against Tests/Reference/recurrent-values.py
/// (PyTorch 2.13.0, double precision).
@Suite struct RecurrentModelTests {
  /// What PyTorch gave: the losses of two texts, one after the other, and of the second's gradient
  /// by each parameter the product with a ramp and with itself.
  struct Expected: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let losses: [Double]
    let projections: [(ramp: Double, square: Double)]
  }

  private static func ramp(_ count: Int, _ multiplier: Int, _ modulus: Int) -> [Double] {
    (0..<count).map { Double($0 * multiplier % modulus) / Double(modulus) - 0.5 }
  }

  private static func fill(_ parameters: Parameters, from first: Int = 0) {
    for (index, parameter) in parameters.trainable.enumerated() {
      let values = ramp(parameter.count, 31 + 10 * (first + index), 101)
      parameters.assign(values.map { Float($0) }, to: parameter)
    }
  }

  private static func text(_ multiplier: Int, words: Int, steps: Int, batch: Int) -> TextBatch {
    TextBatch(
      text: (0..<(steps + 1) * batch).map { Int32($0 * multiplier % words) }, batch: batch)
  }

  private func compare(_ parameters: [Parameters], _ losses: [Double], with expected: Expected) {
    for (loss, value) in zip(losses, expected.losses) { #expect(abs(loss - value) < 2e-6) }
    let gradients = parameters.flatMap { set in set.trainable.map { set.gradient(of: $0) } }
    #expect(gradients.count == expected.projections.count)
    for (index, (gradient, value)) in zip(gradients, expected.projections).enumerated() {
      let ramp = Self.ramp(gradient.count, 13, 103)
      let projection = zip(gradient, ramp).reduce(0.0) { $0 + Double($1.0) * $1.1 }
      let square = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
      // PyTorch in single precision comes as near as 8e-7 of the square.
      let norm = value.square.squareRoot()
      #expect(abs(projection - value.ramp) < 1e-5 * norm, "parameter \(index)")
      #expect(abs(square - value.square) < 2e-5 * value.square, "parameter \(index)")
    }
  }

  // MARK: LSTM

  static let lstm = Expected(
    testDescription: "LSTM",
    losses: [2.39971389, 2.42977046],
    projections: [
      (0.000242418978, 1.07534373e-05),
      (-0.000253591099, 3.62070125e-06),
      (-9.45670409e-05, 6.16555421e-07),
      (0.000124816156, 2.17097977e-06),
      (0.000124816156, 2.17097977e-06),
      (-0.00108605941, 1.54036946e-05),
      (6.78683506e-05, 7.23364521e-06),
      (-0.00181853044, 6.18598578e-05),
      (-0.00181853044, 6.18598578e-05),
      (-0.00143159863, 0.00157635582),
      (0.0163913225, 0.0128151805),
    ])

  @Test(arguments: [BLASBackend.native, .openBLAS])
  func lstmEqualsPyTorch(blas: BLASBackend) throws {
    let context = try ComputeContext(threads: 2, blas: blas)
    let model = LSTMLanguageModel(words: 11, hidden: 5, layers: 2)
    model.parameters.allocate(in: context, key: RandomKey(seed: 1))
    Self.fill(model.parameters)
    var losses: [Double] = []
    var state = model.initialState(batch: 3, on: Tape(context, isTraining: false))
    for multiplier in [7, 3] {
      let tape = Tape(context, isTraining: true)
      model.parameters.clearGradients()
      let text = Self.text(multiplier, words: 11, steps: 4, batch: 3)
      let (score, last) = model.score(text, from: state, on: tape)
      tape.backward()
      state = last
      losses.append(score.loss)
    }
    compare([model.parameters], losses, with: Self.lstm)
  }

  // MARK: DARTS

  static let cells = [
    Expected(
      testDescription: "found cell",
      losses: [2.59506839, 2.63182465],
      projections: [
        (0.000111032074, 0.00144602108),
        (0.0092109249, 0.0159834141),
        (-0.00313111556, 0.000593083262),
        (0.000509312304, 1.58746936e-05),
        (0.00262672231, 2.13374956e-05),
        (0.00275825673, 2.92074236e-05),
        (0.00168699865, 1.75024291e-05),
        (0.00125733026, 8.62670972e-06),
        (9.66492606e-05, 1.72452163e-07),
        (0.000700638145, 5.29873554e-06),
        (-0.000148009651, 9.29891663e-07),
      ]),
    Expected(
      testDescription: "supernet",
      losses: [2.6581296, 2.89735178],
      projections: [
        (-0.0461512906, 0.459965501),
        (0.00407884066, 0.0138902581),
        (0.0214642859, 0.395262806),
        (-0.00327508508, 0.0531164225),
        (-0.0293986674, 0.0239671156),
        (0.00897158799, 0.0230929907),
        (0.000369941386, 0.0123676715),
        (-0.0435352766, 0.0181472128),
        (-0.0295865408, 0.0189001662),
        (-0.00745645087, 0.0145049232),
        (0.0091715494, 0.0117901793),
        (0.00227842514, 0.00051478549),
      ]),
  ]

  private func model(_ isSupernet: Bool, _ context: ComputeContext) -> DARTSRecurrentModel {
    let model = DARTSRecurrentModel(
      words: 13, hidden: 6, genotype: isSupernet ? nil : .secondOrder,
      dropout: .init(word: 0, embedding: 0, input: 0, hidden: 0, output: 0))
    model.parameters.allocate(in: context, key: RandomKey(seed: 1))
    model.alphas.allocate(in: context, key: RandomKey(seed: 1))
    Self.fill(model.parameters)
    Self.fill(model.alphas, from: 20)
    return model
  }

  /// - Parameter differentiated: The parameters whose gradients are wanted; `nil` for all.
  private func losses(
    _ model: DARTSRecurrentModel, _ context: ComputeContext, differentiating: Parameters? = nil
  ) -> [Double] {
    var losses: [Double] = []
    var state = model.initialState(batch: 4, on: Tape(context, isTraining: false))
    for multiplier in [7, 3] {
      let tape = Tape(context, isTraining: true, differentiating: differentiating)
      for parameters in [model.parameters, model.alphas] { parameters.clearGradients() }
      let text = Self.text(multiplier, words: 13, steps: 3, batch: 4)
      let (_, loss, last) = model.score(
        text, from: state, key: RandomKey(seed: 1), slowness: 0.5, on: tape)
      tape.backward()
      state = last
      losses.append(loss)
    }
    return losses
  }

  @Test(arguments: cells, [BLASBackend.native, .openBLAS])
  func dartsEqualsPyTorch(expected: Expected, blas: BLASBackend) throws {
    let context = try ComputeContext(threads: 2, blas: blas)
    let model = model(expected.testDescription == "supernet", context)
    let losses = losses(model, context)
    compare([model.parameters, model.alphas], losses, with: expected)
  }

  @Test func anAlphaStepComputesNoWeightGradients() throws {
    let context = try ComputeContext(threads: 2, blas: .native)
    let model = model(true, context)
    _ = losses(model, context)
    let all = try #require(model.alphas.flatGradients).map { $0 }
    _ = losses(model, context, differentiating: model.alphas)
    #expect(try #require(model.alphas.flatGradients).map { $0 } == all)
    #expect(try #require(model.parameters.flatGradients).allSatisfy { $0 == 0 })
  }

  @Test func genotypesReadAsInThePaper() {
    #expect(
      RecurrentGenotype.secondOrder.description
        == "sigmoid(0) relu(1) relu(1) identity(1) tanh(2) sigmoid(5) tanh(3) relu(5)")
    #expect(
      RecurrentGenotype.firstOrder.description
        == "relu(0) relu(1) tanh(2) relu(3) relu(4) identity(1) relu(5) relu(1)")
  }
}
