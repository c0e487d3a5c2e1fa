import NeuralNetworks
import OperationCosts
import Randomness
import SearchSpaces
import TensorCore
import Testing

/// What the two kinds of step of a supernet compute and cost.
@Suite struct DARTSSupernetTests {
  private let shape = Shape(2, 8, 8, 3)

  private func gradients(
    in supernet: DARTSSupernet, of parameters: Parameters?, _ context: ComputeContext
  ) throws -> (alphas: [Float], weights: [Float]) {
    for all in [supernet.parameters, supernet.alphas] { all.clearGradients() }
    let tape = Tape(context, isTraining: true, differentiating: parameters)
    var generator = RandomKey(seed: 2).generator()
    let images = tape.constant(
      (0..<shape.count).map { _ in Float(generator.normal()) }, shape)
    _ = supernet.score(images, labels: [0, 1], on: tape)
    tape.backward()
    return (
      Array(try #require(supernet.alphas.flatGradients)),
      Array(try #require(supernet.parameters.flatGradients))
    )
  }

  @Test func aStepComputesOnlyTheWantedGradients() throws {
    let context = try ComputeContext()
    let supernet = DARTSSupernet(channels: 4, cellsPerStage: 1, classes: 3)
    supernet.parameters.allocate(in: context, key: RandomKey(seed: 1))
    supernet.alphas.allocate(in: context, key: RandomKey(seed: 1))
    let all = try gradients(in: supernet, of: nil, context)
    let alphaStep = try gradients(in: supernet, of: supernet.alphas, context)
    #expect(alphaStep.alphas == all.alphas)
    #expect(alphaStep.weights.allSatisfy { $0 == 0 })
    let weightStep = try gradients(in: supernet, of: supernet.parameters, context)
    #expect(weightStep.weights == all.weights)
    #expect(weightStep.alphas.allSatisfy { $0 == 0 })
    // `none` takes its share of the softmax, so its α has a gradient too.
    #expect(all.alphas[0] != 0)
    #expect(all.alphas.count { $0 == 0 } == 0)
  }

  private func flops(
    _ supernet: DARTSSupernet, of parameters: Parameters?, isTraining: Bool = true
  ) -> Int {
    let tape = Tape.dry(isTraining: isTraining, differentiating: parameters)
    _ = supernet.score(tape.empty(shape, requiresGradient: false), labels: [], on: tape)
    let convolutions: [OperationClass] = [
      .denseConvolution, .pointwiseConvolution, .depthwiseConvolution,
    ]
    return tape.operations.filter { convolutions.contains($0.kind) }.reduce(0) { $0 + $1.flops }
  }

  /// An α step computes no gradient of the filters, nor of what lies before the first mixed
  /// operations: the stem, the adapters that read it, the candidates on the first cell's inputs,
  /// and those on the stem in the second cell.
  @Test func anAlphaStepIsNotChargedForWeightGradients() {
    let supernet = DARTSSupernet(channels: 4, cellsPerStage: 1, classes: 3)
    let forward = flops(supernet, of: supernet.parameters, isTraining: false)
    let pixels = 2 * 8 * 8
    let stem = 2 * pixels * 12 * 27
    // The gradient of the images is never computed.
    #expect(flops(supernet, of: nil) == 3 * forward - stem)
    #expect(flops(supernet, of: supernet.parameters) == 3 * forward - stem)
    // 12 channels to 4 twice in the first cell, and to 8 in the second.
    let adapters = 2 * pixels * (2 * 12 * 4 + 12 * 8)
    // Depthwise and pointwise: sep 3x3 and 5x5 twice each, dil 3x3 and 5x5 once; 8 edges.
    let candidates = 2 * pixels * 8 * (3 * (9 * 4 + 4 * 4) + 3 * (25 * 4 + 4 * 4))
    // The second cell halves the size and has a factorized reduction too; 4 edges.
    let second =
      2 * pixels / 4 * 4 * (3 * (9 * 8 + 8 * 8) + 3 * (25 * 8 + 8 * 8) + 8 * 8)
    #expect(
      flops(supernet, of: supernet.alphas)
        == 2 * forward - stem - adapters - candidates - second)
  }
}
