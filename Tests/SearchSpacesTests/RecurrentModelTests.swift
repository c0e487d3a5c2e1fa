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
      let values = ramp(parameter.count, 17 + 6 * (first + index), 101)
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
      // Single precision's rounding, seen through four matrix products and a normalisation.
      let norm = value.square.squareRoot()
      #expect(abs(projection - value.ramp) < 1e-4 * norm, "parameter \(index)")
      #expect(abs(square - value.square) < 2e-4 * value.square, "parameter \(index)")
    }
  }

  // MARK: LSTM

  static let lstm = Expected(
    testDescription: "LSTM",
    losses: [2.44144331, 2.40599532],
    projections: [
      (-0.00123978126, 3.32701742e-05),
      (-4.63651698e-05, 3.38241669e-05),
      (-0.000143860908, 2.5212664e-06),
      (0.00103086715, 3.3083446e-05),
      (0.00103086715, 3.3083446e-05),
      (0.000686645221, 6.97992363e-05),
      (0.00214380228, 6.30523538e-05),
      (0.00189512302, 0.000700187416),
      (0.00189512302, 0.000700187416),
      (0.00564125991, 0.000656643832),
      (0.0215348399, 0.00655805456),
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
      losses: [2.64145826, 2.57793596],
      projections: [
        (0.000817385228, 0.00153677367),
        (-0.00178806588, 0.00864615253),
        (0.000175202205, 2.55691091e-06),
        (-5.33981153e-05, 1.74434323e-07),
        (2.67513075e-05, 1.25530844e-06),
        (-0.000127213277, 8.17023905e-07),
        (0.000177944486, 6.37101532e-07),
        (0.000128151989, 7.93914528e-07),
        (-9.1797972e-05, 2.18139693e-08),
        (6.98399358e-05, 2.75293232e-07),
        (-0.000123180861, 1.83739475e-07),
      ]),
    Expected(
      testDescription: "supernet",
      losses: [2.76181594, 2.49913999],
      projections: [
        (-0.0418967092, 0.420063975),
        (-0.00373169908, 0.00800547817),
        (0.0229680627, 0.00990351102),
        (0.0165591461, 0.00541177312),
        (0.00545045698, 0.000951779272),
        (0.000543760709, 0.000467289706),
        (0.00588897003, 0.00031700956),
        (-2.28642665e-05, 0.000250582699),
        (0.00305183798, 0.000136874086),
        (0.000747279255, 0.000182673972),
        (0.00411615118, 0.000100010839),
        (0.000346477361, 4.77107859e-05),
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
