import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing
import WeightSharing

/// The gradients of DARTS' recurrent α against those of the released `Architect`, printed by
/// Tests/Reference/recurrent-values.py (PyTorch 2.13.0, double precision): of each the product with
/// a ramp and with itself.
@Suite struct RecurrentBilevelTests {
  private let context: ComputeContext
  private let supernet = DARTSRecurrentModel(
    words: 13,
    training: TextTraining(
      hidden: 6, layers: 1, sumsOverSteps: false, tiedEmbeddings: true, initialBound: nil,
      temporalRegularization: 0.5),
    genotype: nil)

  init() throws {
    context = try ComputeContext(threads: 2)
    for (first, parameters) in [(0, supernet.parameters), (20, supernet.alphas)] {
      parameters.allocate(in: context, key: RandomKey(seed: 1))
      for (index, parameter) in parameters.trainable.enumerated() {
        let values = Self.ramp(parameter.count, 31 + 10 * (first + index), 101)
        parameters.assign(values.map { Float($0) }, to: parameter)
      }
    }
  }

  private static func ramp(_ count: Int, _ multiplier: Int, _ modulus: Int) -> [Double] {
    (0..<count).map { Double($0 * multiplier % modulus) / Double(modulus) - 0.5 }
  }

  /// A step of α has no penalties, of which the recipe has one.
  private func loss(_ multiplier: Int) -> BilevelGradient.Loss {
    { [supernet] tape in
      supernet.score(
        TextBatch(text: (0..<16).map { Int32($0 * multiplier % 13) }, batch: 4),
        from: supernet.initialState(batch: 4, on: tape), on: tape,
        during: TrainingPass(key: RandomKey(seed: 1), progress: 0, penalizes: false)
      ).score
    }
  }

  private func compare(_ ramp: Double, _ square: Double) throws {
    let gradient = try #require(supernet.alphas.flatGradients).map { Double($0) }
    let projection = zip(gradient, Self.ramp(gradient.count, 13, 103)).reduce(0) {
      $0 + $1.0 * $1.1
    }
    // What the displaced gradients leave of single precision is a ten-thousandth of the norm.
    #expect(abs(projection - ramp) < 3e-4 * square.squareRoot())
    #expect(abs(gradient.reduce(0) { $0 + $1 * $1 } - square) < 6e-4 * square)
  }

  @Test func firstOrderEqualsTheReleasedCode() throws {
    _ = BilevelGradient(
      weights: supernet.parameters, alphas: supernet.alphas, clipNorm: 0.25, in: context
    ).firstOrder(validation: loss(3))
    try compare(0.00361414773, 0.000102128492)
  }

  /// The second norm is not reached: then the correction is scaled up, as released.
  @Test(arguments: [
    (0.25, 0.00379050598, 0.000111064013), (2, 0.00441289394, 0.000153737378),
  ])
  func secondOrderEqualsTheReleasedCode(clip: Double, ramp: Double, square: Double) throws {
    let before = try #require(supernet.parameters.flatValues).map { $0 }
    _ = BilevelGradient(
      weights: supernet.parameters, alphas: supernet.alphas, clipNorm: clip, in: context
    ).secondOrder(
      training: loss(7), validation: loss(3),
      optimizer: SGD(
        supernet.parameters, momentum: 0, isNesterov: false, weightDecay: 0.01, clipNorm: nil,
        in: context),
      step: 0.5)
    try compare(ramp, square)
    #expect(try #require(supernet.parameters.flatValues).map { $0 } == before)
  }
}
