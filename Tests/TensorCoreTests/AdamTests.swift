import OperationCosts
import Randomness
import TensorCore
import Testing

/// Five steps on a linear classifier against torch.optim.Adam of PyTorch 2.13, printed by
/// `python3 Tests/Reference/network-values.py`.
@Suite struct AdamTests {
  struct AdamCase: CustomTestStringConvertible, Sendable {
    let mean: Float
    let square: Float
    let epsilon: Float
    let decay: Float
    /// Weights `[in, out]`, then bias.
    let values: [Float]

    var testDescription: String { "decays \(mean), \(square), epsilon \(epsilon), \(decay)" }
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
  ]

  @Test(arguments: cases, InstructionSet.allCases.filter { $0.isAvailable })
  func stepsEqualPyTorchs(expected: AdamCase, instructionSet: InstructionSet) throws {
    let context = try ComputeContext(threads: 2, instructionSet: instructionSet, blas: .native)
    let parameters = Parameters()
    let weights = parameters.declare("weight", [3, 2], .constant(0))
    let bias = parameters.declare("bias", [2], .constant(0))
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    parameters.assign(ramp(6, 5, 11), to: weights)
    parameters.assign(ramp(2, 3, 7), to: bias)
    let optimizer = Adam(
      parameters, decays: (expected.mean, expected.square), epsilon: expected.epsilon,
      weightDecay: expected.decay, in: context)
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

  @Test func aStepIsChargedByTheParameter() {
    let parameters = Parameters()
    _ = parameters.declare("weight", [3, 2], .constant(0))
    #expect(
      Adam.operations(parameters) == [
        LogicalOperation(.memoryBound, flops: 6 * 13, bytes: 6 * 28)
      ])
  }
}
