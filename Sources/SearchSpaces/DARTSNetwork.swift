import NeuralNetworks
import SearchCore
import TensorCore

extension DARTSCells: TrainableSearchSpace {
  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
    options: NetworkOptions
  ) -> any Network {
    DARTSNetwork(
      cells: cells(of: architecture), channels: scale.channels, cellsPerStage: scale.cells,
      classes: classes, options: options)
  }
}

/// The network that DARTS stacks from two found cells.
///
/// The paper has C = 36 and N = 6: 20 cells, with reductions at 6 and 13. Drop-path grows with the
/// training to its full probability and spares identities; the auxiliary head reads the second
/// reduction's output.
///
/// Source: Liu et al., arXiv 1806.09055, section 3.2, and the released code.
public final class DARTSNetwork: Network {
  public let parameters = Parameters()
  public let auxiliaryParameterCount: Int
  private let options: NetworkOptions
  private let stack: CellStack<CellBody>
  private let auxiliaryHead: AuxiliaryHead?

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - channels: C in the paper: channels of the first cells' nodes.
  ///   - cellsPerStage: Normal cells of each of the three stages.
  ///   - options: The paper has an auxiliary head, and drop-path that ends at 0.2.
  public init(
    cells: CellPair, channels: Int, cellsPerStage: Int, classes: Int,
    options: NetworkOptions = NetworkOptions()
  ) {
    let parameters = parameters
    self.options = options
    stack = CellStack(
      channels: channels, cellsPerStage: cellsPerStage, classes: classes,
      outputStates: cells.normal.output.count, isAffine: true, in: parameters
    ) { name, width, isReduction in
      CellBody(
        isReduction ? cells.reduction : cells.normal, name, channels: width,
        isReduction: isReduction, in: parameters)
    }
    let count = parameters.count
    auxiliaryHead =
      options.hasAuxiliaryHead
      ? AuxiliaryHead(
        "auxiliary", channels: stack.auxiliaryChannels, size: options.featureSize(halvings: 2),
        classes: classes, in: parameters) : nil
    auxiliaryParameterCount = parameters.count - count
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    let (logits, features) = stack(
      images, on: tape, pass: pass, dropout: options.dropout
    ) { cell, depth, older, newer in
      let dropPath = pass.map {
        ($0, options.dropPath.probability(at: $0.progress, depth: depth))
      }
      return cell.joined([older, newer], .init(dropPath: dropPath), of: parameters, on: tape)
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
    in parameters: Parameters
  ) {
    nodes = genotype.nodes.enumerated().map { index, node in
      node.inputs.enumerated().compactMap { side, input in
        let name = "\(name).\(index).\(side)"
        let stride = isReduction && input.state < CellGenotype.inputStates ? 2 : 1
        return CellOperationLayer(
          input.operation, name, channels: channels, stride: stride, style: .init(),
          in: parameters
        ).map { Edge(state: input.state, layer: $0, name: name) }
      }
    }
  }
}
