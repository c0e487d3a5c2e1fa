import NeuralNetworks
import SearchCore
import TensorCore

extension DARTSCells: TrainableSearchSpace {
  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int
  ) -> any Network {
    DARTSNetwork(
      cells: cells(of: architecture), channels: scale.channels, cellsPerStage: scale.cells,
      classes: classes)
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
  private let dropPathProbability: Float
  private let stack: CellStack<Cell>
  private let auxiliaryHead: AuxiliaryHead?

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - channels: C in the paper: channels of the first cells' nodes.
  ///   - cellsPerStage: Normal cells of each of the three stages.
  ///   - dropPathProbability: At the end of the training; 0.2 in the paper.
  ///   - hasAuxiliaryHead: Whether a second classifier trains along; images are then 32x32.
  public init(
    cells: CellPair, channels: Int, cellsPerStage: Int, classes: Int,
    dropPathProbability: Float = 0, hasAuxiliaryHead: Bool = false
  ) {
    let parameters = parameters
    self.dropPathProbability = dropPathProbability
    stack = CellStack(
      channels: channels, cellsPerStage: cellsPerStage, classes: classes,
      outputStates: cells.normal.output.count, isAffine: true, in: parameters
    ) { name, width, isReduction in
      Cell(
        isReduction ? cells.reduction : cells.normal, name, channels: width,
        isReduction: isReduction, in: parameters)
    }
    let count = parameters.count
    auxiliaryHead =
      hasAuxiliaryHead
      ? AuxiliaryHead(
        "auxiliary", channels: stack.auxiliaryChannels, classes: classes, in: parameters) : nil
    auxiliaryParameterCount = parameters.count - count
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    let drop = pass.map { (pass: $0, probability: dropPathProbability * $0.progress) }
    let (logits, features) = stack(images, on: tape) { cell, older, newer in
      cell(older, newer, on: tape, dropPath: drop)
    }
    guard tape.isTraining, let auxiliaryHead, let features else {
      return NetworkOutputs(logits: logits)
    }
    return NetworkOutputs(
      logits: logits, auxiliaryLogits: auxiliaryHead(features, on: tape))
  }

  /// Nodes that each add two operations; the output joins some states.
  struct Cell {
    private let name: String
    private let genotype: CellGenotype
    private let layers: [[CellOperationLayer]]

    /// Declares the operations; those that read a reduction cell's inputs have stride 2.
    init(
      _ genotype: CellGenotype, _ name: String, channels: Int, isReduction: Bool,
      in parameters: Parameters
    ) {
      self.name = name
      self.genotype = genotype
      layers = genotype.nodes.enumerated().map { index, node in
        node.inputs.enumerated().compactMap { side, input in
          CellOperationLayer(
            input.operation, "\(name).\(index).\(side)", channels: channels,
            stride: isReduction && input.state < CellGenotype.inputStates ? 2 : 1,
            style: .init(), in: parameters)
        }
      }
    }

    func callAsFunction(
      _ older: Tensor, _ newer: Tensor, on tape: Tape,
      dropPath: (pass: TrainingPass, probability: Float)?
    ) -> Tensor {
      var states = [older, newer]
      for (index, node) in genotype.nodes.enumerated() {
        let terms = zip(node.inputs, layers[index]).enumerated().map { side, input in
          let (input, layer) = input
          let output = layer(states[input.state], on: tape)
          guard let dropPath, !layer.isIdentity else { return output }
          return dropPath.pass.dropPath(
            output, "\(name).\(index).\(side)", probability: dropPath.probability, on: tape)
        }
        states.append(tape.add(terms[0], terms[1]))
      }
      return tape.concatenate(genotype.output.map { states[$0] })
    }
  }
}
