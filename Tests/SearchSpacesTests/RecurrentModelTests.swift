import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

/// Losses and gradients of small language models, against Tests/Reference/recurrent-values.py
/// (PyTorch 2.13.0, double precision,
/// the cells of DARTS' released code).
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

  /// The second text's gradient, and the losses of both; nothing drops out.
  private func losses(
    _ model: any LanguageModel, alphas: Parameters? = nil, words: Int, steps: Int, batch: Int,
    _ context: ComputeContext, differentiating: Parameters? = nil, penalizes: Bool = true
  ) -> [Double] {
    var losses: [Double] = []
    var state = model.initialState(batch: batch, on: Tape(context, isTraining: false))
    let pass = TrainingPass(key: RandomKey(seed: 1), progress: 0, penalizes: penalizes)
    for multiplier in [7, 3] {
      let tape = Tape(context, isTraining: true, differentiating: differentiating)
      for parameters in [model.parameters, alphas] { parameters?.clearGradients() }
      let text = Self.text(multiplier, words: words, steps: steps, batch: batch)
      let scored = model.score(text, from: state, on: tape, during: pass)
      tape.backward()
      state = scored.state
      losses.append(scored.totalLoss)
    }
    return losses
  }

  // MARK: LSTM

  static let lstms = [
    Expected(
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
      ]),
    Expected(
      testDescription: "AWD-LSTM",
      losses: [9.66015442, 9.75522701],
      projections: [
        (0.00779127904, 0.00573440258),
        (0.000131053214, 4.63313998e-05),
        (-0.000643060203, 2.73030229e-05),
        (0.00278538431, 0.000223232354),
        (0.00278538431, 0.000223232354),
        (0.00462583537, 0.000539556342),
        (-0.00374341268, 9.34760872e-05),
        (0.0185472241, 0.00387436989),
        (0.0185472241, 0.00387436989),
        (0.126774705, 0.226238163),
      ]),
  ]

  @Test(arguments: lstms, [BLASBackend.native, .openBLAS])
  func lstmEqualsPyTorch(expected: Expected, blas: BLASBackend) throws {
    let context = try ComputeContext(threads: 2, blas: blas)
    let isPlain = expected.testDescription == "LSTM"
    let model = LSTMLanguageModel(
      words: 11,
      training: isPlain
        ? TextTraining(hidden: 5, sumsOverSteps: false)
        : TextTraining(
          hidden: 5, embedding: 4, tiedEmbeddings: true, variationalDropout: true,
          activationRegularization: 2, temporalRegularization: 1))
    model.parameters.allocate(in: context, key: RandomKey(seed: 1))
    Self.fill(model.parameters)
    let losses = losses(model, words: 11, steps: 4, batch: 3, context)
    compare([model.parameters], losses, with: expected)
  }

  // MARK: DARTS

  static let cells = [
    Expected(
      testDescription: "found cell",
      losses: [2.60789874, 2.62176755],
      projections: [
        (0.0192996055, 0.00250125991),
        (-0.00174687593, 0.000494937561),
        (-0.00155981031, 2.09868924e-05),
        (0.00176595495, 9.44416905e-05),
        (0.00358232572, 6.97355495e-05),
        (0.00345731664, 4.35826177e-05),
        (0.00349623293, 6.91005051e-05),
        (-0.000188076921, 4.92123912e-07),
        (0.00161611666, 1.21234281e-05),
        (0.00041369873, 2.80400388e-06),
        (-0.017552198, 0.0154587041),
      ]),
    Expected(
      testDescription: "supernet",
      losses: [2.79021055, 2.94506018],
      projections: [
        (0.0696972687, 0.380203107),
        (0.11651987, 0.0874329112),
        (-0.00725169225, 0.0229034163),
        (-0.0636990727, 0.0237664494),
        (0.00508201041, 0.0103123418),
        (-0.0160071463, 0.00368117327),
        (-0.00712297088, 0.00371293971),
        (-0.00445647342, 0.00678036561),
        (-0.0254554229, 0.0345080524),
        (-0.0403911895, 0.0135465473),
        (-0.0155561993, 0.0158006343),
        (0.00409899816, 0.000301173216),
      ]),
    Expected(
      testDescription: "ENAS",
      losses: [2.6334289, 2.59621967],
      projections: [
        (0.00376384694, 0.0001178916),
        (-0.000348236209, 8.84030611e-05),
        (-0.000411594924, 2.52066161e-05),
        (3.03314607e-05, 7.60427374e-06),
        (0.000534478033, 3.8613622e-06),
        (-4.12854603e-06, 6.3113085e-07),
        (0.000166760303, 2.77136892e-06),
        (-1.21111038e-05, 2.9089946e-07),
        (0.00012606889, 4.63087704e-07),
        (6.38021868e-05, 3.80208169e-07),
        (2.44828399e-05, 3.63209364e-08),
        (3.71487767e-05, 2.79127621e-08),
        (3.33438492e-05, 2.3627566e-08),
        (-0.019890948, 0.0113995916),
      ]),
  ]

  /// The cell of ENAS as the authors of DARTS wrote it down.
  private static let enas = RecurrentGenotype(
    [
      .init(.tanh, 0), .init(.tanh, 1), .init(.relu, 1), .init(.tanh, 3), .init(.tanh, 3),
      .init(.relu, 3), .init(.relu, 4), .init(.relu, 7), .init(.relu, 8), .init(.relu, 8),
      .init(.relu, 8),
    ], output: .looseEnds)

  private func model(_ name: String, _ context: ComputeContext) -> DARTSRecurrentModel {
    let genotypes = ["found cell": RecurrentGenotype.secondOrder, "ENAS": Self.enas]
    let model = DARTSRecurrentModel(
      words: 13,
      training: TextTraining(
        hidden: 6, layers: 1, sumsOverSteps: false, tiedEmbeddings: true, initialBound: nil,
        activationRegularization: 0.25, temporalRegularization: 0.5),
      genotype: genotypes[name])
    model.parameters.allocate(in: context, key: RandomKey(seed: 1))
    model.alphas.allocate(in: context, key: RandomKey(seed: 1))
    Self.fill(model.parameters)
    Self.fill(model.alphas, from: 20)
    return model
  }

  private func losses(
    _ model: DARTSRecurrentModel, _ context: ComputeContext, differentiating: Parameters? = nil,
    penalizes: Bool = true
  ) -> [Double] {
    losses(
      model, alphas: model.alphas, words: 13, steps: 3, batch: 4, context,
      differentiating: differentiating, penalizes: penalizes)
  }

  @Test(arguments: cells, [BLASBackend.native, .openBLAS])
  func dartsEqualsTheReleasedCode(expected: Expected, blas: BLASBackend) throws {
    let context = try ComputeContext(threads: 2, blas: blas)
    let model = model(expected.testDescription, context)
    compare([model.parameters, model.alphas], losses(model, context), with: expected)
  }

  /// One unit, one step, by hand: weights 1 and -1 of a cell relu(0), sigmoid(1).
  ///
  /// x = 0.5, h = 0: c = σ(0.5), v = tanh(-0.5), s₀ = c v = -0.28764913;
  /// s₁ = s₀ (1 - σ(s₀)) + σ(s₀) max(0, -s₀) = -0.28764913 (0.57142042 - 0.42857958);
  /// s₂ = s₁ + σ(s₁) (σ(-s₁) - s₁); h = (s₁ + s₂) / 2.
  @Test func oneStepByHand() throws {
    let context = try ComputeContext(threads: 1)
    let model = DARTSRecurrentModel(
      words: 2,
      training: TextTraining(hidden: 1, layers: 1, tiedEmbeddings: true, initialBound: nil),
      genotype: RecurrentGenotype([.init(.relu, 0), .init(.sigmoid, 1)]))
    model.parameters.allocate(in: context, key: RandomKey(seed: 1))
    for (parameter, values) in zip(
      model.parameters.trainable,
      [[0.5, 0.25], [1, -1, 1, -1], [1, -1], [1, -1], [0, 0]] as [[Float]])
    {
      model.parameters.assign(values, to: parameter)
    }
    let tape = Tape(context, isTraining: false)
    let state = model.initialState(batch: 1, on: tape)
    let text = TextBatch(text: [0, 1], batch: 1)
    let scored = model.score(text, from: state, on: tape, during: nil)
    #expect(abs(Double(scored.state[0].values()[0]) - 0.09392019) < 1e-6)
    #expect(abs(scored.score.loss - 0.70495612) < 1e-6)
  }

  // MARK: NAS

  static let nasCell = Expected(
    testDescription: "NASCell",
    losses: [2.60752741, 2.59099479],
    projections: [
      (-0.000175826558, 5.42285333e-07),
      (-0.000144719363, 3.42768391e-07),
      (3.31779457e-06, 2.76243552e-10),
      (0.00026398609, 5.35221224e-07),
      (1.74998083e-06, 6.04832062e-09),
      (0.00170052141, 0.00996830683),
    ])

  @Test(arguments: [BLASBackend.native, .openBLAS])
  func nasCellEqualsTensorFlows(blas: BLASBackend) throws {
    let context = try ComputeContext(threads: 2, blas: blas)
    let cell = try #require(PublishedCells.named("nas-cell"))
    let model = cell.model(
      words: 13, training: TextTraining(hidden: 6, sumsOverSteps: false, tiedEmbeddings: true))
    model.parameters.allocate(in: context, key: RandomKey(seed: 1))
    Self.fill(model.parameters)
    let losses = losses(model, words: 13, steps: 3, batch: 4, context)
    compare([model.parameters], losses, with: Self.nasCell)
  }

  @Test func anArchitectureStepHasNoPenalty() throws {
    let context = try ComputeContext(threads: 1)
    let model = model("supernet", context)
    let (with, without) = (losses(model, context), losses(model, context, penalizes: false))
    #expect(zip(with, without).allSatisfy { $0 > $1 + 1e-3 })
  }

  @Test func anAlphaStepComputesNoWeightGradients() throws {
    let context = try ComputeContext(threads: 2, blas: .native)
    let model = model("supernet", context)
    _ = losses(model, context)
    let all = try #require(model.alphas.flatGradients).map { $0 }
    _ = losses(model, context, differentiating: model.alphas)
    #expect(try #require(model.alphas.flatGradients).map { $0 } == all)
    #expect(try #require(model.parameters.flatGradients).allSatisfy { $0 == 0 })
  }
}
