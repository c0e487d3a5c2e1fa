import OperationCosts
import Randomness
import TensorCore
import Testing

/// Five steps on a linear classifier against torch.optim.SGD and clip_grad_norm_ of PyTorch 2.13,
/// printed by `python3 Tests/Reference/network-values.py`.
@Suite struct SGDTests {
  struct SGDCase: CustomTestStringConvertible, Sendable {
    let momentum: Float
    let nesterov: Bool
    let decay: Float
    let clip: Float?
    let lastLoss: Double
    /// Weights `[in, out]`, then bias.
    let values: [Float]

    var testDescription: String {
      "momentum \(momentum), Nesterov \(nesterov), decay \(decay), clip \(clip ?? .infinity)"
    }
  }

  static let cases = [
    SGDCase(
      momentum: 0, nesterov: false, decay: 0, clip: nil, lastLoss: 0.69945943,
      values: [
        -0.49893406, -0.0465204865, 0.359636337, -0.086909093, 0.339614332, -0.248705238,
        -0.36761716, -0.203811422,
      ]),
    SGDCase(
      momentum: 0.9, nesterov: false, decay: 0, clip: nil, lastLoss: 0.69692808,
      values: [
        -0.496266156, -0.0491884239, 0.29434067, -0.021613434, 0.366288036, -0.275379002,
        -0.211579308, -0.359849244,
      ]),
    SGDCase(
      momentum: 0.9, nesterov: true, decay: 0, clip: nil, lastLoss: 0.69684732,
      values: [
        -0.49514401, -0.0503104404, 0.280413002, -0.00768580753, 0.363549322, -0.272640228,
        -0.236674383, -0.334754258,
      ]),
    SGDCase(
      momentum: 0.9, nesterov: true, decay: 0.05, clip: nil, lastLoss: 0.69647849,
      values: [
        -0.348764509, -0.0362184606, 0.182872459, 0.00961904135, 0.260559797, -0.196395919,
        -0.145877197, -0.257438272,
      ]),
    SGDCase(
      momentum: 0.9, nesterov: false, decay: 0.05, clip: 0.25, lastLoss: 0.69718027,
      values: [
        -0.380250305, -0.0384684205, 0.210999429, -0.00164006511, 0.28702426, -0.21723783,
        -0.129048258, -0.309609413,
      ]),
    // A limit that is never reached.
    SGDCase(
      momentum: 0.9, nesterov: true, decay: 5e-4, clip: 100, lastLoss: 0.69684201,
      values: [
        -0.493556738, -0.0501580499, 0.279349238, -0.00749181118, 0.362434953, -0.271815777,
        -0.235678568, -0.333927423,
      ]),
  ]

  @Test(arguments: cases, InstructionSet.allCases.filter { $0.isAvailable })
  func stepsEqualPyTorchs(expected: SGDCase, instructionSet: InstructionSet) throws {
    let context = try ComputeContext(threads: 2, instructionSet: instructionSet, blas: .native)
    let parameters = Parameters()
    let weights = parameters.declare("weight", [3, 2], .constant(0))
    let bias = parameters.declare("bias", [2], .constant(0))
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    parameters.assign(ramp(6, 5, 11), to: weights)
    parameters.assign(ramp(2, 3, 7), to: bias)
    let optimizer = SGD(
      parameters, momentum: expected.momentum, isNesterov: expected.nesterov,
      weightDecay: expected.decay, clipNorm: expected.clip, in: context)
    var loss = 0.0
    for step in 0..<5 {
      parameters.clearGradients()
      let tape = Tape(context, isTraining: true)
      let inputs = tape.constant(ramp(12, 7, 13, scale: 2), Shape(rows: 4, columns: 3))
      let logits = tape.linear(inputs, weights: weights, bias: bias, of: parameters)
      loss = tape.softmaxCrossEntropy(logits, labels: [0, 1, 1, 0]).loss
      tape.backward()
      optimizer.step(learningRate: 0.5 - 0.05 * Float(step))
    }
    #expect(abs(loss - expected.lastLoss) < 1e-6)
    #expect(agree(parameters.values(of: weights) + parameters.values(of: bias), expected.values))
  }

  @Test(arguments: [(false, 6, 20), (true, 8, 24)])
  func aStepIsChargedByTheParameter(clips: Bool, flops: Int, bytes: Int) {
    let parameters = Parameters()
    _ = parameters.declare("weight", [3, 2], .constant(0))
    _ = parameters.declare("bias", [2], .constant(0))
    #expect(
      SGD.operations(parameters, clips: clips) == [
        LogicalOperation(.memoryBound, flops: 6 * flops, bytes: 6 * bytes),
        LogicalOperation(.memoryBound, flops: 2 * flops, bytes: 2 * bytes),
      ])
  }
}
