import Randomness
import TensorCore
import Testing

/// Every operation's gradient against central differences of its forward pass.
@Suite struct GradientTests {
  /// An operation under test: parameters are declared, then the operation maps an image batch.
  struct Operation: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var shape = Shape(3, 6, 5, 8)
    /// Whether any step is allowed: no max or ReLU whose kink it could cross.
    var isSmooth = false
    let build: @Sendable (Parameters) -> (_ input: Tensor, _ tape: Tape) -> Tensor

    static func convolution(
      _ window: Window, from channels: Int = 8, to count: Int, groups: Int = 1
    ) -> @Sendable (Parameters) -> (Tensor, Tape) -> Tensor {
      { parameters in
        let sizes = [window.height, window.width, channels / groups, count]
        let filters = parameters.declare("w", sizes, .heNormal(fanIn: 20))
        return { $1.convolution($0, filters, of: parameters, window: window, groups: groups) }
      }
    }

    static func normalization(
      isAffine: Bool, rectified: Bool
    ) -> @Sendable (Parameters) -> (Tensor, Tape) -> Tensor {
      { parameters in
        let state = NormalizationState(
          scale: isAffine ? parameters.declare("scale", [8], .constant(1.3)) : nil,
          shift: isAffine ? parameters.declare("shift", [8], .constant(0.2)) : nil,
          runningMean: parameters.declareStatistic("mean", 8, initially: 0),
          runningVariance: parameters.declareStatistic("variance", 8, initially: 1))
        return { $1.batchNormalization($0, state, of: parameters, rectified: rectified) }
      }
    }

    static let all: [Operation] = [
      .init(testDescription: "convolution 3x3", build: convolution(Window(3), to: 5)),
      .init(
        testDescription: "convolution 3x3 stride 2",
        build: convolution(Window(3, stride: 2), to: 5)),
      .init(
        testDescription: "convolution 5x5 dilation 2",
        build: convolution(Window(5, dilation: 2), to: 4)),
      .init(
        testDescription: "convolution 5x5 by minimal filtering", shape: Shape(2, 8, 8, 8),
        isSmooth: true, build: convolution(Window(5), to: 9)),
      .init(
        testDescription: "convolution 7x7 by minimal filtering", shape: Shape(2, 8, 8, 8),
        isSmooth: true, build: convolution(Window(7), to: 9)),
      .init(testDescription: "pointwise", build: convolution(Window(1), to: 20)),
      .init(testDescription: "depthwise", build: convolution(Window(3), to: 8, groups: 8)),
      .init(testDescription: "grouped", build: convolution(Window(3), to: 4, groups: 2)),
      .init(
        testDescription: "batch normalisation",
        build: normalization(isAffine: true, rectified: false)),
      .init(
        testDescription: "batch normalisation without affine map",
        build: normalization(isAffine: false, rectified: false)),
      .init(
        testDescription: "batch normalisation, rectified",
        build: normalization(isAffine: true, rectified: true)),
      .init(
        testDescription: "bias of channels", isSmooth: true,
        build: { parameters in
          let bias = parameters.declare("bias", [8], .normal(deviation: 1))
          return { $1.adding(bias, to: $0, of: parameters) }
        }),
      .init(testDescription: "ReLU", build: { _ in { $1.relu($0) } }),
      .init(testDescription: "add to itself", build: { _ in { $1.add($0, $0) } }),
      .init(
        testDescription: "add, rectified",
        build: { _ in { $1.add($0, $1.maxPool($0, window: Window(3)), rectified: true) } }),
      .init(
        testDescription: "max pooling", build: { _ in { $1.maxPool($0, window: Window(3)) } }),
      .init(
        testDescription: "max pooling stride 2",
        build: { _ in { $1.maxPool($0, window: Window(3, stride: 2)) } }),
      .init(
        testDescription: "average pooling",
        build: { _ in { $1.averagePool($0, window: Window(3)) } }),
      .init(
        testDescription: "average pooling with padding",
        build: { _ in { $1.averagePool($0, window: Window(3, stride: 2), countsPadding: true) } }),
      .init(
        testDescription: "zero padding", isSmooth: true,
        build: { _ in { $1.padded($0, height: 8, width: 6) } }),
      .init(
        testDescription: "zero padding of what is read twice", isSmooth: true,
        build: { _ in
          { input, tape in
            tape.add(
              tape.padded(input, height: 7, width: 5), tape.padded(input, height: 7, width: 5))
          }
        }),
      .init(testDescription: "global pooling", build: { _ in { $1.globalAveragePool($0) } }),
      .init(
        testDescription: "concatenation and slices",
        build: { _ in
          { input, tape in
            let wide = tape.concatenate([input, tape.relu(input)])
            return tape.add(wide.slice(channels: 2..<9), wide.slice(channels: 6..<13))
          }
        }),
      .init(
        testDescription: "a slice beside its whole",
        build: { _ in
          { input, tape in
            let wide = tape.concatenate([input, input])
            return tape.concatenate([tape.relu(wide), tape.relu(wide.slice(channels: 3..<12))])
          }
        }),
      .init(
        testDescription: "dropout",
        build: { _ in { $1.dropout($0, keep: 0.6, key: RandomKey(seed: 3)) } }),
      .init(
        testDescription: "drop-path",
        build: { _ in { $1.scaleImages($0, by: [0, 1.25, 1.25]) } }),
      .init(
        testDescription: "projection of two sums", shape: Shape(3, 4, 4, 8),
        build: { parameters in
          let filters = (0..<2).map {
            parameters.declare("w\($0)", [1, 1, 8, 5], .heNormal(fanIn: 8))
          }
          let state = NormalizationState(
            scale: parameters.declare("scale", [5], .constant(1.5)),
            shift: parameters.declare("shift", [5], .constant(0.25)),
            runningMean: parameters.declareStatistic("mean", 5, initially: 0),
            runningVariance: parameters.declareStatistic("variance", 5, initially: 1))
          return { input, tape in
            let pooled = tape.averagePool(input, window: Window(3))
            let ends: [[SumTerm]] = [[.maps(input)], [.maps(pooled), .maps(input)]]
            return tape.sum([
              .normalized(tape.projection(of: ends, by: filters, state, of: parameters))
            ])
          }
        }),
      .init(
        testDescription: "weighted sums by the rows of a softmax",
        build: { parameters in
          let alpha = parameters.declare("alpha", [3, 3], .normal(deviation: 1))
          return { input, tape in
            let groups = tape.softmaxRows(alpha, of: parameters, groups: [1, 2], columns: 1..<3)
            let pooled = tape.maxPool(input, window: Window(3))
            let sum = tape.weightedSum([input, pooled], weights: groups[0])
            return tape.weightedSum(
              [sum, input, pooled, tape.relu(input)], weights: groups[1])
          }
        }),
      .init(
        testDescription: "linear", shape: Shape(rows: 6, columns: 8),
        build: { parameters in
          let weights = parameters.declare("w", [8, 5], .uniformFanIn(8))
          let bias = parameters.declare("b", [5], .uniformFanIn(8))
          return { $1.linear($0, weights: weights, bias: bias, of: parameters) }
        }),
      .init(
        testDescription: "LSTM", shape: Shape(rows: 12, columns: 8),
        build: { lstm($0, dropsWeights: false) }),
      .init(
        testDescription: "LSTM with dropped weights", shape: Shape(rows: 12, columns: 8),
        build: { lstm($0, dropsWeights: true) }),
      .init(
        testDescription: "found recurrent cell", shape: Shape(rows: 12, columns: 6),
        build: { recurrentCell($0, batch: 3, isSupernet: false) }),
      .init(
        testDescription: "recurrent cell of loose ends", shape: Shape(rows: 12, columns: 6),
        build: { recurrentCell($0, batch: 3, isSupernet: false, outputs: [2, 3]) }),
      .init(
        testDescription: "recurrent supernet", shape: Shape(rows: 12, columns: 6),
        build: { recurrentCell($0, batch: 6, isSupernet: true) }),
      .init(
        testDescription: "tree cell, injected sum", shape: Shape(rows: 12, columns: 6),
        build: { treeCell($0, .add, activations: [.sigmoid, .tanh, .identity]) }),
      .init(
        testDescription: "tree cell, injected product", shape: Shape(rows: 12, columns: 6),
        build: { treeCell($0, .multiply, activations: [.tanh, .sigmoid]) }),
      .init(
        testDescription: "a mask for all time steps", shape: Shape(rows: 6, columns: 8),
        build: { _ in
          { input, tape in
            let mask = tape.dropoutMask(
              Shape(rows: 2, columns: 8), keep: 0.6, key: RandomKey(seed: 3))
            return tape.add(input, tape.masked(input, by: mask))
          }
        }),
    ]

    /// Three nodes: a chain with a state read twice, or all functions of all earlier states.
    private static func recurrentCell(
      _ parameters: Parameters, batch: Int, isSupernet: Bool, outputs: [Int]? = nil
    ) -> (Tensor, Tape) -> Tensor {
      let weights = RecurrentCellWeights(
        initial: parameters.declare("w0", [11, 10], .uniformFanIn(3)),
        nodes: (0..<3).map { parameters.declare("w\($0 + 1)", [5, 10], .uniformFanIn(3)) })
      let alpha = parameters.declare("alpha", [6, 5], .normal(deviation: 1))
      return { input, tape in
        let shape = Shape(rows: batch, columns: 5)
        let mixtures = isSupernet ? tape.softmaxRows(alpha, of: parameters) : []
        let found: [[RecurrentWiring.Edge]] = [
          [.init(from: 0, .one(.sigmoid))], [.init(from: 1, .one(.relu))],
          [.init(from: 1, .one(.tanh))],
        ]
        let mixed = (0..<3).map { node in
          (0...node).filter { _ in isSupernet }.map {
            RecurrentWiring.Edge(from: $0, .mixture(mixtures[node * (node + 1) / 2 + $0]))
          }
        }
        return tape.recurrentCell(
          input, from: tape.constant(ramp(batch * 5, 7, 11), shape),
          mask: tape.dropoutMask(shape, keep: 0.6, key: RandomKey(seed: 3)), weights,
          wiring: RecurrentWiring(
            initial: outputs == nil ? .tanh : .sigmoid, nodes: isSupernet ? mixed : found,
            outputs: outputs, isNormalized: isSupernet),
          of: parameters
        ).output
      }
    }

    /// Four leaves, both combinations, injection and cell inside; three sequences of four steps.
    private static func treeCell(
      _ parameters: Parameters, _ injection: TreeWiring.Combination,
      activations: [RecurrentActivation]
    ) -> (Tensor, Tape) -> Tensor {
      let weights = TreeCellWeights(
        input: parameters.declare("w", [6, 20], .uniformFanIn(3)),
        hidden: parameters.declare("u", [5, 20], .uniformFanIn(3)))
      let nodes = (0..<7).map { node in
        TreeWiring.Node(
          node % 3 == 1 ? .multiply : .add, activations[node % activations.count])
      }
      let wiring = TreeWiring(
        nodes: nodes, injected: 4, injection: .init(injection, .tanh), cell: 5)
      return { input, tape in
        let shape = Shape(rows: 3, columns: 5)
        let state = LSTMState(
          output: tape.constant(ramp(15, 7, 11), shape), cell: tape.constant(ramp(15, 4, 13), shape)
        )
        return tape.treeCell(
          input, from: state,
          mask: tape.dropoutMask(shape, keep: 0.6, key: RandomKey(seed: 3)), weights,
          wiring: wiring, of: parameters
        ).output
      }
    }

    /// Three sequences of four steps, from a state other than zero.
    private static func lstm(
      _ parameters: Parameters, dropsWeights: Bool
    ) -> (Tensor, Tape) -> Tensor {
      let weights = LSTMWeights(
        input: parameters.declare("w", [8, 20], .uniformFanIn(3)),
        hidden: parameters.declare("u", [5, 20], .uniformFanIn(3)),
        inputBias: parameters.declare("b", [20], .uniformFanIn(3)),
        hiddenBias: parameters.declare("c", [20], .uniformFanIn(3)))
      return { input, tape in
        let shape = Shape(rows: 3, columns: 5)
        let state = LSTMState(
          output: tape.constant(ramp(15, 7, 11), shape), cell: tape.constant(ramp(15, 4, 13), shape)
        )
        let mask = tape.dropoutMask(
          Shape(rows: 5, columns: 20), keep: dropsWeights ? 0.6 : 1, key: RandomKey(seed: 4))
        return tape.lstm(
          input, from: state, weights, hiddenMask: dropsWeights ? mask : nil, of: parameters
        ).output
      }
    }
  }

  /// Loss and gradients of the operation behind a fixed linear classifier.
  private final class Probe {
    let parameters = Parameters()
    let context: ComputeContext
    let shape: Shape
    private let apply: (Tensor, Tape) -> Tensor
    private let classifier: Parameter
    private let classes = 4

    init(_ operation: Operation, _ context: ComputeContext) {
      self.context = context
      shape = operation.shape
      apply = operation.build(parameters)
      let tape = Tape.dry(isTraining: true)
      let columns = apply(tape.empty(shape, requiresGradient: true), tape).shape.channels
      classifier = parameters.declare("classifier", [columns, classes], .uniformFanIn(1))
      parameters.allocate(in: context, key: RandomKey(seed: 5))
    }

    func loss(_ values: [Float], gradient: UnsafeMutablePointer<[Float]>? = nil) -> Double {
      let tape = Tape(context, isTraining: true)
      let input = tape.constant(values, shape, requiresGradient: true)
      parameters.clearGradients()
      let pooled = tape.globalAveragePool(apply(input, tape))
      let logits = tape.linear(pooled, weights: classifier, bias: nil, of: parameters)
      let labels = (0..<shape.batch).map { Int32($0 % classes) }
      let score = tape.softmaxCrossEntropy(logits, labels: labels, smoothing: 0.1)
      tape.backward()
      gradient?.pointee = input.gradient?.values() ?? []
      return score.loss
    }
  }

  @Test(arguments: Operation.all, BLASBackend.allCases)
  func equalsCentralDifferences(operation: Operation, blas: BLASBackend) throws {
    let context = try ComputeContext(threads: 2, blas: blas)
    let probe = Probe(operation, context)
    var generator = RandomKey(seed: 11).generator()
    // Values far from ties, so that a small step crosses no kink of max or ReLU.
    let order = generator.permutation(probe.shape.count)
    let input = order.map { (Float($0) + 0.5) / Float(order.count) * 2 - 1 }
    var gradient: [Float] = []
    _ = probe.loss(input, gradient: &gradient)
    let weightGradient = Array(try #require(probe.parameters.flatGradients))
    // Far above the tolerance, so that a gradient that is left out is seen.
    #expect(gradient.contains { abs($0) > 2e-3 })
    let step: Float = operation.isSmooth ? 4e-3 : 1 / Float(4 * order.count)
    for _ in 0..<12 {
      let index = generator.integer(below: input.count)
      let numeric = difference(step: step) { offset in
        var moved = input
        moved[index] += offset
        return probe.loss(moved)
      }
      #expect(isClose(numeric, Double(gradient[index])), "input \(index)")
    }
    let weights = try #require(probe.parameters.flatValues)
    for _ in 0..<12 {
      let index = generator.integer(below: weights.count)
      let original = weights[index]
      let numeric = difference(step: 4e-3) { offset in
        weights[index] = original + offset
        return probe.loss(input)
      }
      weights[index] = original
      #expect(isClose(numeric, Double(weightGradient[index])), "weight \(index)")
    }
  }

  private func difference(step: Float, _ loss: (Float) -> Double) -> Double {
    (loss(step) - loss(-step)) / Double(2 * step)
  }

  /// Losses are about 1 and rounded to 1e-7 in single precision; a step of 1e-3 gives 1e-4.
  private func isClose(_ numeric: Double, _ analytic: Double) -> Bool {
    abs(numeric - analytic) < 2e-4 + 0.02 * abs(analytic)
  }
}
