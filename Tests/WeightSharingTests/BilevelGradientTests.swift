import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing
import WeightSharing

/// The gradients of DARTS against derivatives taken by brute force.
@Suite struct BilevelGradientTests {
  private let context: ComputeContext
  private let supernet = DARTSSupernet(
    channels: 4, cellsPerStage: 1, classes: 2, alphaDeviation: 0.3)
  private let gradient: BilevelGradient
  private let images = StubImages(training: 256, validation: 256)
  private let optimizer: SGD
  /// ξ. Where α moves, ReLUs and maxima switch, the training gradient jumps, and so do the weights
  /// after a step of this size: with few images or a large step, brute force measures the jumps.
  private let step: Float = 0.003

  init() throws {
    context = try ComputeContext()
    supernet.parameters.allocate(in: context, key: RandomKey(seed: 3))
    supernet.alphas.allocate(in: context, key: RandomKey(seed: 4))
    gradient = BilevelGradient(
      weights: supernet.parameters, alphas: supernet.alphas, in: context)
    optimizer = SGD(
      supernet.parameters, momentum: 0.9, isNesterov: false, weightDecay: 3e-4, clipNorm: nil,
      in: context)
    // A momentum buffer that is not zero.
    var generator = RandomKey(seed: 5).generator()
    let momenta = optimizer.flatMomenta
    for index in momenta.indices { momenta[index] = Float(0.02 * generator.normal()) }
  }

  private func source(_ part: SplitPart) -> BilevelGradient.Loss {
    { [images, supernet] tape in
      let batch = images.plainMinibatch(0, of: part, size: 256, on: tape)
      return supernet.score(batch.images, labels: batch.labels, on: tape).score
    }
  }

  private func weights() throws -> UnsafeMutableBufferPointer<Float> {
    try #require(supernet.parameters.flatValues)
  }

  /// L_val(w - ξ (μ m + ∇L_train(w, α) + λ w), α) for α as it is.
  private func unrolledLoss() throws -> Double {
    let values = try weights()
    let saved = Array(values)
    supernet.parameters.clearGradients()
    _ = gradient.pass(source(.training), to: supernet.parameters)
    let slope = try #require(supernet.parameters.flatGradients)
    for index in saved.indices {
      values[index] -=
        step * (0.9 * optimizer.flatMomenta[index] + slope[index] + 3e-4 * saved[index])
    }
    let loss = gradient.pass(source(.validation), to: supernet.alphas).loss
    for index in saved.indices { values[index] = saved[index] }
    return loss
  }

  /// Central differences of a loss by all α along a direction.
  private func slope(_ direction: [Float], _ loss: () throws -> Double) throws -> Double {
    let alphas = try #require(supernet.alphas.flatValues)
    let saved = Array(alphas)
    defer { for index in saved.indices { alphas[index] = saved[index] } }
    let width: Float = 0.05
    let losses = try [width, -width].map { displacement in
      for index in saved.indices {
        alphas[index] = saved[index] + displacement * direction[index]
      }
      return try loss()
    }
    return (losses[0] - losses[1]) / Double(2 * width)
  }

  /// The direction of a gradient, in which its slope is its norm.
  private func direction(of values: [Float]) -> (unit: [Float], norm: Double) {
    let norm = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return (values.map { Float(Double($0) / norm) }, norm)
  }

  @Test func secondOrderIsTheDerivativeThroughOneStep() throws {
    let before = Array(try weights())
    _ = gradient.secondOrder(
      training: source(.training), validation: source(.validation), optimizer: optimizer,
      step: step)
    #expect(Array(try weights()) == before)
    let (unit, norm) = direction(of: Array(try #require(supernet.alphas.flatGradients)))
    let measured = try slope(unit, unrolledLoss)
    // What the displaced gradients leave is of order ε² and of rounding; switches are as above.
    #expect(abs(measured / norm - 1) < 1e-2)
    // The first order is not: the term that it leaves out is large enough to be seen here.
    _ = gradient.firstOrder(validation: source(.validation))
    let first = direction(of: Array(try #require(supernet.alphas.flatGradients)))
    #expect(abs(try slope(first.unit, unrolledLoss) / first.norm - 1) > 0.1)
  }

  @Test func firstOrderIsTheDerivativeAtTheWeights() throws {
    _ = gradient.firstOrder(validation: source(.validation))
    let (unit, norm) = direction(of: Array(try #require(supernet.alphas.flatGradients)))
    let measured = try slope(unit) { gradient.pass(source(.validation), to: supernet.alphas).loss }
    #expect(abs(measured / norm - 1) < 1e-2)
  }

  @Test func secondOrderWithoutAStepIsFirstOrder() throws {
    _ = gradient.firstOrder(validation: source(.validation))
    let first = Array(try #require(supernet.alphas.flatGradients))
    _ = gradient.secondOrder(
      training: source(.training), validation: source(.validation), optimizer: optimizer, step: 0)
    #expect(Array(try #require(supernet.alphas.flatGradients)) == first)
  }
}
