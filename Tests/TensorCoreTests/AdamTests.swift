import OperationCosts
import Randomness
import TensorCore
import Testing

/// Five steps on a linear classifier against torch.optim.Adam of PyTorch 2.13, printed by
/// `python3 Tests/Reference/network-values.py`, and against `tf.train.AdamOptimizer` of TensorFlow
/// 2.21, printed by `python3 Tests/Reference/tensorflow-values.py`.
@Suite struct AdamTests {
  struct AdamCase: CustomTestStringConvertible, Sendable {
    let mean: Float
    let square: Float
    let epsilon: Float
    let decay: Float
    var convention = Adam.EpsilonConvention.algorithm1
    /// Weights `[in, out]`, then bias.
    let values: [Float]

    var testDescription: String {
      "decays \(mean), \(square), epsilon \(epsilon) \(convention), \(decay)"
    }
  }

  static let cases = [
    AdamCase(
      mean: 0.9, square: 0.999, epsilon: 1e-08, decay: 0.0,
      values: [
        -0.751110435, 0.205654129, 0.10527733, 0.167449921, 0.525493264, -0.43458429, -0.251061082,
        -0.320367455,
      ]),
    AdamCase(
      mean: 0.5, square: 0.999, epsilon: 1e-08, decay: 0.001,
      values: [
        -0.585365355, 0.15432325, 0.16320163, 0.106795236, 0.432631791, -0.343248934, -0.307668388,
        -0.261565119,
      ]),
    AdamCase(
      mean: 0.0, square: 0.9, epsilon: 0.001, decay: 0.05,
      values: [
        -0.219646648, 0.0304786265, 0.139201969, 0.0613911897, 0.15478088, -0.178558424,
        -0.263583183, -0.214586213,
      ]),
    // ENAS' controller.
    AdamCase(
      mean: 0.0, square: 0.999, epsilon: 0.001, decay: 0, convention: .hat,
      values: [
        -0.54114449, -0.00431016134, 0.256306916, 0.0164203793, 0.367562443, -0.276653469,
        -0.323442042, -0.24798654,
      ]),
    AdamCase(
      mean: 0.9, square: 0.999, epsilon: 1e-08, decay: 0, convention: .hat,
      values: [
        -0.751766682, 0.206312746, 0.104856536, 0.16787073, 0.528071344, -0.437162161,
        -0.251285464, -0.320143193,
      ]),
    AdamCase(
      mean: 0.5, square: 0.9, epsilon: 0.05, decay: 0, convention: .hat,
      values: [
        -0.503052592, -0.0424018726, 0.334430367, -0.0617030933, 0.35238418, -0.261475146,
        -0.348117828, -0.223310784,
      ]),
  ]

  @Test(arguments: cases, InstructionSet.allCases.filter { $0.isAvailable })
  func stepsEqualPyTorchsAndTensorFlows(expected: AdamCase, instructionSet: InstructionSet) throws {
    let context = try ComputeContext(threads: 2, instructionSet: instructionSet, blas: .native)
    let parameters = Parameters()
    let weights = parameters.declare("weight", [3, 2], .constant(0))
    let bias = parameters.declare("bias", [2], .constant(0))
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    parameters.assign(ramp(6, 5, 11), to: weights)
    parameters.assign(ramp(2, 3, 7), to: bias)
    let optimizer = Adam(
      parameters, decays: (expected.mean, expected.square), epsilon: expected.epsilon,
      convention: expected.convention, weightDecay: expected.decay, in: context)
    for step in 0..<5 {
      parameters.clearGradients()
      let tape = Tape(context, isTraining: true)
      let inputs = tape.constant(ramp(12, 7, 13, scale: 2), Shape(rows: 4, columns: 3))
      let logits = tape.linear(inputs, weights: weights, bias: bias, of: parameters)
      _ = tape.softmaxCrossEntropy(logits, labels: [0, 1, 1, 0])
      tape.backward()
      optimizer.step(learningRate: 0.1 - 0.01 * Float(step))
    }
    #expect(optimizer.steps == 5)
    #expect(agree(parameters.values(of: weights) + parameters.values(of: bias), expected.values))
  }

  /// ENAS' controller with a constant gradient of 10⁻³ at a rate of 0.0035: `tf.train.AdamOptimizer`
  /// moves it by 1.0729e-4 in its first step and by 8.2529e-4 in its hundredth.
  @Test(arguments: [
    (Adam.EpsilonConvention.hat, 1.0729e-4, 8.2529e-4), (.algorithm1, 0.0035 / 2, 0.0035 / 2),
  ])
  func aSmallGradientMovesByTheConvention(
    _ convention: Adam.EpsilonConvention, first: Double, hundredth: Double
  ) throws {
    let context = try ComputeContext(threads: 1)
    let parameters = Parameters()
    _ = parameters.declare("weight", [1], .constant(0))
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    let optimizer = Adam(
      parameters, decays: (0, 0.999), epsilon: 1e-3, convention: convention, in: context)
    let value = try #require(parameters.flatValues)
    var moves: [Double] = []
    for _ in 0..<100 {
      let before = value[0]
      parameters.clearGradients()
      let gradients = try #require(parameters.flatGradients)
      gradients[0] = 1e-3
      optimizer.step(learningRate: 0.0035)
      moves.append(Double(before - value[0]))
    }
    #expect(abs(moves[0] / first - 1) < 1e-3)
    #expect(abs(moves[99] / hundredth - 1) < 1e-3)
  }

  @Test func aStepIsChargedByTheParameter() {
    let parameters = Parameters()
    _ = parameters.declare("weight", [3, 2], .constant(0))
    #expect(
      Adam.operations(parameters) == [
        LogicalOperation(.memoryBound, flops: 6 * 13, bytes: 6 * 28)
      ])
    #expect(
      Adam.operations(parameters, clips: true) == [
        LogicalOperation(.memoryBound, flops: 6 * 15, bytes: 6 * 32)
      ])
  }
}
