import NeuralNetworks
import TensorCore

extension ENASMicroSupernet {
  /// A cell holding the weights of every path.
  struct SharedCell {
    let isReduction: Bool
    /// Whether the auxiliary head reads this cell: the first one behind the second reduction.
    let isAuxiliary: Bool
    /// The part of the cells up to this one.
    let depth: Float
    private let name: String
    /// Halves the newer input of a reduction cell, which is normalised already: unlike what adapts
    /// the older one, it does not rectify.
    private let reduction: ConvolutionChain?
    /// Bring the inputs to the cell's channels; `nil` where they have them.
    private let older: SeparableStage?
    private let newer: SeparableStage?
    private let separables: [SharedKey: SeparableConvolution]
    private let finals: [Parameter]
    private let finalNormalization: BatchNormalization
    private let parameters: Parameters

    /// What a separable convolution's weights belong to.
    private struct SharedKey: Hashable {
      let node: Int
      let isSecond: Bool
      let state: Int
      let operation: CellOperation
    }

    /// Declares the weights.
    ///
    /// - Parameters:
    ///   - older: Channels of the output of the cell before the previous one.
    ///   - newer: Channels of the output of the previous cell.
    init(
      _ name: String, older: Int, newer: Int, channels: Int, isReduction: Bool, isAuxiliary: Bool,
      depth: Float, in parameters: Parameters
    ) {
      self.name = name
      self.depth = depth
      self.isReduction = isReduction
      self.isAuxiliary = isAuxiliary
      self.parameters = parameters
      func adapter(_ side: String, from count: Int) -> SeparableStage? {
        count == channels
          ? nil
          : PointwiseUnit("\(name).\(side)", from: count, to: channels, in: parameters).stage
      }
      // In a reduction cell the newer output, before its reduction, takes the older one's place.
      reduction =
        isReduction
        ? ConvolutionChain(
          "\(name).reduction", from: newer, [.init(reducingTo: channels)], isRectified: false,
          in: parameters) : nil
      self.older =
        isReduction
        ? FactorizedReduction("\(name).older", from: newer, to: channels, in: parameters).stage
        : adapter("older", from: older)
      self.newer = isReduction ? nil : adapter("newer", from: newer)
      separables = Self.separables(name, channels: channels, in: parameters)
      let states = CellGenotype.inputStates + ENASMicro.nodesPerCell
      finals = (0..<states).map {
        parameters.declare(
          "\(name).final.\($0)", [1, 1, channels, channels], .heNormal(fanIn: channels))
      }
      finalNormalization = BatchNormalization("\(name).bn", channels: channels, in: parameters)
    }

    private static func separables(
      _ name: String, channels: Int, in parameters: Parameters
    ) -> [SharedKey: SeparableConvolution] {
      var weights: [SharedKey: SeparableConvolution] = [:]
      for node in 0..<ENASMicro.nodesPerCell {
        for isSecond in [false, true] {
          for state in 0..<node + CellGenotype.inputStates {
            for (operation, kernel) in [(CellOperation.separable3x3, 3), (.separable5x5, 5)] {
              let key = SharedKey(
                node: node, isSecond: isSecond, state: state, operation: operation)
              weights[key] = SeparableConvolution(
                "\(name).\(node).\(isSecond ? 1 : 0).\(state).\(operation.rawValue)",
                from: channels, to: channels, window: Window(kernel), stages: 2, in: parameters)
            }
          }
        }
      }
      return weights
    }

    /// Runs one path.
    ///
    /// - Returns: The two inputs of the next cell.
    func callAsFunction(
      _ older: Tensor, _ newer: Tensor, path: CellGenotype, _ adjustments: CellBody.Adjustments,
      on tape: Tape
    ) -> (older: Tensor, newer: Tensor) {
      let reduced = reduction.map { tape.sum([.normalized($0(newer, on: tape))]) }
      let inputs = reduced.map { [newer, $0] } ?? [older, newer]
      let adapted = zip([self.older, self.newer], inputs).map { adapter, input in
        adapter.map { tape.unit($0, input, of: parameters) } ?? input
      }
      let looseEnds = body(of: path)(
        adapted.map { .maps($0) }, adjustments, of: parameters, on: tape)
      let projected = tape.projection(
        of: looseEnds, by: path.output.map { finals[$0] }, finalNormalization.state,
        of: parameters)
      return (inputs[1], tape.sum([.normalized(projected)]))
    }

    /// The weights of one path.
    private func body(of path: CellGenotype) -> CellBody {
      CellBody(
        nodes: path.nodes.enumerated().map { node, genotype in
          let edges = genotype.inputs.enumerated().map { side, input in
            let key = SharedKey(
              node: node, isSecond: side == 1, state: input.state, operation: input.operation)
            let layer: CellOperationLayer =
              switch input.operation {
              case .averagePool3x3, .maxPool3x3:
                .pooling(
                  .init(
                    isMaximum: input.operation == .maxPool3x3, window: Window(3),
                    parameters: parameters))
              default: separables[key].map { .stages($0.stages) } ?? .identity
              }
            return CellBody.Edge(
              state: input.state, layer: layer, name: "\(name).\(node).\(side)",
              isDropped: !layer.isIdentity)
          }
          return CellBody.Node(edges: edges)
        }, output: path.output)
    }
  }
}
