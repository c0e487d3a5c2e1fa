import NeuralNetworks
import TensorCore

extension ENASMicroSupernet {
  /// A cell holding the weights of every path.
  struct SharedCell {
    let isReduction: Bool
    /// Whether the auxiliary head reads this cell: the first one behind the second reduction.
    let isAuxiliary: Bool
    /// Halves the newer input of a reduction cell.
    private let reduction: FactorizedReduction?
    private let older: Adapter
    private let newer: Adapter
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

    /// Brings an input to the cell's channels.
    private enum Adapter {
      case identity
      case convolution(ConvolutionUnit)
      case reduction(FactorizedReduction)

      func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
        switch self {
        case .identity: input
        case .convolution(let unit): unit(input, on: tape)
        case .reduction(let reduction): reduction(input, on: tape)
        }
      }
    }

    /// Declares the weights.
    ///
    /// - Parameters:
    ///   - older: Channels of the output of the cell before the previous one.
    ///   - newer: Channels of the output of the previous cell.
    init(
      _ name: String, older: Int, newer: Int, channels: Int, isReduction: Bool, isAuxiliary: Bool,
      in parameters: Parameters
    ) {
      self.isReduction = isReduction
      self.isAuxiliary = isAuxiliary
      self.parameters = parameters
      func convolution(_ side: String, from count: Int) -> Adapter {
        count == channels
          ? .identity
          : .convolution(
            ConvolutionUnit(
              "\(name).\(side)", from: count, to: channels, kernel: 1, in: parameters))
      }
      if isReduction {
        reduction = FactorizedReduction(
          "\(name).reduction", from: newer, to: channels, in: parameters)
        // The newer output before its reduction takes the older one's place.
        self.older = .reduction(
          FactorizedReduction("\(name).older", from: newer, to: channels, in: parameters))
        self.newer = .identity
      } else {
        reduction = nil
        self.older = convolution("older", from: older)
        self.newer = convolution("newer", from: newer)
      }
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
                channels: channels, window: Window(kernel), stages: 2, in: parameters)
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
      _ older: Tensor, _ newer: Tensor, path: CellGenotype, on tape: Tape
    ) -> (older: Tensor, newer: Tensor) {
      let reduced = reduction?(newer, on: tape)
      let inputs = reduced.map { (newer, $0) } ?? (older, newer)
      var states = [self.older(inputs.0, on: tape), self.newer(inputs.1, on: tape)]
      for (node, genotype) in path.nodes.enumerated() {
        let terms = genotype.inputs.enumerated().map { side, input in
          let key = SharedKey(
            node: node, isSecond: side == 1, state: input.state, operation: input.operation)
          let state = states[input.state]
          return switch input.operation {
          case .averagePool3x3: tape.averagePool(state, window: Window(3))
          case .maxPool3x3: tape.maxPool(state, window: Window(3))
          default: separables[key].map { $0(state, on: tape) } ?? state
          }
        }
        states.append(tape.add(terms[0], terms[1]))
      }
      let looseEnds = tape.projection(
        of: path.output.map { tape.relu(states[$0]) }, by: path.output.map { finals[$0] },
        of: parameters)
      return (inputs.1, finalNormalization(looseEnds, on: tape))
    }
  }
}
