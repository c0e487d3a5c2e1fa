import OperationCosts
import Randomness
import TensorCore
import Testing

/// The projection of a cell's loose ends against the plain operations that it stands for.
@Suite struct ProjectionTests {
  struct Case: CustomTestStringConvertible, Sendable {
    /// Channels of each sum.
    var sums = [20, 20, 20]
    var outputs = 20
    var size = 8
    var batch = 5
    var dropsPaths = false
    /// Whether the input has a gradient; else the weights of the projection alone.
    var differentiatesInput = true
    var differentiatesWeights = true

    var testDescription: String {
      "\(batch)x\(size)x\(size) \(sums) to \(outputs)" + (dropsPaths ? " drop-path" : "")
        + (differentiatesInput ? "" : " weights alone")
        + (differentiatesWeights ? "" : " alphas alone")
    }

    /// Inputs as lanes and outputs as lanes of the filters' gradient, whole and partial vectors,
    /// four channels left over, strips of several rows, parts of rows and of whole images.
    static let all: [Case] = [
      .init(), .init(sums: [20, 20, 20, 20, 20], size: 32, batch: 2), .init(sums: [7], outputs: 9),
      .init(sums: [16, 3, 24], outputs: 36, size: 9, batch: 17), .init(sums: [40], outputs: 4),
      .init(sums: [36, 16], outputs: 52, size: 6, dropsPaths: true),
      .init(sums: [5, 12], outputs: 48, size: 7, batch: 3), .init(differentiatesInput: false),
      .init(sums: [33, 1], outputs: 1, size: 1, batch: 2), .init(differentiatesWeights: false),
    ]
  }

  /// Every sum is of the input's first channels, once as they are and once pooled and normalised;
  /// sums share the input, so that its gradient is added to.
  private final class Network {
    let weights = Parameters()
    let alphas = Parameters()
    private let shape: Case
    private var filters: [Parameter] = []
    private var states: [NormalizationState] = []
    private let classifier: Parameter

    init(_ shape: Case) {
      self.shape = shape
      let weights = weights
      func state(_ name: String, _ channels: Int) -> NormalizationState {
        NormalizationState(
          scale: weights.declare("\(name).scale", [channels], .constant(1.25)),
          shift: weights.declare("\(name).shift", [channels], .constant(0.125)),
          runningMean: weights.declareStatistic("\(name).mean", channels, initially: 0),
          runningVariance: weights.declareStatistic("\(name).variance", channels, initially: 1))
      }
      for (index, channels) in shape.sums.enumerated() {
        states.append(state("sum.\(index)", channels))
        filters.append(
          weights.declare(
            "filters.\(index)", [1, 1, channels, shape.outputs], .heNormal(fanIn: channels)))
      }
      states.append(state("final", shape.outputs))
      classifier = weights.declare("classifier", [shape.outputs, 4], .uniformFanIn(1))
    }

    private var factors: [Float]? {
      shape.dropsPaths ? (0..<shape.batch).map { $0 % 3 == 0 ? 0 : 1.5 } : nil
    }

    private func fused(_ input: Tensor, _ tape: Tape) -> Tensor {
      let sums: [[SumTerm]] = shape.sums.indices.map { index in
        let part = input.slice(channels: 0..<shape.sums[index])
        let pooled = tape.averagePool(part, window: Window(3))
        return [
          .maps(part),
          .normalized(
            tape.normalizing(pooled, states[index], of: weights), factors: factors),
        ]
      }
      return tape.sum([
        .normalized(
          tape.projection(of: sums, by: filters, states[shape.sums.count], of: weights))
      ])
    }

    private func plain(_ input: Tensor, _ tape: Tape) -> Tensor {
      let ends = shape.sums.indices.map { index in
        let part = input.slice(channels: 0..<shape.sums[index])
        let pooled = tape.batchNormalization(
          tape.averagePool(part, window: Window(3)), states[index], of: weights)
        return tape.relu(
          tape.add(part, factors.map { tape.scaleImages(pooled, by: $0) } ?? pooled))
      }
      let parts = zip(ends, filters).map {
        tape.convolution($0, $1, of: weights, window: Window(1))
      }
      let sum = parts.dropFirst().reduce(parts[0]) { tape.add($0, $1) }
      return tape.batchNormalization(sum, states[shape.sums.count], of: weights)
    }

    struct Result: Equatable {
      var loss: Double
      var output: [Float]
      var inputGradient: [Float]
      var weightGradients: [Float]
      var statistics: [Float]
    }

    func step(_ context: ComputeContext, isFused: Bool) -> Result {
      let tape = Tape(
        context, isTraining: true, differentiating: shape.differentiatesWeights ? nil : alphas)
      let channels = shape.sums.max() ?? 0
      let input = tape.constant(
        KernelFixture.values(shape.batch * shape.size * shape.size * channels, "projection"),
        Shape(shape.batch, shape.size, shape.size, channels),
        requiresGradient: shape.differentiatesInput)
      weights.allocate(in: context, key: RandomKey(seed: 8))
      weights.clearGradients()
      let output = isFused ? fused(input, tape) : plain(input, tape)
      let logits = tape.linear(
        tape.globalAveragePool(tape.relu(output)), weights: classifier, bias: nil, of: weights)
      let loss = tape.softmaxCrossEntropy(
        logits, labels: (0..<shape.batch).map { Int32($0 % 4) }
      ).loss
      tape.backward()
      return Result(
        loss: loss, output: output.values(), inputGradient: input.gradient?.values() ?? [],
        weightGradients: Array(weights.flatGradients ?? .init(start: nil, count: 0)),
        statistics: Array(weights.flatStatistics ?? .init(start: nil, count: 0)))
    }
  }

  private func result(
    _ shape: Case, _ set: InstructionSet = .best, threads: Int = 2, isFused: Bool = true
  ) throws -> Network.Result {
    Network(shape).step(
      try ComputeContext(threads: threads, instructionSet: set, blas: .native), isFused: isFused)
  }

  @Test(arguments: Case.all) func equalsPlainOperations(shape: Case) throws {
    let fused = try result(shape)
    let plain = try result(shape, isFused: false)
    #expect(abs(fused.loss - plain.loss) < 1e-5)
    for part in [\Network.Result.output, \.inputGradient, \.weightGradients, \.statistics] {
      let (found, expected) = (fused[keyPath: part], plain[keyPath: part])
      let largest = expected.reduce(0) { max($0, abs($1)) }
      // Sums of thousands of products in another order, through two normalisations.
      #expect(
        ConvolutionKernelTests.largestDifference(found, expected) <= 2e-4 * max(largest, 1e-3))
      #expect(found.count == expected.count)
    }
    #expect(fused.inputGradient.contains { $0 != 0 } == shape.differentiatesInput)
    #expect(fused.weightGradients.contains { $0 != 0 } == shape.differentiatesWeights)
  }

  @Test(arguments: Case.all) func sameBitsOnAnyThreadsAndInstructions(shape: Case) throws {
    let expected = try result(shape, .generic, threads: 1)
    for set in InstructionSet.allCases where set.isAvailable {
      for threads in [1, 2, 3] {
        #expect(try result(shape, set, threads: threads) == expected, "\(set), \(threads) threads")
      }
    }
  }

  /// What sums, rectifiers, joining, convolution and normalisation cost, by hand: two maps of
  /// 2x4x4 pixels with 3 and 5 channels, the second a sum of two, to 6 channels; training.
  @Test func chargedAsItsParts() {
    let parameters = Parameters()
    let filters = [3, 5].map { parameters.declare("w\($0)", [1, 1, $0, 6], .constant(1)) }
    let state = NormalizationState(
      scale: nil, shift: nil, runningMean: parameters.declareStatistic("mean", 6, initially: 0),
      runningVariance: parameters.declareStatistic("variance", 6, initially: 1))
    let tape = Tape.dry(isTraining: true)
    let first = tape.empty(Shape(2, 4, 4, 3), requiresGradient: true)
    let second = tape.empty(Shape(2, 4, 4, 5), requiresGradient: true)
    _ = tape.projection(
      of: [[.maps(first)], [.maps(second), .maps(second)]], by: filters, state, of: parameters)
    let product = LogicalOperation(
      .pointwiseConvolution, flops: 2 * 32 * 8 * 6, bytes: 4 * (32 * 8 + 8 * 6 + 32 * 6))
    let memory = [
      (160, 12 * 160), (96, 8 * 96), (96, 12 * 96), (160, 8 * 160), (160, 12 * 160),
      (0, 8 * 256), (0, 8 * 256), (7 * 192, 8 * 192), (8 * 192, 12 * 192),
    ].map { LogicalOperation(.memoryBound, flops: $0.0, bytes: $0.1) }
    func sorted(_ operations: [LogicalOperation]) -> [LogicalOperation] {
      operations.sorted {
        ($0.kind.rawValue, $0.flops, $0.bytes) < ($1.kind.rawValue, $1.flops, $1.bytes)
      }
    }
    #expect(sorted(tape.operations) == sorted(memory + [product, product, product]))
  }
}
