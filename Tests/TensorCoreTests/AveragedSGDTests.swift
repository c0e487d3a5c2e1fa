import Randomness
import TensorCore
import Testing

/// Seven steps on a linear classifier, some of them averaged, against torch.optim.ASGD of PyTorch
/// 2.13, printed by `python3 Tests/Reference/network-values.py`.
@Suite struct AveragedSGDTests {
  struct AveragingCase: CustomTestStringConvertible, Sendable {
    let decay: Float
    /// Steps before the averaging.
    let begin: Int
    /// Weights `[in, out]`, then bias.
    let values: [Float]
    let averages: [Float]

    var testDescription: String { "decay \(decay), averaged after \(begin) steps" }
  }

  static let cases = [
    AveragingCase(
      decay: 0, begin: 0,
      values: [
        -0.498588353, -0.046866212, 0.351473033, -0.0787458047, 0.342041671, -0.251132578,
        -0.354086608, -0.217341974,
      ],
      averages: [
        -0.499175966, -0.046278581, 0.36452353, -0.0917963088, 0.337644726, -0.246735647,
        -0.378847212, -0.19258137,
      ]),
    AveragingCase(
      decay: 0.05, begin: 2,
      values: [
        -0.440547585, -0.0414524898, 0.309774131, -0.0687740818, 0.302498221, -0.222164914,
        -0.311536282, -0.193416223,
      ],
      averages: [
        -0.448669821, -0.0419402421, 0.321192294, -0.0758872554, 0.306134313, -0.224366009,
        -0.326947033, -0.187025458,
      ]),
  ]

  private func run(
    _ expected: AveragingCase, in context: ComputeContext
  ) -> (parameters: Parameters, optimizer: AveragedSGD, all: () -> [Float]) {
    let parameters = Parameters()
    let weights = parameters.declare("weight", [3, 2], .constant(0))
    let bias = parameters.declare("bias", [2], .constant(0))
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    parameters.assign(ramp(6, 5, 11), to: weights)
    parameters.assign(ramp(2, 3, 7), to: bias)
    let optimizer = AveragedSGD(
      parameters, weightDecay: expected.decay, clipNorm: nil, in: context)
    for step in 0..<7 {
      if step == expected.begin { optimizer.beginAveraging() }
      parameters.clearGradients()
      let tape = Tape(context, isTraining: true)
      let inputs = tape.constant(ramp(12, 7, 13, scale: 2), Shape(rows: 4, columns: 3))
      let logits = tape.linear(inputs, weights: weights, bias: bias, of: parameters)
      _ = tape.softmaxCrossEntropy(logits, labels: [0, 1, 1, 0])
      tape.backward()
      optimizer.step(learningRate: 0.5 - 0.05 * Float(step))
    }
    return (
      parameters, optimizer, { parameters.values(of: weights) + parameters.values(of: bias) }
    )
  }

  @Test(arguments: cases, InstructionSet.allCases.filter { $0.isAvailable })
  func stepsAndAveragesEqualPyTorchs(
    expected: AveragingCase, instructionSet: InstructionSet
  ) throws {
    let context = try ComputeContext(threads: 2, instructionSet: instructionSet, blas: .native)
    let (_, optimizer, all) = run(expected, in: context)
    #expect(agree(all(), expected.values))
    optimizer.exchangeEvaluatedWeights()
    #expect(agree(all(), expected.averages))
    optimizer.exchangeEvaluatedWeights()
    #expect(agree(all(), expected.values))
  }

  /// Before averaging begins, the weights are their own average.
  @Test func withoutAveragingNothingIsExchanged() throws {
    let never = AveragingCase(decay: 0, begin: 99, values: [], averages: [])
    let (_, optimizer, all) = run(never, in: try ComputeContext())
    let before = all()
    optimizer.exchangeEvaluatedWeights()
    #expect(all() == before)
    #expect(optimizer.averagedSteps == nil)
  }

  /// More parameters than a row of the kernel, on any number of threads.
  @Test(arguments: [1, 2, 3])
  func averagesOfManyParametersAreThoseOfEach(threads: Int) throws {
    let count = 5000
    let parameters = Parameters()
    let weights = parameters.declare("weight", [count, 1], .uniform(bound: 1))
    let context = try ComputeContext(threads: threads, blas: .native)
    parameters.allocate(in: context, key: RandomKey(seed: 3))
    let optimizer = AveragedSGD(parameters, weightDecay: 0.5, clipNorm: nil, in: context)
    optimizer.beginAveraging()
    var (plain, mean) = (parameters.values(of: weights), [Float](repeating: 0, count: count))
    for step in 0..<4 {
      parameters.clearGradients()
      optimizer.step(learningRate: 0.25)
      for index in 0..<count {
        plain[index] -= 0.25 * 0.5 * plain[index]
        mean[index] += (plain[index] - mean[index]) / Float(max(1, step))
      }
    }
    optimizer.exchangeEvaluatedWeights()
    #expect(agree(parameters.values(of: weights), mean))
  }
}
