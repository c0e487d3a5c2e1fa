import NeuralNetworks
import OperationCosts
import TensorCore
import Testing

/// The residual network's sizes against published ones and a count by hand.
@Suite struct ResNetTests {
  /// 0.27M, 0.46M and 1.7M in Table 6 of arXiv 1512.03385. By hand, with n blocks a stage:
  /// convolutions 432 + 2n · 2304 + (4608 + (2n - 1) · 9216) + (18432 + (2n - 1) · 36864),
  /// normalisations 2 · 16 · (1 + 2n) + 2 · 32 · 2n + 2 · 64 · 2n, classifier 650.
  @Test(arguments: [(20, 269_722), (32, 464_154), (110, 1_727_962)])
  func parametersEqualThePublished(depth: Int, expected: Int) {
    #expect(ResNet(depth: depth).parameters.count == expected)
  }

  /// Logical operations of one image, forward and (on a training tape) backward.
  static func operations(isTraining: Bool) -> [LogicalOperation] {
    let network = ResNet(depth: 20)
    let tape = Tape.dry(isTraining: isTraining)
    let images = tape.empty(Shape(1, 32, 32, 3), requiresGradient: false)
    _ = network.logits(of: images, on: tape)
    return tape.operations
  }

  static func flops(_ kind: OperationClass, isTraining: Bool) -> Int {
    operations(isTraining: isTraining).filter { $0.kind == kind }.reduce(0) { $0 + $1.flops }
  }

  /// Multiply-adds: outputs times taps times input channels.
  static let stem = 32 * 32 * 16 * (9 * 3)
  static let convolutions =
    stem
    + 6 * 32 * 32 * 16 * (9 * 16)
    + 16 * 16 * 32 * (9 * 16) + 5 * 16 * 16 * 32 * (9 * 32)
    + 8 * 8 * 64 * (9 * 32) + 5 * 8 * 8 * 64 * (9 * 64)

  /// Often quoted as 41 million multiply-adds with the linear layer's 640.
  @Test func forwardConvolutionsEqualTheHandCount() {
    #expect(Self.convolutions == 40_550_400)
    #expect(Self.flops(.denseConvolution, isTraining: false) == 2 * Self.convolutions)
  }

  @Test func forwardProductEqualsTheHandCount() {
    #expect(Self.flops(.matrixProduct, isTraining: false) == 2 * 64 * 10)
  }

  /// Inference, elements times operations: normalisation 2, rectifier 1, addition 1; the
  /// shortcuts' subsampling 1 an output; global pooling 1 an input.
  @Test func forwardElementwiseWorkEqualsTheHandCount() {
    let first = 32 * 32 * 16
    let second = 16 * 16 * 32
    let third = 8 * 8 * 64
    // 7, 6 and 6 normalised convolutions; 7, 6 and 6 rectifiers; 3 sums in each stage.
    let expected =
      first * (7 * 2 + 7 + 3) + second * (6 * 2 + 6 + 3) + third * (6 * 2 + 6 + 3)
      + 16 * 16 * 16 + 8 * 8 * 32 + third
    #expect(Self.flops(.memoryBound, isTraining: false) == expected)
  }

  /// The gradients of input and filters cost what the pass forward does; the images need none.
  @Test func backwardConvolutionsCostTwiceForwardLessTheStemsInput() {
    let backward =
      Self.flops(.denseConvolution, isTraining: true)
      - Self.flops(.denseConvolution, isTraining: false)
    #expect(backward == 2 * (2 * Self.convolutions - Self.stem))
  }

  @Test func backwardProductCostsTwiceForward() {
    #expect(Self.flops(.matrixProduct, isTraining: true) == 3 * 2 * 64 * 10)
  }

  @Test func stemMovesImagesFiltersAndFeaturesOnce() {
    let bytes = Self.operations(isTraining: false).first?.bytes
    #expect(bytes == 4 * (32 * 32 * 3 + 9 * 3 * 16 + 32 * 32 * 16))
  }

  /// A depthwise 3x3 convolution with stride 2 and the pointwise one behind it.
  @Test(arguments: [false, true])
  func depthwiseStageEqualsTheHandCount(isTraining: Bool) {
    let parameters = Parameters()
    let depthwise = Convolution(
      "depthwise", from: 16, to: 16, window: Window(3, stride: 2), groups: 16, in: parameters)
    let pointwise = Convolution("pointwise", from: 16, to: 24, window: Window(1), in: parameters)
    let tape = Tape.dry(isTraining: isTraining)
    let features = tape.empty(Shape(2, 7, 8, 16), requiresGradient: true)
    let output = pointwise(depthwise(features, on: tape), on: tape)
    #expect(output.shape == Shape(2, 4, 4, 24))
    // Forward, and two gradients that cost the same.
    let passes = isTraining ? 3 : 1
    var expected = Array(
      repeating: LogicalOperation(
        .depthwiseConvolution, flops: 2 * (2 * 4 * 4 * 16) * 9,
        bytes: 4 * (2 * 7 * 8 * 16 + 9 * 16 + 2 * 4 * 4 * 16)), count: passes)
    expected += Array(
      repeating: LogicalOperation(
        .pointwiseConvolution, flops: 2 * (2 * 4 * 4 * 24) * 16,
        bytes: 4 * (2 * 4 * 4 * 16 + 16 * 24 + 2 * 4 * 4 * 24)), count: passes)
    #expect(tape.operations == expected)
  }
}
