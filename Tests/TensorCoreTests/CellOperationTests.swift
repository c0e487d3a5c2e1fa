import OperationCosts
import Randomness
import TensorCore
import Testing

/// The coarse operations of cells against the plain operations that they stand for: values,
/// gradients and charge, on every instruction set and thread count.
@Suite struct CellOperationTests {
  /// What differs between the networks that use them.
  struct Case: CustomTestStringConvertible, Sendable {
    var channels = 16
    var size = 8
    var batch = 5
    var kernel = 3
    var stride = 1
    var dilation = 1
    var isAffine = true
    var dropsPaths = false
    var isWeighted = true
    var isJoint = false
    var differentiatesWeights = true
    /// 1x1 convolutions that read the input together, as many the first one's output, which the
    /// sum reads as well, and as many sums side by side.
    var units = 0

    var testDescription: String {
      "\(batch)x\(size)x\(size)x\(channels) k\(kernel) s\(stride) d\(dilation)"
        + (isAffine ? " affine" : "") + (dropsPaths ? " drop-path" : "")
        + (isWeighted ? " weighted" : "") + (isJoint ? " joint" : "")
        + (differentiatesWeights ? "" : " alphas alone") + (units > 0 ? " \(units) units" : "")
    }

    static let all: [Case] = [
      .init(), .init(channels: 20, kernel: 5), .init(channels: 36, size: 7, dilation: 2),
      .init(channels: 6, kernel: 5, stride: 2, dilation: 2, isAffine: false),
      .init(channels: 40, size: 9, stride: 2), .init(isAffine: false, isWeighted: false),
      .init(channels: 24, size: 12, batch: 18, dropsPaths: true, isWeighted: false),
      .init(channels: 48, size: 4, batch: 3, isAffine: false, isJoint: true),
      .init(channels: 36, size: 12), .init(channels: 36, size: 16, batch: 3),
      .init(channels: 52, size: 8, batch: 3, isJoint: true),
      .init(channels: 16, isAffine: false, differentiatesWeights: false),
      .init(channels: 18, stride: 2, isAffine: false, differentiatesWeights: false),
      .init(channels: 20, kernel: 7, isWeighted: false),
      .init(channels: 12, size: 9, kernel: 7, stride: 2, isWeighted: false),
      .init(channels: 36, size: 16, batch: 3, units: 2),
      .init(channels: 20, size: 9, batch: 18, dropsPaths: true, isWeighted: false, units: 3),
      .init(channels: 260, size: 5, batch: 2, units: 2),
      .init(channels: 18, isAffine: false, differentiatesWeights: false, units: 2),
    ]
  }

  /// A small mixed cell, of coarse or of plain operations: both halves of a separable convolution,
  /// a single stage, pooling with a normalisation, a skip or a factorized reduction, 1x1 convolutions
  /// that share strips, and their sum.
  final class Cell {
    let weights = Parameters()
    let alphas = Parameters()
    private let shape: Case
    private var stages: [(stage: SeparableStage, window: Window)] = []
    private let reduction: SeparableStage
    private let units: [[SeparableStage]]
    private let poolState: NormalizationState
    private let mixing: Parameter
    private let classifier: Parameter

    init(_ shape: Case) {
      self.shape = shape
      let weights = weights
      let channels = shape.channels
      func normalization(_ name: String, isAffine: Bool) -> NormalizationState {
        NormalizationState(
          scale: isAffine ? weights.declare("\(name).scale", [channels], .constant(1.25)) : nil,
          shift: isAffine ? weights.declare("\(name).shift", [channels], .constant(0.125)) : nil,
          runningMean: weights.declareStatistic("\(name).mean", channels, initially: 0),
          runningVariance: weights.declareStatistic("\(name).variance", channels, initially: 1))
      }
      func stage(_ name: String, stride: Int) -> (SeparableStage, Window) {
        let (kernel, dilation) = (shape.kernel, shape.dilation)
        let window = Window(kernel, stride: stride, dilation: dilation)
        let stage = SeparableStage(
          branches: [
            .init(
              depthwise: weights.declare(
                "\(name).depthwise", [kernel, kernel, 1, channels], .heNormal(fanIn: kernel)),
              pointwise: weights.declare(
                "\(name).pointwise", [1, 1, channels, channels], .heNormal(fanIn: channels)),
              window: window)
          ], normalization: normalization(name, isAffine: shape.isAffine))
        return (stage, window)
      }
      stages = [
        stage("first", stride: shape.stride), stage("second", stride: 1),
        stage("single", stride: shape.stride),
      ]
      let halves = [0, -1].map { (padding: Int) in
        SeparableStage.Branch(
          depthwise: nil,
          pointwise: weights.declare(
            "half\(padding)", [1, 1, channels, channels / 2], .heNormal(fanIn: channels)),
          window: Window(1, stride: 2, padding: padding))
      }
      reduction = SeparableStage(
        branches: halves, normalization: normalization("reduction", isAffine: shape.isAffine))
      units = [("near", 1), ("far", 1), ("joining", 3)].map { place, widths in
        (0..<shape.units).map { index in
          SeparableStage(
            branches: [
              .init(
                depthwise: nil,
                pointwise: weights.declare(
                  "\(place)\(index)", [1, 1, widths * channels, channels],
                  .heNormal(fanIn: widths * channels)),
                window: Window(1))
            ], normalization: normalization("\(place)\(index)", isAffine: shape.isAffine))
        }
      }
      poolState = normalization("pool", isAffine: false)
      classifier = weights.declare(
        "classifier", [(shape.isJoint ? 2 : 1) * channels, 4], .uniformFanIn(1))
      mixing = alphas.declare("alpha", [1, 4 + 3 * shape.units], .uniformFanIn(4))
    }

    private func mixingWeights(_ tape: Tape) -> Tensor {
      tape.softmaxRows(mixing, of: alphas)[0]
    }

    private var factors: [Float]? {
      shape.dropsPaths ? (0..<shape.batch).map { $0 % 3 == 0 ? 0 : 1.5 } : nil
    }
    private var poolWindow: Window { Window(3, stride: shape.stride) }

    /// Coarse operations.
    func coarse(_ input: Tensor, _ tape: Tape) -> Tensor {
      var reads = [stages[0].stage, stages[2].stage]
      if shape.stride > 1 { reads.append(reduction) }
      let first = tape.separableStages(.maps(input), reads, of: weights)
      let second = tape.separableStages(.normalized(first[0]), [stages[1].stage], of: weights)
      let pooled = tape.normalizing(
        tape.averagePool(input, window: poolWindow), poolState, of: weights)
      var terms: [SumTerm] = [
        .normalized(second[0], factors: factors), .normalized(first[1], factors: factors),
        .normalized(pooled), shape.stride > 1 ? .normalized(first[2]) : .maps(input),
      ]
      if shape.units > 0 {
        let near = tape.separableStages(.maps(input), units[0], of: weights)
        let far = tape.separableStages(.normalized(near[0]), units[1], of: weights)
        let joining = tape.separableStages(
          joining: [
            [.normalized(far[0], factors: factors), .maps(input)], [.maps(input)],
            [.normalized(near[0], factors: factors)],
          ], units[2], of: weights)
        terms += (near + far + joining).map { .normalized($0, factors: factors) }
      }
      let mixed = shape.isWeighted ? mixingWeights(tape) : nil
      guard shape.isJoint else { return tape.sum(terms, weights: mixed) }
      var wide = input.shape
      wide.channels *= 2
      let joint = tape.joint(wide)
      let node = tape.sum(
        terms, weights: mixed, into: joint.slice(channels: 0..<shape.channels))
      _ = tape.sum(
        [.maps(node), .maps(input)],
        into: joint.slice(channels: shape.channels..<2 * shape.channels))
      return joint
    }

    /// The same of plain operations.
    func plain(_ input: Tensor, _ tape: Tape) -> Tensor {
      func run(_ stage: SeparableStage, _ input: Tensor) -> Tensor {
        let features = tape.relu(input)
        let outputs = stage.branches.map { branch in
          guard let depthwise = branch.depthwise else {
            return tape.convolution(
              features, branch.pointwise, of: weights, window: branch.window)
          }
          let inner = tape.convolution(
            features, depthwise, of: weights, window: branch.window, groups: shape.channels)
          return tape.convolution(inner, branch.pointwise, of: weights, window: Window(1))
        }
        let joined = outputs.count > 1 ? tape.concatenate(outputs) : outputs[0]
        return tape.batchNormalization(joined, stage.normalization, of: weights)
      }
      func drop(_ tensor: Tensor) -> Tensor {
        factors.map { tape.scaleImages(tensor, by: $0) } ?? tensor
      }
      var terms = [
        drop(run(stages[1].stage, run(stages[0].stage, input))), drop(run(stages[2].stage, input)),
        tape.batchNormalization(
          tape.averagePool(input, window: poolWindow), poolState, of: weights),
        shape.stride > 1 ? run(reduction, input) : input,
      ]
      if shape.units > 0 {
        let near = units[0].map { run($0, input) }
        let far = units[1].map { run($0, near[0]) }
        let joined = tape.concatenate([tape.add(drop(far[0]), input), input, drop(near[0])])
        terms += (near + far + units[2].map { run($0, joined) }).map { drop($0) }
      }
      let node =
        shape.isWeighted
        ? tape.weightedSum(terms, weights: mixingWeights(tape))
        : terms.dropFirst().reduce(terms[0]) { tape.add($0, $1) }
      return shape.isJoint ? tape.concatenate([node, tape.add(node, input)]) : node
    }

    /// All that a step computes.
    struct Result: Equatable {
      var loss: Double
      var output: [Float]
      var inputGradient: [Float]
      var weightGradients: [Float]
      var alphaGradients: [Float]
      var statistics: [Float]
    }

    func step(
      _ context: ComputeContext, _ values: [Float], isCoarse: Bool
    ) -> Result {
      let tape = Tape(
        context, isTraining: true, differentiating: shape.differentiatesWeights ? nil : alphas)
      let input = tape.constant(
        values, Shape(shape.batch, shape.size, shape.size, shape.channels),
        requiresGradient: true)
      weights.clearGradients()
      alphas.clearGradients()
      let output = isCoarse ? coarse(input, tape) : plain(input, tape)
      let loss = score(output, tape)
      tape.backward()
      return Result(
        loss: loss, output: output.values(), inputGradient: input.gradient?.values() ?? [],
        weightGradients: Array(weights.flatGradients ?? .init(start: nil, count: 0)),
        alphaGradients: Array(alphas.flatGradients ?? .init(start: nil, count: 0)),
        statistics: Array(weights.flatStatistics ?? .init(start: nil, count: 0)))
    }

    func score(_ output: Tensor, _ tape: Tape) -> Double {
      let pooled = tape.globalAveragePool(tape.relu(output))
      let logits = tape.linear(pooled, weights: classifier, bias: nil, of: weights)
      return tape.softmaxCrossEntropy(logits, labels: (0..<shape.batch).map { Int32($0 % 4) }).loss
    }

    func allocate(in context: ComputeContext) {
      weights.allocate(in: context, key: RandomKey(seed: 8))
      alphas.allocate(in: context, key: RandomKey(seed: 9))
    }

    var values: [Float] {
      KernelFixture.values(shape.batch * shape.size * shape.size * shape.channels, "cell")
    }
  }

  private func result(
    _ shape: Case, _ set: InstructionSet = .best, threads: Int = 2, isCoarse: Bool
  ) throws -> Cell.Result {
    let context = try ComputeContext(threads: threads, instructionSet: set, blas: .native)
    let cell = Cell(shape)
    cell.allocate(in: context)
    return cell.step(context, cell.values, isCoarse: isCoarse)
  }

  @Test(arguments: Case.all) func equalPlainOperations(shape: Case) throws {
    let coarse = try result(shape, isCoarse: true)
    let plain = try result(shape, isCoarse: false)
    #expect(abs(coarse.loss - plain.loss) < 1e-5)
    for part in [\Cell.Result.output, \.inputGradient, \.weightGradients, \.alphaGradients] {
      let (found, expected) = (coarse[keyPath: part], plain[keyPath: part])
      let largest = expected.reduce(0) { max($0, abs($1)) }
      // Sums of thousands of products in another order, through up to three normalisations.
      #expect(
        ConvolutionKernelTests.largestDifference(found, expected) <= 2e-4 * max(largest, 1e-3))
      #expect(found.count == expected.count)
    }
    #expect(ConvolutionKernelTests.largestDifference(coarse.statistics, plain.statistics) < 1e-5)
    #expect(coarse.alphaGradients.contains { $0 != 0 } == shape.isWeighted)
    #expect(coarse.weightGradients.contains { $0 != 0 } == shape.differentiatesWeights)
  }

  @Test(arguments: Case.all) func sameBitsOnAnyThreadsAndInstructions(shape: Case) throws {
    let expected = try result(shape, .generic, threads: 1, isCoarse: true)
    for set in InstructionSet.allCases where set.isAvailable {
      for threads in [1, 2, 3] {
        let found = try result(shape, set, threads: threads, isCoarse: true)
        #expect(found == expected, "\(set), \(threads) threads")
      }
    }
  }

  @Test(arguments: Case.all, [true, false])
  func chargedAsTheirParts(shape: Case, isTraining: Bool) {
    func operations(isCoarse: Bool) -> [LogicalOperation] {
      let cell = Cell(shape)
      let tape = Tape.dry(
        isTraining: isTraining, differentiating: shape.differentiatesWeights ? nil : cell.alphas)
      let input = tape.empty(
        Shape(shape.batch, shape.size, shape.size, shape.channels), requiresGradient: true)
      let output = isCoarse ? cell.coarse(input, tape) : cell.plain(input, tape)
      _ = cell.score(output, tape)
      return tape.operations.sorted {
        ($0.kind.rawValue, $0.flops, $0.bytes) < ($1.kind.rawValue, $1.flops, $1.bytes)
      }
    }
    #expect(operations(isCoarse: true) == operations(isCoarse: false))
  }

  @Test(arguments: Case.all.filter { $0.differentiatesWeights })
  func gradientsEqualCentralDifferences(shape: Case) throws {
    let context = try ComputeContext(threads: 2, blas: .native)
    let cell = Cell(shape)
    cell.allocate(in: context)
    let values = cell.values.map { $0 == 0 ? 0.5 : $0 }
    let exact = cell.step(context, values, isCoarse: true)
    var generator = RandomKey(seed: 12).generator()
    for (parameters, gradients) in [
      (cell.weights, exact.weightGradients), (cell.alphas, exact.alphaGradients),
    ] {
      let flat = try #require(parameters.flatValues)
      for _ in 0..<8 {
        let index = generator.integer(below: flat.count)
        let original = flat[index]
        let losses = [Float(2e-3), -2e-3].map { offset in
          flat[index] = original + offset
          return cell.step(context, values, isCoarse: true).loss
        }
        flat[index] = original
        let numeric = (losses[0] - losses[1]) / 4e-3
        // A step moves a few values across a kink of a rectifier: hundredths of the gradient.
        #expect(abs(numeric - Double(gradients[index])) < 1e-3 + 0.05 * abs(numeric), "\(index)")
      }
    }
  }
}
