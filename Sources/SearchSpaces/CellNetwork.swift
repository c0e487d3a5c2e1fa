import NeuralNetworks
import SearchCore
import TensorCore

/// The network that a paper stacks from two cells.
///
/// Sources: NASNet (arXiv 1707.07012), AmoebaNet (arXiv 1802.01548), ENAS (arXiv 1802.03268), DARTS
/// (arXiv 1806.09055), and the released codes; `CellWiring` says what is whose.
public final class CellNetwork: LayeredNetwork {
  public let parameters = Parameters()
  public var auxiliaryParameterCount: Int { auxiliaryHead?.parameterCount ?? 0 }
  private let options: NetworkOptions
  private let stack: CellStack<CellBody>
  private let auxiliaryHead: AuxiliaryHead?

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - channels: C (F in AmoebaNet): channels of the first cells' nodes.
  ///   - cellsPerStage: N: normal cells of each of the three stages.
  ///   - options: The papers have an auxiliary head and drop-path, which spares identities.
  public init(
    cells: CellPair, wiring: CellWiring, channels: Int, cellsPerStage: Int, classes: Int,
    options: NetworkOptions = NetworkOptions()
  ) {
    let parameters = parameters
    self.options = options
    stack = CellStack(
      .init(
        channels: channels, cellsPerStage: cellsPerStage, classes: classes, wiring: wiring,
        imageChannels: options.imageChannels
      ) { ($0 ? cells.reduction : cells.normal).outputWidth }, in: parameters
    ) { name, width, isReduction in
      CellBody(
        isReduction ? cells.reduction : cells.normal, name, channels: width,
        isReduction: isReduction, wiring: wiring, in: parameters)
    }
    auxiliaryHead = AuxiliaryHead(
      options, channels: stack.auxiliaryChannels, halvings: stack.auxiliaryHalvings,
      classes: classes, in: parameters)
  }

  public var depth: Int { stack.depth { cell, inputs in cell.depth(inputs) } }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    let (logits, features) = stack(
      images, on: tape, pass: pass, dropout: options.dropout
    ) { cell, depth, inputs in
      let dropPath = pass.map {
        ($0, options.dropPath.probability(at: $0.progress, depth: depth))
      }
      return cell(inputs, .init(dropPath: dropPath), of: parameters, on: tape)
    }
    guard tape.isTraining, let auxiliaryHead, let features else {
      return NetworkOutputs(logits: logits)
    }
    return NetworkOutputs(
      logits: logits, auxiliaryLogits: auxiliaryHead(features, on: tape))
  }
}

extension CellBody {
  /// Declares a cell's operations; those that read a reduction cell's inputs have stride 2.
  fileprivate init(
    _ genotype: CellGenotype, _ name: String, channels: Int, isReduction: Bool,
    wiring: CellWiring, in parameters: Parameters
  ) {
    let inputs = CellGenotype.inputStates
    let style = CellOperationLayer.Style(stridedSkip: wiring.stridedSkip, pair: wiring.pair)
    nodes = genotype.nodes.enumerated().map { index, node in
      let edges = node.inputs.enumerated().compactMap { side, input in
        let name = "\(name).\(index).\(side)"
        let width = input.state < inputs ? 1 : genotype.nodes[input.state - inputs].width
        return CellOperationLayer(
          input.operation, name, from: width * channels, channels: channels,
          stride: isReduction && input.state < inputs ? 2 : 1, style: style, in: parameters
        ).map {
          let isSpared =
            $0.isIdentity || wiring.sparesEverySkip && input.operation == .skip
          return Edge(state: input.state, layer: $0, name: name, isDropped: !isSpared)
        }
      }
      return Node(edges: edges, isJoined: node.combiner == .concatenate)
    }
    output = genotype.output
    guard isReduction else { return }
    for state in output where state < inputs {
      reductions[state] = ConvolutionChain(
        "\(name).output.\(state)", from: channels, [.init(reducingTo: channels)],
        isRectified: false, in: parameters)
    }
  }
}
