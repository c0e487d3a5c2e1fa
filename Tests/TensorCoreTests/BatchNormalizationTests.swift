import Randomness
import TensorCore
import Testing

/// Two training batches, then inference, against torch.nn.functional.batch_norm of PyTorch 2.13,
/// printed by `python3 Tests/Reference/network-values.py`.
@Suite struct BatchNormalizationTests {
  private let context: ComputeContext
  private let parameters = Parameters()
  private let state: NormalizationState

  init() throws {
    context = try ComputeContext(threads: 2, blas: .native)
    state = NormalizationState(
      scale: parameters.declare("weight", [3], .constant(0)),
      shift: parameters.declare("bias", [3], .constant(0)),
      runningMean: parameters.declareStatistic("running_mean", 3, initially: 0),
      runningVariance: parameters.declareStatistic("running_var", 3, initially: 1))
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    parameters.assign([1.5, -0.5, 1], to: try #require(state.scale))
    parameters.assign([0.25, 0, -1], to: try #require(state.shift))
    parameters.assign([0.5, -0.25, 0], to: state.runningMean)
    parameters.assign([1, 2, 0.5], to: state.runningVariance)
  }

  private func normalize(multiplier: Int, isTraining: Bool, rectified: Bool = false) -> [Float] {
    let tape = Tape(context, isTraining: isTraining)
    let images = tape.constant(ramp(36, multiplier, 31, scale: 3), Shape(2, 2, 3, 3))
    return tape.batchNormalization(images, state, of: parameters, rectified: rectified).values()
  }

  private var running: [Float] { Array(parameters.flatStatistics ?? .init(start: nil, count: 0)) }

  @Test func trainingUsesTheBatchsOwnStatistics() {
    #expect(agree(normalize(multiplier: 7, isTraining: true), Self.first))
    #expect(agree(normalize(multiplier: 11, isTraining: true), Self.second))
  }

  @Test func trainingMovesTheRunningStatistics() {
    _ = normalize(multiplier: 7, isTraining: true)
    #expect(agree(running, Self.runningAfterFirst))
    _ = normalize(multiplier: 11, isTraining: true)
    #expect(agree(running, Self.runningAfterSecond))
  }

  @Test func inferenceUsesTheRunningStatisticsAndLeavesThem() {
    _ = normalize(multiplier: 7, isTraining: true)
    _ = normalize(multiplier: 11, isTraining: true)
    let before = running
    #expect(agree(normalize(multiplier: 11, isTraining: false), Self.inferred))
    #expect(running == before)
  }

  @Test func rectifiedOutputIsTheOutputAboveZero() {
    let values = normalize(multiplier: 7, isTraining: true, rectified: true)
    #expect(agree(values, Self.first.map { max(0, $0) }))
  }

  static let first: [Float] = [
    -1.86005068, 0.513492107, -1.21196854, 1.78195453, -0.61172533, -2.36816072, 0.0476663969,
    -0.0759075209, 0.059842743, -1.68662179, 0.459910244, -1.09634936, 1.95538342, -0.665307045,
    -2.25254154, 0.221095264, -0.129489288, 0.175461918, -1.51319289, 0.406328499, -0.980730176,
    2.12881207, -0.718888879, -2.13692236, 0.394524068, -0.183071092, 0.29108116, -1.33976424,
    0.352746695, -0.865110934, 2.30224109, 0.888564527, -2.02130318, 0.567952871, -0.236652851,
    0.406700402,
  ]
  static let second: [Float] = [
    -2.13985538, 0.330657601, -0.293117076, -1.70533621, 0.217289269, -0.0935265422, -1.27081716,
    0.103920951, 0.106063873, -0.836297929, -0.00944737159, 0.305654407, -0.401778638,
    -0.122815683, 0.505244792, 0.0327405594, -0.236184001, -2.38881707, 0.467259735, -0.349552333,
    -2.18922663, 0.901778877, -0.462920666, -1.98963606, 1.33629811, -0.576288998, -1.79004574,
    1.77081728, -0.689657271, -1.59045517, 2.20533657, 0.95418334, -1.39086473, 2.63985562,
    0.840815008, -1.19127417,
  ]
  static let inferred: [Float] = [
    -2.60404539, 0.0956978127, -0.167837694, -2.30258822, 0.0231536739, 0.0871010423, -2.00113106,
    -0.0493904613, 0.342039645, -1.69967401, -0.1219346, 0.596978366, -1.39821672, -0.194478735,
    0.851916969, -1.09675968, -0.267022878, -2.84469366, -0.79530251, -0.339567006, -2.58975506,
    -0.493845433, -0.412111163, -2.33481646, -0.192388311, -0.484655291, -2.07987785, 0.109068811,
    -0.557199419, -1.82493901, 0.410525948, 0.494690567, -1.57000041, 0.711983085, 0.42214641,
    -1.31506169,
  ]
  static let runningAfterFirst: [Float] = [
    0.417741925, -0.214516118, 0.0032258064, 0.976426065, 1.88896275, 0.526426077,
  ]
  static let runningAfterSecond: [Float] = [
    0.332419336, -0.180161268, -0.00274193776, 0.927482724, 1.77955747, 0.576368392,
  ]
}
